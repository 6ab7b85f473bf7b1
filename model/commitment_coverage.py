"""Coverage by weekday and hour: where commitments, standing and planned, find usage and where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.commitment_curve import covered_by_class, paid_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.behaviour.commitment_curve import FillOrder
    from model.bill import HourAxis

    Floats = NDArray[np.float64]

EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday; Monday is 0."""


@dataclass(frozen=True, eq=False)
class HourlyCoverage:
    """Monday to Sunday × UTC hour (7, 24): share of eligible on-demand cost that is covered, NaN where there is none.

    ``usage`` is the mean eligible on-demand cost of such an hour, ``used`` the share of the planned commitment that
    finds usage then (NaN where nothing is planned).
    """

    coverage: Floats
    usage: Floats
    used: Floats


def hourly_coverage(
    axis: HourAxis,
    usage: tuple[Floats, Floats],
    classes: tuple[str, ...],
    rates: Mapping[str, float],
    commit_per_hour: float,
    fill_order: FillOrder,
) -> HourlyCoverage:
    """Fold calendar hours; ``usage`` is what is eligible and what existing commitments cover of it (K, C) each."""
    eligible, standing = usage
    rows = [k for k, key in enumerate(classes) if key in rates]
    discounts = [rates[classes[k]] for k in rows]
    left = (eligible - standing)[rows]
    planned = covered_by_class(left, discounts, commit_per_hour, fill_order) if rows else left
    paid = planned * np.array([paid_ratio(d) for d in discounts]).reshape(-1, 1)
    hour = axis.hour[axis.is_calendar]
    place = ((hour // 24 + EPOCH_WEEKDAY) % 7) * 24 + hour % 24

    def folded(amounts: Floats) -> Floats:
        return np.bincount(place, amounts, 7 * 24).reshape(7, 24).astype(np.float64)

    total, count = folded(eligible.sum(axis=0)), folded(np.ones(len(hour)))
    covered = folded(standing.sum(axis=0) + planned.sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return HourlyCoverage(
            coverage=np.where(total > 0.0, covered / total, np.nan),
            usage=np.where(count > 0.0, total / count, np.nan),
            used=np.where(count * commit_per_hour > 0.0, folded(paid.sum(axis=0)) / (count * commit_per_hour), np.nan),
        )
