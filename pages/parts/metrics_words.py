"""The words of the dashboard: each figure's title, value, target and status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from model.budgets import EACH
from model.dashboard import UNIT_OF_DRIVER
from model.ledger import DELIVERED
from model.money import to_nanos
from pages.parts import palette
from pages.parts.analysis_words import each_words, named
from pages.parts.ledger_session import savings_so_far
from pages.parts.wording import counted, headline_money, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.budgets import Budget
    from model.dashboard import DashboardFigure
    from pages.parts.ledger_session import Held

MARKS: Final = {
    "met": palette.KEPT_MARK, "missed": palette.BROKEN_MARK, "no target": palette.UNJUDGED_MARK,
    "not known": palette.UNJUDGED_MARK,
}  # fmt: skip
NO_PROMISE: Final = (
    "What approved scenarios saved in the settled months since, repriced from their rows; the Promises page shows how."
)

WHERE_TYPED: Final = (
    "Budget and targets are typed under Budgets on Analysis, drivers under Unit costs; all hold for the whole bill, so "
    "filters leave targets out. Alerts and the budget are of the whole bill, whatever is filtered."
)


def value_words(figure: DashboardFigure, currency: str) -> str:
    """The value in its unit; — where it is not known."""
    if figure.value is None:
        return "—"
    if figure.key == "anomalies":
        return counted(int(figure.value), "open alert", "open alerts")
    if figure.key == "budget":
        return ratio(figure.value)
    if figure.key in UNIT_OF_DRIVER:
        return each_words(figure.value, currency)
    return headline_money(to_nanos(figure.value), currency)


def status_words(figure: DashboardFigure, currency: str) -> str:
    """Mark, status and target in a few words."""
    mark = MARKS[figure.status]
    if figure.key == "budget" and figure.value is None:
        return f"{mark} no budget is typed"
    if figure.value is None:
        return f"{mark} nothing is counted yet"
    if figure.target is None:
        return f"{mark} no target{_change(figure)}"
    if figure.key == "anomalies":
        return f"{mark} target: none open"
    if figure.key == "budget":
        return f"{mark} {'within' if figure.status == 'met' else 'above'} the budget"
    return f"{mark} {'within' if figure.status == 'met' else 'above'} {_target(figure, currency)}{_change(figure)}"


def savings_words(held: list[Held], currency: str) -> tuple[str, str]:
    """What promises saved so far, and how that stands."""
    found = savings_so_far(held, currency)
    if found is None:
        reason = "no month is settled yet" if any(each.approval.is_live for each in held) else "no promise approved yet"
        return "—", f"{MARKS['not known']} {reason}"
    realised, promised = found
    mark = MARKS["met" if realised >= DELIVERED * promised else "missed"]
    return headline_money(realised, currency), f"{mark} of {headline_money(promised, currency)} promised"


def status_sentence(figures: Sequence[tuple[str, DashboardFigure]]) -> str:
    """How the titled figures stand, in one sentence that names those that miss their target."""
    missed = [title for title, figure in figures if figure.status == "missed"]
    met = sum(figure.status == "met" for _, figure in figures)
    unjudged = sum(figure.status in ("no target", "not known") for _, figure in figures)
    first = f"Above target: {', '.join(missed)}" if missed else "No cost is above its target"
    return f"{first}. {met} within, {unjudged} without a target or not counted."


def service_rows(figures: Sequence[DashboardFigure]) -> list[dict[str, Any]]:
    """Each service with its history and budget."""
    return [
        {
            "Service": named(figure.key), "Cost": figure.value or 0.0, "By month": list(figure.history),
            "Change": ratio(figure.change), "Status": f"{MARKS[figure.status]} {figure.status}",
        }
        for figure in figures
    ]  # fmt: skip


def unit_target(budgets: Sequence[Budget], name: str) -> float | None:
    """What one unit may cost, in currency units; None where nothing is typed."""
    found = next((each for each in budgets if each.scope == EACH and each.name == name), None)
    return None if found is None else found.amount_nanos * 1e-9


def _target(figure: DashboardFigure, currency: str) -> str:
    target = figure.target or 0.0
    return each_words(target, currency) if figure.key in UNIT_OF_DRIVER else headline_money(to_nanos(target), currency)


def _change(figure: DashboardFigure) -> str:
    return "" if figure.change is None else f" · {'+' if figure.change > 0 else ''}{ratio(figure.change)}"
