"""A recommended plan in sentences: what it saves, what holds it back, and what more saving would use up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.answer import answer
from model.horizon import HORIZON_MONTHS
from model.money import as_decimal, to_nanos
from pages.parts import palette
from pages.parts.wording import counted, escaped, headline_money, money, ratio

if TYPE_CHECKING:
    from model.recommend import FrontierPoint, Recommendation


def found_sentence(found: Recommendation) -> str:
    """What the plan saves and is worth, and how many were compared."""
    currency = found.outcome.bill.currency
    compared = counted(found.evaluations, "plan was", "plans were")
    if not found.scenario.settings:
        return f"No change is worth it within these bounds: {compared} compared, and today's settings are the best."
    told = answer(found.outcome)
    saves = f"**{escaped(headline_money(told.saving_per_month_nanos, currency))} a month**"
    worth = escaped(money(to_nanos(found.figures.npv), currency))
    changes = counted(len(found.outcome.changes), "change", "changes")
    broken = counted(len(told.broken), "limit", "limits")
    limits = f"breaks {broken} that today breaks too" if told.broken else "breaks no limit"
    return (
        f"**{escaped(found.scenario.name)}** saves {saves} by {changes}, is worth {worth} over {HORIZON_MONTHS} months "
        f"and {limits}; {compared} compared."
    )


def binding_sentences(found: Recommendation) -> list[str]:
    """Which limits hold the plan back and what each costs a month, in Markdown."""
    currency = found.outcome.bill.currency
    return [
        f"{escaped(each.sentence)} A tenth wider it would save {_a_month(each.tenth_wider_nanos, currency)} more, "
        f"without it {_a_month(each.without_nanos, currency)} more."
        for each in found.binding
    ]


def frontier_mark(point: FrontierPoint, currency: str) -> dict[str, Any]:
    """A dot of the chart."""
    worth = money(to_nanos(point.npv), currency)
    return {
        "risk": point.risk,
        "worth": point.npv,
        "meaning": palette.USAGE,
        "words": f"Worth {worth} with {ratio(point.risk)} of the nearest limit used up; "
        f"{counted(len(point.settings), 'setting', 'settings')} changed.",
    }


def frontier_row(point: FrontierPoint) -> dict[str, Any]:
    """A row of the table."""
    return {
        "Saves a month": float(as_decimal(point.saving_per_month_nanos)),
        "Net present value": float(point.npv),
        "Of the nearest limit": ratio(point.risk),
        "Settings": ", ".join(f"{key} = {value}" for key, value in sorted(dict(point.settings).items())) or "as today",
    }


def _a_month(nanos: int, currency: str) -> str:
    return escaped(f"{money(nanos, currency)} a month")
