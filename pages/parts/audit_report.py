"""The audited plan as a document for those who decide: as PDF, HTML or Markdown."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from exports.bundle import ExportError
from exports.document import Bullets, Column, Metric, Metrics, Report, Table, Text
from exports.report_html import report_html
from exports.report_markdown import report_markdown
from pages.parts import audit_charts, audit_words
from pages.parts.executive_report import chart, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from exports.document import Part
    from model.audit import Audit
    from model.audit_verdict import AuditedClaim

WIDTHS: Final = (3, 5, 3, 3, 3, 2)
AMOUNTS: Final = (3, 4)


def audit_report(audit: Audit) -> Report:
    """The answer, claimed against what stands, every verdict, what contradicts what, and what would have to be true."""
    demo = "Generated demo bill. " if audit.bill.is_demo else ""
    name = f"“{audit.plan.name}”" if audit.plan.name else "The plan"
    stands = audit.together.scenario.fingerprint
    return Report(
        f"{name}: what stands",
        f"{demo}{audit_words.basis_line(audit)}.",
        f"Cloudlever · audit {fingerprint(audit)} · what stands is scenario {stands} · bill {audit.bill.snapshot[:12]}",
        _parts(audit),
    )


def audit_pdf(audit: Audit) -> bytes:
    """The document as PDF."""
    from exports.pdf import report_pdf  # noqa: PLC0415 - typst is slow to import

    return report_pdf(audit_report(audit))


def audit_html(audit: Audit) -> bytes:
    """The document as one HTML file."""
    return report_html(audit_report(audit)).encode()


def audit_markdown(audit: Audit) -> bytes:
    """The document as Markdown."""
    return report_markdown(audit_report(audit)).encode()


FORMS: Final[dict[str, Callable[[Audit], bytes]]] = {".pdf": audit_pdf, ".html": audit_html, ".md": audit_markdown}


def report_in_form(audit: Audit, suffix: str) -> bytes:
    """The document in the form that a file's ending asks for; raises ExportError."""
    if suffix.lower() not in FORMS:
        raise ExportError(f"--report writes {', '.join(FORMS)}; {suffix or 'no ending'} is none of them.")
    return FORMS[suffix.lower()](audit)


def fingerprint(audit: Audit) -> str:
    """First 12 hex digits of SHA-256 over the claims and their verdicts."""
    told = repr([(each.claim.id, each.verdict, each.claimed_nanos, each.stands_nanos) for each in audit.claims])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _parts(audit: Audit) -> tuple[Part, ...]:
    bars = audit_charts.standing_rows(audit)
    drawn = (Text("heading", "Claimed, and what stands of it"), _bars(audit)) if bars else ()
    return (
        Text("answer", audit_words.answer_sentence(audit)),
        Metrics(tuple(Metric(*item) for item in audit_words.metrics(audit))),
        *drawn,
        Text("paragraph", audit_words.chunks(audit_words.together_sentences(audit))),
        *_contradictions(audit),
        Text("heading", "Verdict on each claim"),
        _verdicts(audit),
        Bullets(tuple(f"{audit_words.verdict_words(v)}: {told}." for v, told in audit_words.MEANINGS.items())),
        *_needed(audit),
        Text("heading", "The arithmetic"),
        *(part for each in audit.claims for part in _arithmetic(each, audit.bill.currency)),
    )


def _bars(audit: Audit) -> Part:
    rows, spec = audit_charts.standing_rows(audit), audit_charts.standing_spec(audit.bill.currency)
    return chart(rows, spec, None, name="claimed-and-stands", words=audit_charts.standing_words(audit))


def _contradictions(audit: Audit) -> tuple[Part, ...]:
    heading = Text("heading", "What the plan says against itself")
    if not audit.contradictions:
        return (heading, Text("paragraph", "Nothing: its totals, periods, shares and counts agree with each other."))
    plain = table(audit_words.CONTRADICTION_COLUMNS, audit_words.contradiction_rows(audit))
    return (
        heading,
        Table(tuple(Column(c.title, w) for c, w in zip(plain.columns, (2, 3, 8), strict=True)), plain.rows),
    )


def _verdicts(audit: Audit) -> Table:
    columns = [
        Column(title, width, i in AMOUNTS)
        for i, (title, width) in enumerate(zip(audit_words.CLAIM_COLUMNS, WIDTHS, strict=True))
    ]
    return Table(tuple(columns), tuple(audit_words.claim_rows(audit)))


def _needed(audit: Audit) -> tuple[Part, ...]:
    items = audit_words.needed_items(audit)
    return (Text("heading", "What would have to be true"), Bullets(tuple(items))) if items else ()


def _arithmetic(audited: AuditedClaim, currency: str) -> tuple[Part, ...]:
    title = Text("subheading", audit_words.claim_heading(audited, currency))
    said = (Text("note", f"It says: {audited.claim.text}"),) if audited.claim.text else ()
    return (title, *said, Bullets(audited.arithmetic))
