"""An attribution as JSON: which lever saves what, where and when, and why the parts differ from the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.money import as_text

if TYPE_CHECKING:
    from model.attribution import Attribution, Interactions


def attribution_document(attribution: Attribution, interactions: Interactions, currency: str) -> dict[str, Any]:
    """Savings by lever and by cell (lever, product, project, resource, month); pairs of levers that interact."""
    return {
        "method": attribution.method,
        "currency": currency,
        "saving": as_text(attribution.saving_nanos),
        "by_lever": {str(lever): as_text(nanos) for (lever,), nanos in attribution.by("lever").items()},
        "cells": [
            {
                "lever": cell.lever, "product": cell.product, "project": cell.project, "resource": cell.resource,
                "month": str(cell.month), "saving": as_text(cell.saving_nanos),
            }
            for cell in attribution.cells
        ],
        "interactions": [
            {
                "levers": [pair.first, pair.second],
                "alone": [as_text(pair.first_alone_nanos), as_text(pair.second_alone_nanos)],
                "together": as_text(pair.together_nanos),
                "interaction": as_text(pair.interaction_nanos),
            }
            for pair in interactions.pairs
        ],
        "interaction_of_three_and_more": as_text(interactions.higher_nanos),
    }  # fmt: skip
