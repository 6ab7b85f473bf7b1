"""An audited plan in words: the answer, its figures, and a row for each claim and contradiction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.audit_savings import left_words
from model.claims import COST, SAVES, span
from model.plan import BASIS
from pages.parts.wording import counted, headline_money, money, months, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.audit import Audit
    from model.audit_verdict import AuditedClaim, Verdict

TITLES: Final[dict[Verdict, str]] = {
    "reproduced": "reproduced", "partly": "partly", "double_counted": "double counted", "impossible": "impossible",
    "unverifiable": "unverifiable",
}  # fmt: skip
MARKS: Final[dict[Verdict, str]] = {
    "reproduced": "●", "partly": "◐", "double_counted": "◆", "impossible": "▲", "unverifiable": "○",
}  # fmt: skip
"""Shapes beside the words, so that no verdict is told by colour alone."""
MEANINGS: Final[dict[Verdict, str]] = {
    "reproduced": "the bill or the repriced settings give at least 95 % of a saving, or a cost within 1 %",
    "partly": "less than that stands without breaking a limit",
    "double_counted": "it stands alone, but claims beside it count the same dollars",
    "impossible": "more than there is to save, no such setting, nothing within the limits, or figures that contradict",
    "unverifiable": "neither bill nor settings can tell",
}  # fmt: skip
RULES: Final = {
    "total": "Does not add up", "period": "Does not multiply", "difference": "Does not subtract",
    "percentage": "Percentage off", "share": "Share off", "count": "Counted wrong", "base": "More than its base",
    "twice": "Counted twice", "payback": "Too early back", "ineligible": "Not eligible", "discount": "No such discount",
}  # fmt: skip
CLAIM_COLUMNS: Final = ("Claim", "It says", "Verdict", "Claimed", "Stands", "Period")
CONTRADICTION_COLUMNS: Final = ("What is wrong", "Claims", "The sums")
UNKNOWN: Final = "—"


def answer_sentence(audit: Audit) -> str:
    """How much of what is claimed stands, how many claims hold, and what the plan says against itself; plain text."""
    currency, claimed, stands = audit.bill.currency, audit.claimed_per_month_nanos, audit.stands_per_month_nanos
    found = counted(len(audit.contradictions), "contradiction", "contradictions")
    against = f"{found} in its figures" if audit.contradictions else "no contradiction in its figures"
    counts = f"{audit.count('reproduced')} of {counted(len(audit.claims), 'claim', 'claims')} reproduced, {against}."
    if claimed <= 0:
        return f"The plan claims no saving: {counts}"
    share = f" ({ratio(stands / claimed)})"
    lead = f"Of {headline_money(claimed, currency)} a month that is claimed, {headline_money(stands, currency)} stands"
    return f"{lead}{share}: {counts}"


def metrics(audit: Audit) -> list[tuple[str, str, str]]:
    """Label, value and what stands beside it."""
    currency, claimed, stands = audit.bill.currency, audit.claimed_per_month_nanos, audit.stands_per_month_nanos
    share = ratio(stands / claimed) if claimed > 0 else UNKNOWN
    return [
        ("Claimed a month", money(claimed, currency), "each dollar once"),
        ("Stands a month", money(stands, currency), f"{share}, repriced once, together"),
        ("Reproduced", f"{audit.count('reproduced')} of {len(audit.claims)}", _others(audit)),
        ("Contradictions", str(len(audit.contradictions)), "figures that cannot all be true"),
    ]


def _others(audit: Audit) -> str:
    """The two verdicts that say most beside the reproduced ones."""
    counts = [
        f"{audit.count(verdict)} {TITLES[verdict]}" for verdict in ("impossible", "partly") if audit.count(verdict)
    ]
    return ", ".join(counts) or "none impossible"


def basis_line(audit: Audit) -> str:
    """What the figures are of."""
    return f"{months(audit.bill.months)}, {audit.bill.currency}, savings as {BASIS}, a month at the mean of the window"


def verdict_words(verdict: Verdict) -> str:
    """A verdict with its mark."""
    return f"{MARKS[verdict]} {TITLES[verdict]}"


def claim_rows(audit: Audit) -> list[tuple[str, ...]]:
    """A row for each claim, in the plan's order."""
    currency = audit.bill.currency
    return [
        (
            each.claim.id, each.claim.text, verdict_words(each.verdict), _amount(each.claimed_nanos, currency),
            _amount(each.stands_nanos, currency), "" if each.claimed_nanos is None else span(each.months),
        )
        for each in audit.claims
    ]  # fmt: skip


