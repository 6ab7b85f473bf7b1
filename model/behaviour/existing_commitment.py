"""What existing commitments hold, and what they still cover once usage has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unused_on_demand(
    covered: NDArray[np.float64], fee: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """On-demand units per slot (H,) that existing commitments could have covered beyond ``covered``; at least 0.

    Both billing models, told apart per slot since a migration month holds both: where offsets (≤ 0) stand or nothing is
    covered, the unused fee is fee + offset, worth Σcovered ÷ Σ|offset| on-demand units per unit of fee. Slots that
    are covered without an offset are legacy: a commitment is taken as fully used in its best hour, so it covers
    fee × max(covered ÷ fee). Where fees are not hourly nothing is claimed: what was covered is the lower bound.
    """
    if not fee.any():
        return np.zeros_like(covered)
    fee_hours = np.count_nonzero(fee > 0.0)
    if 2 * fee_hours <= np.count_nonzero(covered > 0.0) or not fee_hours:
        return np.zeros_like(covered)
    legacy = is_legacy(covered, offset)
    return np.where(legacy, _unused_legacy(covered, fee, legacy), _unused_with_offset(covered, fee, offset))


def is_legacy(covered: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Slots (H,) without fee offsets (the legacy model): all where there are none, else those covered without one."""
    result: NDArray[np.bool_] = (offset == 0.0) & ((covered > 0.0) | (not offset.any()))
    return result


def _unused_with_offset(
    covered: NDArray[np.float64], fee: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    used = offset < 0.0
    worth = max(1.0, float(covered[used].sum() / -offset[used].sum())) if used.any() else 1.0
    return np.maximum(0.0, (fee + offset) * worth)


def _unused_legacy(
    covered: NDArray[np.float64], fee: NDArray[np.float64], legacy: NDArray[np.bool_]
) -> NDArray[np.float64]:
    paid = legacy & (fee > 0.0)
    worth = float(np.max(covered[paid] / fee[paid])) if paid.any() else 0.0
    return np.maximum(0.0, fee * worth - covered) if worth >= 1.0 else np.zeros_like(covered)


def covered_after(
    before: NDArray[np.float64],
    covered: NDArray[np.float64],
    after: NDArray[np.float64],
    unused: NDArray[np.float64],
) -> NDArray[np.float64]:
    """On-demand units per class and slot (K, H) that existing commitments cover once usage is ``after``.

    ``before`` is eligible + covered, ``covered`` what was covered, all (K, H); ``unused`` (H,) is capacity left over,
    and counts only in slots where nothing eligible was left uncovered (else the commitment was full). Each class keeps
    what covered it as far as its usage is still there; what comes free goes to the other classes pro rata. With
    ``after`` = ``before`` the result is ``covered`` exactly.
    """
    if not covered.any() and not unused.any():
        return covered
    was_full = (before - covered).sum(axis=0) > 0.0
    kept = np.minimum(covered, after)
    rest = after - kept
    spare = (covered - kept).sum(axis=0) + np.where(was_full, 0.0, unused)
    wanted = rest.sum(axis=0)
    share = np.minimum(1.0, np.divide(spare, wanted, out=np.zeros_like(spare), where=wanted > 0.0))
    result: NDArray[np.float64] = kept + rest * share
    return result
