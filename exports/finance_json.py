"""Finance figures, projection and uncertainty as parts of JSON documents: money as decimal text, ratios 0..1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.money import as_text, to_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.finance import Figures
    from model.projection import Projection
    from model.uncertainty import Quantiles, Uncertainty


def figures_document(figures: Figures) -> dict[str, Any]:
    """What ``cli.py finance`` says of a table of flows."""
    return {
        "npv": _text(figures.npv),
        "irr_annual": figures.irr_annual,
        "irr_note": figures.irr_note,
        "payback_months": figures.payback_months,
        "discounted_payback_months": figures.discounted_payback_months,
        "roi": figures.roi,
        "roi_note": figures.roi_note,
        "convention": figures.convention,
    }


def projection_document(projection: Projection) -> dict[str, Any]:
    """The months ahead: cost as it is and with the plan, and the flows between them."""
    baseline, usage, after = projection.baseline, projection.after_usage, projection.after_commitments
    return {
        "currency": projection.currency,
        "one_off_cost": _text(projection.one_off),
        "recurring_cost_per_month": _text(projection.recurring),
        "discount_rate_per_year": projection.rate_per_year,
        "run_rate_per_month": _text(projection.run_rate),
        "effective_savings_rate": {"now": projection.esr_now, "plan": projection.esr_plan},
        "by_month": [
            {
                "month": str(month), "demand": float(projection.demand[k]), "prices": float(projection.prices[k]),
                "baseline": _text(baseline[k]), "after_usage": _text(usage[k]), "after_commitments": _text(after[k]),
                "shortfall": _text(projection.shortfall[k]), "flow": _text(projection.flows[k + 1]),
                "discounted": _text(projection.discounted[k + 1]),
            }
            for k, month in enumerate(projection.months)
        ],
        "notes": list(projection.notes),
    }  # fmt: skip


def uncertainty_document(uncertainty: Uncertainty, months: Iterable[int]) -> dict[str, Any]:
    """What the draws say of the saving a month and of the present value."""
    return {
        "draws": uncertainty.draws,
        "seed": uncertainty.seed,
        "saving_per_month": _quantiles(uncertainty.saving_per_month),
        "npv": _quantiles(uncertainty.npv),
        "by_month": [
            {"month": str(month), **dict(zip(("p10", "p50", "p90"), map(_text, row), strict=True))}
            for month, row in zip(months, uncertainty.by_month, strict=True)
        ],
        "probability_of_loss": uncertainty.probability_of_loss,
        "tornado": [
            {
                "key": bar.key, "title": bar.title, "low": bar.low, "high": bar.high,
                "npv_low": _text(bar.npv_low), "npv_high": _text(bar.npv_high),
            }
            for bar in uncertainty.tornado
        ],
        "surrogate_error": uncertainty.surrogate_error,
        "notes": list(uncertainty.notes),
    }  # fmt: skip


def _quantiles(quantiles: Quantiles) -> dict[str, str]:
    return {"p10": _text(quantiles.p10), "p50": _text(quantiles.p50), "p90": _text(quantiles.p90)}


def _text(amount: float) -> str:
    return as_text(to_nanos(float(amount)))
