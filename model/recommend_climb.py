"""Climbing one resource's settings: along each, back within limits, along limits that two share.

The settings of a resource are moved with the others as they are; whatever was judged before is not judged again.
"""

from __future__ import annotations

from itertools import combinations, permutations
from math import inf
from typing import TYPE_CHECKING, Final

from model.recommend_space import COMMITMENTS, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.parameter import Value
    from model.recommend_judge import Judge, Point, Settings
    from model.recommend_pricing import LimitKey
    from model.recommend_space import Axis

DEMAND_LEVERS: Final = ("queries", "cache")
"""They take work off databases and services, so their worth shows only once those are sized anew."""
REPAIR_ROUNDS: Final = 3
TRIED_PER_AXIS: Final = 3
WORSE_IN_TURN: Final = 2
TIGHT: Final = 0.8
"""Share of a limit from which two settings are taken along it together."""
GAIN: Final = 1e-6
"""Least NPV, in currency units, for which another plan counts as better."""


class Climb:
    """Climbs over some axes; ``worth_a_change`` is the least NPV for which it is worth going on."""

    def __init__(self, judge: Judge, axes: Sequence[Axis], worth_a_change: float = 0.0) -> None:
        self.judge = judge
        self.axes = tuple(axes)
        self.worth_a_change = max(worth_a_change, GAIN)
        self._touched: dict[str, frozenset[LimitKey]] = {}
        self._hopeless: set[tuple[str, Value]] = set()
        self._useless: set[tuple[str, frozenset[LimitKey]]] = set()

    def climb(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of one resource's settings with the others as they are; of its kinds, each with its own sizes."""
        sizes = [axis for axis in block if axis.step]
        point = self._climbed(point, sizes or block)
        for axis in block:
            if sizes and not axis.step and not self._is_dead(axis):
                for kinds in axis.outwards(point.settings.get(axis.key, axis.current)):
                    point = self._along_kinds(point, axis, kinds, [other for other in block if other is not axis])
        return point

    def _along_kinds(self, point: Point, axis: Axis, kinds: Sequence[Value], others: Sequence[Axis]) -> Point:
        """The best of some kinds, each with its own sizes, until two in turn are no better than the one before them."""
        last, worse = point, 0
        for value in kinds:
            start = self.judge.judge(moved(point.settings, axis, value))
            start = self._within_limits(start, axis, (axis, *others), -inf)
            found = start if start.problems else self._climbed(start, others, point.npv)
            worse = 0 if is_better(found, last) and not found.problems else worse + 1
            last = found
            point = found if is_better(found, point) else point
            if worse >= WORSE_IN_TURN:
                break
        return point

    def _climbed(self, point: Point, block: Sequence[Axis], rival: float = -inf) -> Point:
        """The best along each setting in turn, then along ridges, until none helps.

        Given up where the last round brought less than twice what is missing to a rival NPV: rounds bring ever less.
        """
        while True:
            before = point
            for axis in block:
                point = self._along(point, axis, block)
            if 2.0 * (rival - point.npv) > point.npv - before.npv:
                return point
            if not self._is_worth_more(point, before):
                return self._along_ridges(point, block)

    def _along(self, point: Point, axis: Axis, block: Sequence[Axis]) -> Point:
        """The best value of one setting: the values worth trying, then between and beside the best one."""
        values = [value for value in axis.values if (axis.key, value) not in self._hopeless]
        tried = {value: self.judge.judge(moved(point.settings, axis, value)) for value in values}
        best = max([point, *tried.values()], key=lambda each: each.rank)
        best = self._refined(best, axis, tried) if self._is_live(tried.values()) else best
        promising = {
            v: each for v, each in tried.items() if each.problems and each.npv > best.npv + self.worth_a_change
        }
        lost = {v for v, each in promising.items() if not self._ways_back(each.problems, axis, block)}
        self._hopeless |= {(axis.key, value) for value in lost}
        left = [each for value, each in promising.items() if value not in lost]
        for each in sorted(left, key=lambda each: each.excess)[:TRIED_PER_AXIS]:
            back = self._within_limits(each, axis, block, best.npv + self.worth_a_change)
            best = back if is_better(back, best) else best
        return best

    @staticmethod
    def _is_live(points: Iterable[Point]) -> bool:
        """Whether a setting moves the worth at all; one that does not is left where it is."""
        worths = [each.npv for each in points]
        return max(worths, default=0.0) - min(worths, default=0.0) > GAIN

    def _refined(self, best: Point, axis: Axis, tried: dict[Value, Point]) -> Point:
        """Halve the distance to the neighbours of the best value, down to steps beside it where steps are large."""
        while True:
            at = best.settings.get(axis.key, axis.current)
            near = [value for value in axis.between(at, tried) if value not in tried]
            if not near and axis.has_large_steps(at):
                near = [value for value in axis.beside(at) if value not in tried]
            if not near:
                return best
            for value in near:
                tried[value] = self.judge.judge(moved(best.settings, axis, value))
                best = max(best, tried[value], key=lambda each: each.rank)

    def _within_limits(self, point: Point, fixed: Axis, block: Sequence[Axis], least: float) -> Point:
        """Lead a promising plan back within its limits by moving what touches them; its NPV stays above the least."""
        for _ in range(REPAIR_ROUNDS):
            found = point
            for axis in self._ways_back(point.problems, fixed, block):
                tried = {value: self.judge.judge(moved(point.settings, axis, value)) for value in axis.values}
                best = max([found, *tried.values()], key=lambda each: each.rank)
                if axis.block != block[0].block and all(each.excess >= point.excess for each in tried.values()):
                    self._useless.add((axis.key, point.problems))
                if not best.problems:
                    best = self._refined(best, axis, tried) if self._is_live(tried.values()) else best
                    if best.npv > least + GAIN:
                        return best
                elif best.npv > least + GAIN:
                    found = best
            if found is point:
                return point
            point = found
        return point

    def _ways_back(self, problems: frozenset[LimitKey], fixed: Axis, block: Sequence[Axis]) -> list[Axis]:
        """Axes that move one of some limits, the block's own first; none if one of the limits has no such axis."""
        foreign = [axis for axis in self.axes if axis.block != block[0].block]
        others = [
            axis
            for axis in foreign
            if axis.lever not in (*DEMAND_LEVERS, COMMITMENTS) and (axis.key, problems) not in self._useless
        ]
        reach = {axis.key: self.limits_of(axis) & problems for axis in (*block, *others) if axis.key != fixed.key}
        if frozenset().union(*reach.values()) != problems:
            return []
        return [axis for axis in (*block, *others) if reach.get(axis.key)]

    def limits_of(self, axis: Axis) -> frozenset[LimitKey]:
        """Limits that a setting alone moves, from today, at either end."""
        if axis.key not in self._touched:
            ends = [self.judge.touched(moved({}, axis, value)) for value in (axis.values[0], axis.values[-1])]
            self._touched[axis.key] = ends[0] | ends[1]
        return self._touched[axis.key]

    def polished(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of a resource's settings near where they stand: their neighbours, one and two at a time."""
        live = [axis for axis in block if not self._is_dead(axis)]
        while True:
            before = point = self.nudged(point, live)
            for first, second in combinations(live, 2):
                for one in _near(first, point):
                    for other in _near(second, point):
                        point = self.better(point, moved(moved(point.settings, first, one), second, other))
            point = self._along_ridges(point, live)
            if not self._is_worth_more(point, before):
                return point

    def nudged(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of a resource's settings by their neighbours and single steps, one at a time."""
        while True:
            before = point
            for axis in block:
                for value in (*_near(axis, point), *axis.beside(point.settings.get(axis.key, axis.current))):
                    point = self.better(point, moved(point.settings, axis, value))
            if not self._is_worth_more(point, before):
                return point

    def _along_ridges(self, point: Point, block: Sequence[Axis]) -> Point:
        """Follow a limit that two settings share: step one, and set the other to what then fits best."""
        for first, second in permutations((axis for axis in block if axis.step and self._pays(point, axis)), 2):
            shared = self.limits_of(first) & self.limits_of(second)
            while self.judge.nearest(point.settings, shared) >= TIGHT:
                at = point.settings.get(first.key, first.current)
                before = point
                steps = first.beside(at) if first.has_large_steps(at) else first.between(at, first.values)
                for value in steps:
                    start = self.judge.judge(moved(before.settings, first, value))
                    tried = {
                        each: self.judge.judge(moved(start.settings, second, each)) for each in _near(second, start)
                    }
                    tried[start.settings.get(second.key, second.current)] = start
                    best = max([start, *tried.values()], key=lambda each: each.rank)
                    found = self._refined(best, second, tried)
                    point = found if is_better(found, point) else point
                if not self._is_worth_more(point, before):
                    break
        return point

    def _pays(self, point: Point, axis: Axis) -> bool:
        """Whether a setting alone is worth something near where a plan stands."""
        near = [self.judge.judge(moved(point.settings, axis, value)) for value in _near(axis, point)]
        return any(abs(each.npv - point.npv) > self.worth_a_change for each in near)

    def _is_worth_more(self, point: Point, than: Point) -> bool:
        """Whether a plan is enough better to go on from it."""
        return point.excess < than.excess or point.npv > than.npv + self.worth_a_change / 4.0

    def _is_dead(self, axis: Axis) -> bool:
        """Whether a setting alone moves neither worth nor a limit, at either end."""
        ends = [self.judge.judge(moved({}, axis, value)) for value in (axis.values[0], axis.values[-1])]
        return not self.limits_of(axis) and not self._is_live([self.judge.judge({}), *ends])

    def better(self, point: Point, settings: Settings) -> Point:
        """The plan, or the one of other settings where that is better."""
        found = self.judge.judge(settings)
        return found if is_better(found, point) else point


def is_better(point: Point, than: Point) -> bool:
    """Whether a plan is nearer to its limits than another that breaks some, else worth more."""
    if point.excess != than.excess:
        return point.excess < than.excess
    return point.npv > than.npv + GAIN


def _near(axis: Axis, point: Point) -> list[Value]:
    """The next values below and above where a plan stands, of those worth trying."""
    at = point.settings.get(axis.key, axis.current)
    if isinstance(at, str | bool) or at is None:
        return [value for value in axis.values if value != at]
    numbers = sorted(value for value in axis.values if isinstance(value, int | float))
    below, above = [x for x in numbers if x < at], [x for x in numbers if x > at]
    today = [axis.current] if at != axis.current else []
    return [*dict.fromkeys((*below[-1:], *above[:1], *today))]
