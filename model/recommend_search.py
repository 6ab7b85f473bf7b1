"""The search: resource by resource along the values worth trying, back within limits by the nearest way, then joined.

Settings of different resources hardly meet, so each resource is climbed alone; the levers remember the others. Where
they do meet it is through a limit, or through work taken off another resource: those are climbed together.
"""

from __future__ import annotations

from itertools import combinations, permutations
from math import inf
from typing import TYPE_CHECKING, Final

from model.recommend_space import COMMITMENTS, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from model.parameter import Value
    from model.recommend_judge import Judge, LimitKey, Point, Settings
    from model.recommend_space import Axis

DEMAND_LEVERS: Final = ("queries", "cache")
"""They take work off databases and services, so their worth shows only once those are sized anew."""
CAPACITY_LEVERS: Final = ("cloud_sql",)
REPAIR_ROUNDS: Final = 3
TRIED_PER_AXIS: Final = 3
WANTED: Final = 8
TIGHT: Final = 0.8
"""Share of a limit from which two settings are taken along it together."""
GAIN: Final = 1e-6
"""Least NPV, in currency units, for which another plan counts as better."""


class Search:
    """A search over some axes; ``on_step`` is told what is looked at, ``worth_a_change`` is the least NPV for one."""

    def __init__(
        self,
        judge: Judge,
        axes: Sequence[Axis],
        on_step: Callable[[float, str], None] = lambda *_: None,
        worth_a_change: float = 0.0,
    ) -> None:
        self.judge = judge
        self.axes = tuple(axes)
        self._worth_a_change = max(worth_a_change, GAIN)
        self._on_step = on_step
        self._touched: dict[str, frozenset[LimitKey]] = {}
        self._hopeless: set[tuple[str, Value]] = set()

    def best(self, starts: Iterable[Point]) -> Point:
        """The best plan found from the best of some starts."""
        point = max(starts, key=lambda each: each.rank)
        blocks = self._blocks()
        usage = [block for block in blocks if block[0].lever != COMMITMENTS]
        for i, block in enumerate(usage):
            self._on_step(0.5 * i / len(usage), f"Trying the settings of {_name(block)}.")
            point = self.climb(point, block)
        self._on_step(0.5, "Trying what takes work off the databases, with the size that then fits.")
        point = self._joined(point)
        for block in blocks:
            if block[0].lever == COMMITMENTS:
                self._on_step(0.8, f"Trying commitments for {block[0].resource}.")
                point = self.climb(point, block)
        for i, block in enumerate(usage):
            self._on_step(0.85 + 0.15 * i / len(usage), f"Looking again at {_name(block)} beside everything else.")
            point = self.polished(point, block)
        return self._plainest(point)

    def climb(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of one resource's settings with the others as they are; of its kinds, each with its own sizes."""
        point = self._along_ridges(self._climbed(point, block), block)
        for axis in block:
            if axis.step == 0.0 and len(block) > 1 and not self._is_dead(axis):
                others = [other for other in block if other is not axis]
                for value in axis.values:
                    if value != point.settings.get(axis.key, axis.current):
                        start = self.judge.judge(moved(point.settings, axis, value))
                        start = self._within_limits(start, axis, block, -inf)
                        found = point if start.problems else self._along_ridges(self._climbed(start, others), others)
                        point = found if _is_better(found, point) else point
        return point

    def _climbed(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best along each setting in turn, until none helps."""
        while True:
            before = point
            for axis in block:
                point = self._along(point, axis, block)
            if not self._is_worth_more(point, before):
                return point

    def _along(self, point: Point, axis: Axis, block: Sequence[Axis]) -> Point:
        """The best value of one setting: the values worth trying, then between and beside the best one."""
        values = [value for value in axis.values if (axis.key, value) not in self._hopeless]
        tried = {value: self.judge.judge(moved(point.settings, axis, value)) for value in values}
        best = max([point, *tried.values()], key=lambda each: each.rank)
        best = self._refined(best, axis, tried) if self._is_live(tried.values()) else best
        promising = {
            v: each for v, each in tried.items() if each.problems and each.npv > best.npv + self._worth_a_change
        }
        lost = {v for v, each in promising.items() if not self._ways_back(each.problems, axis, block)}
        self._hopeless |= {(axis.key, value) for value in lost}
        left = [each for value, each in promising.items() if value not in lost]
        for each in sorted(left, key=lambda each: each.excess)[:TRIED_PER_AXIS]:
            back = self._within_limits(each, axis, block, best.npv + self._worth_a_change)
            best = back if _is_better(back, best) else best
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
        others = [axis for axis in foreign if axis.lever not in (*DEMAND_LEVERS, COMMITMENTS)]
        reach = {axis.key: self._limits_of(axis) & problems for axis in (*block, *others) if axis.key != fixed.key}
        if frozenset().union(*reach.values()) != problems:
            return []
        return [axis for axis in (*block, *others) if reach.get(axis.key)]

    def _limits_of(self, axis: Axis) -> frozenset[LimitKey]:
        """Limits that a setting alone moves, from today, at either end."""
        if axis.key not in self._touched:
            ends = [self.judge.touched(moved({}, axis, value)) for value in (axis.values[0], axis.values[-1])]
            self._touched[axis.key] = ends[0] | ends[1]
        return self._touched[axis.key]

    def _joined(self, point: Point) -> Point:
        """Demand levers with the capacity that then fits, one after another, each with every value worth trying."""
        capacity = [block for block in self._blocks() if block[0].lever in CAPACITY_LEVERS]
        for moves in self._demand_moves():
            wanted = [self._wanted(point, block) for block in capacity]
            best = point
            for move in moves:
                settings = point.settings
                for axis, value in move:
                    settings = moved(settings, axis, value)
                candidate = self.judge.judge(settings)
                for sizes in wanted:
                    for size in sizes:
                        candidate = self._better(candidate, {**candidate.settings, **size})
                best = candidate if _is_better(candidate, best) else best
            if best is not point:
                for block in capacity:
                    best = self.polished(best, block)
            point = best
        return point

    def _wanted(self, point: Point, block: Sequence[Axis]) -> list[dict[str, Value]]:
        """Settings of a resource that would pay but break a limit, the nearest to the limits first."""
        keys = {axis.key for axis in block}
        found: dict[frozenset[tuple[str, Value]], Point] = {}
        for other in list(self.judge.points.values()):
            size = frozenset((key, value) for key, value in other.settings.items() if key in keys)
            if other.problems and size and other.npv > point.npv + GAIN and size not in found:
                found[size] = other
        nearest = sorted(found.items(), key=lambda item: item[1].excess)
        return [dict(size) for size, _ in nearest[:WANTED]]

    def _demand_moves(self) -> Iterator[list[tuple[tuple[Axis, Value], ...]]]:
        """All switches of a lever at once, then each setting with its values."""
        for lever in DEMAND_LEVERS:
            own = [axis for axis in self.axes if axis.lever == lever]
            switches = [axis for axis in own if axis.values == (False, True)]
            if len(switches) > 1:
                yield [tuple((axis, True) for axis in switches)]
            for axis in own:
                yield [((axis, value),) for value in axis.values]

    def polished(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of a resource's settings near where they stand: their neighbours, one and two at a time."""
        live = [axis for axis in block if not self._is_dead(axis)]
        while True:
            before = point = self.nudged(point, live)
            for first, second in combinations(live, 2):
                for one in _near(first, point):
                    for other in _near(second, point):
                        point = self._better(point, moved(moved(point.settings, first, one), second, other))
            point = self._along_ridges(point, live)
            if not self._is_worth_more(point, before):
                return point

    def _along_ridges(self, point: Point, block: Sequence[Axis]) -> Point:
        """Follow a limit that two settings share: step one, and set the other to what then fits best."""
        for first, second in permutations((axis for axis in block if axis.step and self._pays(point, axis)), 2):
            shared = self._limits_of(first) & self._limits_of(second)
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
                    point = found if _is_better(found, point) else point
                if not self._is_worth_more(point, before):
                    break
        return point

    def _is_worth_more(self, point: Point, than: Point) -> bool:
        """Whether a plan is enough better to go on from it."""
        return point.excess < than.excess or point.npv > than.npv + self._worth_a_change / 4.0

    def _pays(self, point: Point, axis: Axis) -> bool:
        """Whether a setting alone is worth something near where a plan stands."""
        near = [self.judge.judge(moved(point.settings, axis, value)) for value in _near(axis, point)]
        return any(abs(each.npv - point.npv) > self._worth_a_change for each in near)

    def nudged(self, point: Point, block: Sequence[Axis]) -> Point:
        """The best of a resource's settings by their neighbours and single steps, one at a time."""
        while True:
            before = point
            for axis in block:
                for value in (*_near(axis, point), *axis.beside(point.settings.get(axis.key, axis.current))):
                    point = self._better(point, moved(point.settings, axis, value))
            if not self._is_worth_more(point, before):
                return point

    def _is_dead(self, axis: Axis) -> bool:
        """Whether a setting alone moves neither worth nor a limit, at either end."""
        ends = [self.judge.judge(moved({}, axis, value)) for value in (axis.values[0], axis.values[-1])]
        return not self._limits_of(axis) and not self._is_live([self.judge.judge({}), *ends])

    def _better(self, point: Point, settings: Settings) -> Point:
        found = self.judge.judge(settings)
        return found if _is_better(found, point) else point

    def _plainest(self, point: Point) -> Point:
        """Nearly the same worth with fewer changes: settings back to today's where that loses next to nothing."""
        by_key = {axis.key: axis for axis in self.axes}
        for key in sorted(point.settings):
            if key in by_key:
                without = self.judge.judge({k: v for k, v in point.settings.items() if k != key})
                if without.excess <= point.excess and without.npv >= point.npv - self._worth_a_change:
                    point = without
        return point

    def _blocks(self) -> list[tuple[Axis, ...]]:
        found: dict[tuple[str, str], list[Axis]] = {}
        for axis in self.axes:
            found.setdefault(axis.block, []).append(axis)
        return [tuple(block) for block in found.values()]


def _is_better(point: Point, than: Point) -> bool:
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


def _name(block: Sequence[Axis]) -> str:
    return f"{block[0].lever.replace('_', ' ')} {block[0].resource}".strip()
