"""Query work left in the database after tuning and caching: one multiplier M for both, with its bounds.

M = Σ w_i (a_i/b_i)(1 − k_i h_i) + (1 − Σ w_i)(1 − k_0 h_0): a hit on a tuned query saves the
tuned time, not the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHARE_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class QueryWork:
    """One query at the peak hour: share w of today's work, time ratio a/b, cacheable share k (0 for writes), hits h.

    ``cacheable_share`` None: not known; the query then counts to the rest, whose cacheable share is known as a total.
    """

    work_share: float
    time_ratio: float
    cacheable_share: float | None
    hit_ratio: float
    hit_ratio_today: float = 0.0


@dataclass(frozen=True)
class WorkMultiplier:
    """M with its bounds, and M when the cache is lost (every hit ratio 0)."""

    value: float
    low: float
    high: float
    cache_lost: float


def multiplier_of_queries(
    queries: Sequence[QueryWork],
    rest_cacheable_share: float,
    rest_hit_ratio: float,
    rest_hit_ratio_today: float = 0.0,
) -> WorkMultiplier:
    """M from queries that are known one by one; what they leave of the work is the rest.

    Work is measured with today's cache in place, so each query's part is w (a/b)(1 − k h) ÷ (1 − k h_today). The bounds
    are M itself where every cacheable share is known; else the rest with those unknown has the bounds of its totals.
    With no change it is exactly 1. Raises ValueError where the shares exceed 1.

    >>> one = QueryWork(work_share=0.5, time_ratio=0.2, cacheable_share=1.0, hit_ratio=0.5)
    >>> round(multiplier_of_queries([one], 0.4, 0.5).value, 3)  # 0.5·0.2·0.5 + 0.5·0.8
    0.45
    """
    known = [(query, query.cacheable_share) for query in queries if query.cacheable_share is not None]
    unknown = [query for query in queries if query.cacheable_share is None]
    rest = 1.0 - sum(query.work_share for query, _ in known)
    if rest - sum(query.work_share for query in unknown) < -SHARE_TOLERANCE:
        raise ValueError("The work shares of the queries add up to more than 1; lower them.")
    fixed = lost = 1.0
    for query, share in known:
        today = _left(share, query.hit_ratio_today)
        fixed += query.work_share * (query.time_ratio * _left(share, query.hit_ratio, today) - 1.0)
        lost += query.work_share * (query.time_ratio * _left(share, 0.0, today) - 1.0)
    if rest <= SHARE_TOLERANCE:
        return WorkMultiplier(fixed, fixed, fixed, lost)
    tuned = 1.0 + sum(query.work_share * (query.time_ratio - 1.0) for query in unknown) / rest
    totals = multiplier_of_totals(tuned, rest_cacheable_share, rest_hit_ratio)
    today = _left(rest_cacheable_share, rest_hit_ratio_today)
    value, low, high = (
        fixed + rest * (_against(part, today) - 1.0) for part in (totals.value, totals.low, totals.high)
    )
    high = value if not unknown else high
    return WorkMultiplier(
        value, value if not unknown else low, high, lost + rest * (_against(totals.cache_lost, today) - 1.0)
    )


def _left(cacheable_share: float, hit_ratio: float, today: float = 1.0) -> float:
    """1 − k·h against today's; where today's cache answers everything nothing is known of what it hides: as it is."""
    return _against(1.0 - cacheable_share * hit_ratio, today)


def _against(after: float, today: float) -> float:
    return after / today if today > 0.0 else 1.0


def multiplier_of_totals(tuned_ratio: float, cacheable_share: float, hit_ratio: float) -> WorkMultiplier:
    """M from totals only: work ratio m_q of tuning, and k·h of the cache; m_q·(1 − k h) if the two are uncorrelated.

    Bounds over every joint distribution with time ratios and cacheable shares in 0..1 and those means:
    (1−h) m_q + h·max(0, m_q − k) ≤ M ≤ (1−h) m_q + h·min(m_q, 1 − k). With m_q > 1 (slower) the high bound is m_q.

    >>> multiplier_of_totals(1.0, 0.5, 0.8)
    WorkMultiplier(value=0.6, low=0.6, high=0.6, cache_lost=1.0)
    >>> m = multiplier_of_totals(0.3, 0.5, 0.8)
    >>> round(m.low, 3), round(m.value, 3), round(m.high, 3)
    (0.06, 0.18, 0.3)
    """
    missed = (1.0 - hit_ratio) * tuned_ratio
    low = missed + hit_ratio * max(0.0, tuned_ratio - cacheable_share * max(1.0, tuned_ratio))
    high = tuned_ratio if tuned_ratio > 1.0 else missed + hit_ratio * min(tuned_ratio, 1.0 - cacheable_share)
    value = tuned_ratio * (1.0 - cacheable_share * hit_ratio)
    return WorkMultiplier(value, min(low, value), max(high, value), tuned_ratio)


def break_even_hit_ratio(
    saving: Callable[[float], float], cost: Callable[[float], float], steps: int = 20
) -> float | None:
    """inf{h : saving(h) ≥ cost(h)} over h in (0, 1], by steps and then bisection; None where no hit ratio pays.

    A span that pays only between two steps is not seen; with a saving that grows in h and a fixed cost there is none.
    """
    grid = [(i + 1) / steps for i in range(steps)]
    reached = next((h for h in grid if saving(h) >= cost(h)), None)
    if reached is None:
        return None
    low, high = reached - 1.0 / steps, reached
    for _ in range(16):
        middle = (low + high) / 2.0
        low, high = (low, middle) if saving(middle) >= cost(middle) else (middle, high)
    return high
