"""The drawings of the report: the same charts as on the pages, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.answer import moved
from model.waterfall import waterfall_alone
from pages.parts import charts, executive_charts, palette
from pages.parts.executive_report import chart
from pages.parts.wording import counted, money, month

if TYPE_CHECKING:
    from exports.document import Chart
    from model.report import PlanReport

WATERFALL_HEIGHT: Final = 220
AHEAD_HEIGHT: Final = 190
MONTHS_HEIGHT: Final = 170
MOST_BARS: Final = 8


def waterfall_chart(report: PlanReport) -> Chart:
    """From the current bill to the plan, each lever alone, then what they do to each other."""
    bars = waterfall_alone(report.outcome)
    rows = charts.waterfall_rows(bars, report.currency)
    return chart(rows, charts.waterfall_spec(report.currency), WATERFALL_HEIGHT, "from-bill-to-plan")


def ahead_chart(report: PlanReport) -> Chart | None:
    """36 months ahead with the likely range; None where nothing was drawn."""
    if report.uncertainty is None:
        return None
    currency, projection = report.currency, report.projection
    meaning = charts.meaning_of_outcome(waterfall_alone(report.outcome))
    rows = executive_charts.ahead_rows(projection, report.uncertainty, meaning)
    last = report.projection.months[-1]
    ends = [row["label"] for row in rows if row["label"]]
    words = f"Cost a month until {month(last)}, when it is: {'; '.join(ends)}."
    return chart(rows, executive_charts.ahead_spec(currency), AHEAD_HEIGHT, "months-ahead", words)


def tornado_chart(report: PlanReport) -> Chart | None:
    """What moves the present value most; None where nothing does."""
    bars = report.uncertainty.tornado[:MOST_BARS] if report.uncertainty is not None else ()
    if not bars:
        return None
    rows = executive_charts.tornado_rows(bars, report.figures.npv, report.currency)
    return chart(rows, executive_charts.tornado_spec(report.currency), None, "what-matters-most")


def months_chart(report: PlanReport) -> Chart:
    """Every invoice month of the window, now and with the plan."""
    outcome = report.outcome
    rows = moved(outcome.baseline.by_month, outcome.result.by_month)
    after = charts.meaning_of_outcome(waterfall_alone(outcome))
    drawn = charts.month_rows(rows, (), report.currency, after)
    return chart(drawn, charts.months_spec(report.currency, after), MONTHS_HEIGHT, "months")


def products_chart(report: PlanReport) -> Chart:
    """What a month of each product costs today."""
    outcome, count = report.outcome, len(report.outcome.bill.months)
    rows = moved(outcome.baseline.by_product, outcome.baseline.by_product)
    drawn = executive_charts.product_rows(rows, report.currency, count)
    words = f"A month of each product, mean of {counted(count, 'month', 'months')}: " + "; ".join(
        f"{row['title']} {row['label']}" for row in drawn
    )
    return chart(drawn, executive_charts.products_spec(report.currency), None, "products", f"{words}.")


def billed_chart(report: PlanReport) -> Chart:
    """What each month's invoice asked for, the whole bill with tax."""
    currency = report.currency
    rows = [
        {
            "month": month(each.month), "meaning": palette.CURRENT, "amount": each.billed_nanos * 1e-9, "opacity": 1.0,
            "words": f"{month(each.month)}: {money(each.billed_nanos, currency)}.",
        }
        for each in report.billed
    ]  # fmt: skip
    spec = charts.months_spec(currency, palette.CURRENT)
    single = {**spec, "encoding": {**spec["encoding"], "color": charts.COLOUR}}
    return chart(rows, single, MONTHS_HEIGHT, "billed-months")
