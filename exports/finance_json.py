"""Finance figures, projection and uncertainty as parts of JSON documents: money as decimal text, ratios 0..1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.money import as_text, to_nanos

if TYPE_CHECKING:
    from model.finance import Figures


def figures_document(figures: Figures) -> dict[str, Any]:
    """What ``cli.py finance`` says of a table of flows."""
    return {
        "npv": as_text(to_nanos(figures.npv)),
        "irr_annual": figures.irr_annual,
        "irr_note": figures.irr_note,
        "payback_months": figures.payback_months,
        "discounted_payback_months": figures.discounted_payback_months,
        "roi": figures.roi,
        "roi_note": figures.roi_note,
        "convention": figures.convention,
    }
