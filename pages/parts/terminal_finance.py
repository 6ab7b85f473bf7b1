"""What the command line says of the months ahead: figures, and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.money import to_nanos
from model.projection import figures
from model.report_assumed import titled
from pages.parts.wording import money

if TYPE_CHECKING:
    from model.finance import Figures
    from model.projection import Projection
    from model.uncertainty import Quantiles, Uncertainty


def figures_lines(judged: Figures, currency: str = "") -> list[str]:
    """Finance figures for people, with why one is missing; plain numbers where no currency is known."""
    npv = _money(judged.npv, currency) if currency else f"{judged.npv:,.2f}"
    irr = "—" if judged.irr_annual is None else f"{judged.irr_annual:,.2%} a year"
    roi = "—" if judged.roi is None else f"{judged.roi:,.1%}"
    return [
        f"NPV {npv}",
        f"IRR {irr}" + (f" ({judged.irr_note})" if judged.irr_note else ""),
        f"Payback {_months(judged.payback_months)}, discounted {_months(judged.discounted_payback_months)}",
        f"ROI {roi}" + (f" ({judged.roi_note})" if judged.roi_note else ""),
        judged.convention,
    ]


def ahead_lines(projection: Projection, uncertainty: Uncertainty | None) -> list[str]:
    """The 36 months ahead in a few lines, and the draws where there are any."""
    currency, months = projection.currency, projection.months
    before, after = (_money(cost[-1], currency) for cost in (projection.baseline, projection.after_commitments))
    return [
        f"36 months ahead, {months[0]} to {months[-1]}: the last one costs {before} as it is, {after} with the plan.",
        *(f"  {line}" for line in figures_lines(figures(projection), currency)),
        *(f"  note: {note}" for note in projection.notes),
        *([] if uncertainty is None else drawn_lines(uncertainty, currency)),
    ]


def drawn_lines(uncertainty: Uncertainty, currency: str) -> list[str]:
    """What the draws say, and what moves them most."""
    error = uncertainty.surrogate_error
    known = "" if error is None else f"; the surface is {error:.1%} off full pricing in the mean"
    return [
        f"{uncertainty.draws:,} draws (seed {uncertainty.seed}){known}:",
        f"  saving a month {_range(uncertainty.saving_per_month, currency)}",
        f"  NPV {_range(uncertainty.npv, currency)}; probability of loss {uncertainty.probability_of_loss:.1%}",
        *(
            f"  {titled(bar.key, bar.title)}: NPV {_money(bar.npv_low, currency)} at {bar.low:g}, "
            f"{_money(bar.npv_high, currency)} at {bar.high:g}"
            for bar in uncertainty.tornado
        ),
        *(f"  note: {note}" for note in uncertainty.notes),
    ]


def _range(quantiles: Quantiles, currency: str) -> str:
    low, middle, high = (_money(q, currency) for q in (quantiles.p10, quantiles.p50, quantiles.p90))
    return f"P10 {low}, P50 {middle}, P90 {high}"


def _money(amount: float, currency: str) -> str:
    return money(to_nanos(float(amount)), currency)


def _months(payback: float | None) -> str:
    if payback is None:
        return "never"
    return "at once" if payback == 0.0 else f"after {payback:.1f} months"