def contradiction_rows(audit: Audit) -> list[tuple[str, ...]]:
    """A row for each contradiction."""
    return [(RULES[each.rule], ", ".join(each.ids), each.sentence) for each in audit.contradictions]


def claim_heading(audited: AuditedClaim, currency: str) -> str:
    """One line for a claim: verdict, id, and what stands of what is claimed."""
    return " · ".join(
        filter(None, (verdict_words(audited.verdict), audited.claim.id, standing_words(audited, currency)))
    )


def standing_words(audited: AuditedClaim, currency: str) -> str:
    """What stands of what is claimed, in words; '' where no amount is."""
    if audited.claimed_nanos is None:
        return ""
    claimed = f"{money(audited.claimed_nanos, currency)} {span(audited.months)}"
    if audited.stands_nanos is None:
        return f"{claimed} claimed, not known what stands"
    return f"{claimed} claimed, {money(audited.stands_nanos, currency)} stands"


def together_sentences(audit: Audit) -> list[str]:
    """What is claimed by verdict, what the joint repricing is made of, and what it leaves out."""
    currency, together = audit.bill.currency, audit.together
    shares = [f"{money(nanos, currency)} {TITLES[verdict]}" for verdict, nanos in audit.claimed_by_verdict if nanos]
    told = [f"Of what is claimed a month: {', '.join(shares)}."] if shares else []
    if not together.settings and not audit.left_as_today:
        return [*told, "No claim names settings that this bill has, so nothing could be repriced."]
    stands = money(audit.stands_per_month_nanos, currency)
    told += [
        f"All settings that claims name and that break no limit, repriced once: {stands} a month.",
        "It is not the sum of the claims: what they do to each other is in it.",
    ]
    if audit.left_as_today:
        told.append(f"Left as today, since a limit would break: {left_words(audit.left_as_today)}.")
    if audit.alternatives:
        told.append(f"Set differently by several claims, the last one counts: {left_words(audit.alternatives)}.")
    return told


def needed_items(audit: Audit) -> list[str]:
    """What would have to be true, for each claim that does not hold; restated ones are told of what they restate."""
    return [f"{each.claim.id}: {each.needed}" for each in audit.claims if each.needed and not _is_repeated(each)]


def charted(audit: Audit) -> list[AuditedClaim]:
    """Claims with a bar: single savings, none restated or a total, the largest first."""
    found = [
        each for each in audit.claims
        if each.claimed_nanos and not each.claim.of and not each.claim.sum_of and not _is_cost(each)
        and each.claim.over(SAVES, 1) is not None
    ]  # fmt: skip
    return sorted(found, key=lambda each: -per_month(each.claimed_nanos, each.months))


def per_month(nanos: int | None, over_months: int) -> int:
    """An amount as one of a month."""
    return (nanos or 0) // over_months


def chunks(items: Sequence[str]) -> str:
    """Sentences as one paragraph."""
    return " ".join(items)


def _is_cost(audited: AuditedClaim) -> bool:
    return (audited.claim.headline or ("",))[0] == COST


def _is_repeated(audited: AuditedClaim) -> bool:
    return audited.needed.startswith("The same as for ")


def _amount(nanos: int | None, currency: str) -> str:
    return UNKNOWN if nanos is None else money(nanos, currency)
