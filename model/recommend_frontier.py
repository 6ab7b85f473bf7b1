"""What a plan trades: savings against risk among all plans compared, and what each limit costs that holds it back."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from model.recommend_climb import GAIN, Climb
from model.recommend_space import moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.recommend_judge import Judge, Point, Settings
    from model.recommend_pricing import LimitKey
    from model.recommend_space import Axis

MOST_POINTS: Final = 24
MOST_BINDINGS: Final = 6
ALTERNATIVES: Final = 3
RELAXED: Final = 1.1


@dataclass(frozen=True)
class FrontierPoint:
    """A plan that no other beats on both: ``risk`` is the largest share of a limit that it brings nearer (1: at it)."""

    risk: float
    npv: float
    saving_per_month_nanos: int
    settings: Settings


@dataclass(frozen=True)
class Binding:
    """A limit that keeps a plan from saving more: nanos a month if it were a tenth wider, and without it."""

    lever: str
    resource: str
    limit: str
    tenth_wider_nanos: int
    without_nanos: int

    @property
    def sentence(self) -> str:
        """Which limit, in words; amounts are shown beside."""
        what = self.limit.replace("_", " ")
        return f"{self.resource}: the limit on {what} keeps the plan from saving more."


def frontier(judge: Judge, space: Sequence[Axis], best: Point) -> tuple[FrontierPoint, ...]:
    """Plans within all limits from no change to the best, of which none has both more NPV and less risk.

    From the best plan the resource nearest to a limit is led back, step by step, to what was seen to be less near.
    """
    point = best
    while point.risk > 0.0:
        calmer = _calmer(judge, space, point)
        if calmer is None:
            break
        point = calmer
    allowed = [each for each in judge.points.values() if not each.problems and each.npv <= best.npv + GAIN]
    months = len(judge.bill.months)
    return tuple(
        FrontierPoint(each.risk, each.npv, round(each.saving_nanos / months), each.settings)
        for each in _thinned(_undominated(allowed))
    )


def bindings(judge: Judge, space: Sequence[Axis], best: Point) -> tuple[Binding, ...]:
    """Limits that alone stopped a better plan, with what they cost a month, the dearest first."""
    found: dict[LimitKey, float] = {}
    for point in judge.points.values():
        if len(point.problems) == 1 and point.npv > best.npv + GAIN:
            (limit,) = point.problems
            if judge.can_widen(point.settings, limit):
                found[limit] = max(found.get(limit, 0.0), point.npv)
    nearest = sorted(found, key=lambda key: -found[key])
    priced = [_binding(judge, space, best, limit) for limit in nearest[:MOST_BINDINGS]]
    return tuple(sorted((b for b in priced if b.without_nanos > 0), key=lambda b: -b.without_nanos))


def _binding(judge: Judge, space: Sequence[Axis], best: Point, limit: LimitKey) -> Binding:
    gains = [_gain(judge.relaxing(limit, factor), space, best, limit) for factor in (RELAXED, inf)]
    return Binding(*limit, gains[0], max(gains))


def _gain(relaxed: Judge, space: Sequence[Axis], best: Point, limit: LimitKey) -> int:
    """What a month more is saved when a limit gives way, from the best plan seen that then breaks none."""
    climb = Climb(relaxed, space)
    block = [axis for axis in space if axis.block == limit[:2] and limit in climb.limits_of(axis)]
    start = relaxed.judge(best.settings)
    for key, priced in list(relaxed.priced.items()):
        if priced.npv > start.npv:
            other = relaxed.judge(dict(key))
            start = start if other.problems else other
    found = climb.nudged(start, block)
    return round((found.saving_nanos - best.saving_nanos) / len(relaxed.bill.months)) if found.npv > best.npv else 0


def _calmer(judge: Judge, space: Sequence[Axis], point: Point) -> Point | None:
    """The best plan seen with the resource nearest to its limit as today, or as in a plan that was less near."""
    priced = judge.priced[frozenset(point.settings.items())]
    nearest = max(priced.findings, key=lambda finding: finding.share)
    responsible = [axis for axis in space if axis.key in point.settings and axis.block == nearest.limit[:2]]
    if not responsible:
        responsible = [a for a in space if a.key in point.settings and nearest.limit in judge.touched(
            moved({}, a, point.settings[a.key]))]  # fmt: skip
    keys = {axis.key for axis in responsible}
    others = {key: value for key, value in point.settings.items() if key not in keys}
    parts = [{}, *_seen(judge, keys, nearest.limit, nearest.share)]
    tried = [judge.judge({**others, **part}) for part in parts]
    calmer = [each for each in tried if not each.problems and each.risk < point.risk]
    return max(calmer, key=lambda each: each.npv, default=None)


def _seen(judge: Judge, keys: set[str], limit: LimitKey, share: float) -> list[Settings]:
    """Settings of some keys, in plans seen, that stay further from a limit; those of the highest NPV."""
    found: dict[frozenset[tuple[str, object]], tuple[float, Settings]] = {}
    for each in list(judge.points.values()):
        part = {key: value for key, value in each.settings.items() if key in keys}
        level = judge.priced[frozenset(each.settings.items())].levels.get(limit)
        if part and not each.problems and (level is None or level < share):
            known = found.get(frozenset(part.items()))
            if known is None or each.npv > known[0]:
                found[frozenset(part.items())] = (each.npv, part)
    return [part for _, part in sorted(found.values(), key=lambda item: -item[0])[:ALTERNATIVES]]


def _undominated(points: Iterable[Point]) -> list[Point]:
    """Points of which none has both a higher NPV and a lower risk, by rising risk."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda each: (each.risk, -each.npv)):
        if not kept or point.npv > kept[-1].npv + GAIN:
            kept.append(point)
    return kept


def _thinned(points: list[Point]) -> list[Point]:
    """At most so many points, evenly by place, with both ends."""
    if len(points) <= MOST_POINTS:
        return points
    return [points[round(i * (len(points) - 1) / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]
