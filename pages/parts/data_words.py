"""How the Data page writes what it shows: files, times, checks, facts, and a CSV that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pages.parts.palette import BROKEN_MARK, KEPT_MARK, UNJUDGED_MARK
from pages.parts.wording import MINUS, day, money, month, months

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data.facts import Fact
    from data.importing import ImportReport, SourceReport
    from data.reconcile import Check
    from data.trail import QuarantineRow
    from data.workspace import Load
    from pages.parts.data_state import Overview
    from pages.parts.import_job import Standing

RESULTS: Final = {True: f"{KEPT_MARK} passed", False: f"{BROKEN_MARK} failed", None: f"{UNJUDGED_MARK} open"}
CENT, WHOLE_NANO = Decimal("0.01"), Decimal("1e-9")


def file_name(path: str) -> str:
    """The last part of a path."""
    return Path(path).name


def when(iso: str) -> str:
    """A recorded time for people.

    >>> when("2026-11-24T07:05:03.192458+00:00")
    '24 Nov 2026, 07:05 UTC'
    """
    time = datetime.fromisoformat(iso)
    return f"{day(time.date())}, {time:%H:%M} UTC"


def load_row(load: Load) -> dict[str, Any]:
    """One line of the table of what is loaded."""
    return {
        "File": file_name(load.path), "Bill": "demo (generated)" if load.is_demo else "real", "Export": load.kind,
        "Rows": load.rows_accepted, "Set aside": load.rows_quarantined, "Added": when(load.committed_at),
        "Where": load.path,
    }  # fmt: skip


def load_label(load: Load) -> str:
    """A load in a list to choose from; two files may share a name, so the time stands with it."""
    return f"{file_name(load.path)} · {load.rows_accepted:,} rows · {when(load.committed_at)}"


def answer(found: Overview, loads: Sequence[Load]) -> str:
    """The page's answer in one sentence per currency."""
    rows, aside = sum(load.rows_accepted for load in loads), sum(load.rows_quarantined for load in loads)
    files = "1 file" if len(loads) == 1 else f"{len(loads)} files"
    held = f"{aside:,} set aside" if aside else "none set aside"
    sentences = [f"{rows:,} rows from {files}, {held}."]
    for total in found.totals:
        span = tuple(sorted({*found.settled[total.currency], *found.unsettled[total.currency]}))
        until = found.settled_until[total.currency]
        settled = f", settled until {day(until)}" if until else ""
        spent = f"{money(total.net_nanos, total.currency)} net of credits"
        sentences.append(f"{spent}, {months(span) if span else 'no invoice month'}{settled}.")
    return " ".join(sentences)


def month_rows(found: Overview, currency: str) -> list[dict[str, Any]]:
    """Net per invoice month for the chart: month, amount, whether settled, and the tooltip's words."""
    settled = set(found.settled[currency])
    rows = []
    for row in found.by_month:
        number = row.keys["invoice_month"]
        if row.currency != currency or not isinstance(number, int):
            continue
        rows.append({"month": month(number), "amount": row.net_nanos / 1e9, "settled": number in settled,
                     "words": money(row.net_nanos, currency)})  # fmt: skip
    return rows


def standing_line(standing: Standing) -> str:
    """How far an import is, in words."""
    if not standing.file_name:
        return "Getting ready…"
    left = standing.seconds_left
    time_left = "" if left is None else f", {_duration(left)} left"
    rate = f"{standing.rows:,} rows, {standing.rows_per_second:,.0f} rows/s"
    return f"{standing.file_name}: {standing.fraction:.0%}, {rate}{time_left}"


def source_line(source: SourceReport) -> str:
    """What became of one file, in one sentence."""
    name = file_name(source.path)
    if source.already_loaded:
        return f"{name} was loaded already; it counts once."
    aside = f"; {source.rows_quarantined:,} were set aside (see below)" if source.rows_quarantined else ""
    return f"{name}: {source.rows_accepted:,} rows of a {source.kind} export were added{aside}."


def refusal_lines(report: ImportReport) -> list[str]:
    """The sentences of the files that were not taken."""
    return [without_folder(source.refused or "", source.path) for source in report.refused]


def without_folder(sentence: str, path: str) -> str:
    """A sentence that names a file by its name alone: nobody chose the folder that an upload lies in."""
    return sentence.replace(path, file_name(path))


def fact_row(fact: Fact) -> dict[str, str]:
    """One line of the facts table."""
    product, _, rest = fact.key.partition(".")
    resource, _, parameter = rest.rpartition(".")
    return {"Product": product, "Resource": resource, "Parameter": parameter, "Value": fact_value(fact.value),
            "Read from": fact.source, "Key": fact.key}  # fmt: skip


def fact_value(value: float | str | bool) -> str:  # noqa: FBT001 - a fact may be a flag
    """A fact's value as text.

    >>> fact_value(True), fact_value(5.0), fact_value(0.1234567)
    ('yes', '5', '0.1235')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e4 else f"{value:,.0f}" if isinstance(
        value, float | int
    ) else value  # fmt: skip


def check_row(check: Check) -> dict[str, str]:
    """One line of the table of checks."""
    return {
        "Result": RESULTS[check.passed], "Check": check.name, "Expected": amount(check.expected, check.currency),
        "Found": amount(check.actual, check.currency), "Difference": amount(check.residual, check.currency),
        "In words": check.sentence,
    }  # fmt: skip


def checks_line(checks: Sequence[Check]) -> str:
    """How the checks came out, in one sentence."""
    counts = {result: sum(check.passed is result for check in checks) for result in (True, False, None)}
    words = [f"{counts[result]} {word}" for result, word in ((True, "passed"), (False, "failed"), (None, "open"))
             if counts[result]]  # fmt: skip
    return f"Of {len(checks)} checks, {', '.join(words)}."


def amount(value: Decimal | None, currency: str | None) -> str:
    """A check's figure: money to the cent (what is smaller in full), a count, or — where there is none.

    >>> amount(Decimal("-12.5"), "USD"), amount(Decimal(12000), None), amount(Decimal("1E-10"), "USD")
    ('−$12.50', '12,000', 'USD 0.0000000001')
    """
    if value is None:
        return "—"
    if currency is None:
        return f"{value:,f}".replace("-", MINUS)
    if value and abs(value) < CENT:
        return f"{currency} {value.normalize():f}".replace("-", MINUS)
    return money(int(value.quantize(WHOLE_NANO, ROUND_HALF_UP).scaleb(9)), currency)


def quarantine_row(row: QuarantineRow) -> dict[str, Any]:
    """One line that was set aside; '—' where the row states no amount."""
    return {"File": file_name(row.path), "Row": row.row_number, "Column": row.column_name or "the whole row",
            "Reason": row.reason, "Amount as written": row.amount_text or "—"}  # fmt: skip


def invoice_lines(rows: Iterable[dict[str, Any]]) -> str:
    """Typed invoice totals in the form of the CSV; wholly empty rows are left out."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("invoice_month", "currency", "amount"))
    for row in rows:
        cells = [_typed(row.get(name)) for name in ("Month", "Currency", "Amount")]
        if cells[0] or cells[2]:
            writer.writerow(cells)
    return text.getvalue()


def _typed(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
