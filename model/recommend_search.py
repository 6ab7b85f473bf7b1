"""The search: resource by resource along the values worth trying, then joined, committed, and looked at again.

Settings of different resources hardly meet, so each resource is climbed alone; the levers remember the others. Where
they do meet it is through a limit, or through work taken off another resource: those are climbed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.recommend_climb import DEMAND_LEVERS, GAIN, Climb, is_better
from model.recommend_space import COMMITMENTS, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from model.parameter import Value
    from model.recommend_judge import Judge, Point
    from model.recommend_space import Axis

CAPACITY_LEVERS: Final = ("cloud_sql",)
WANTED: Final = 8


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
        self._on_step = on_step
        self._climb = Climb(judge, axes, worth_a_change)

    def best(self, starts: Iterable[Point]) -> Point:
        """The best plan found from the best of some starts."""
        point = max(starts, key=lambda each: each.rank)
        blocks = self._blocks()
        usage = [block for block in blocks if block[0].lever != COMMITMENTS]
        for i, block in enumerate(usage):
            self._on_step(0.5 * i / len(usage), f"Trying the settings of {_name(block)}.")
            point = self._climb.climb(point, block)
        self._on_step(0.5, "Trying what takes work off the databases, with the size that then fits.")
        point = self._joined(point)
        for block in blocks:
            if block[0].lever == COMMITMENTS:
                self._on_step(0.8, f"Trying commitments for {block[0].resource}.")
                point = self._climb.climb(point, block)
        for i, block in enumerate(usage):
            self._on_step(0.85 + 0.15 * i / len(usage), f"Looking again at {_name(block)} beside everything else.")
            point = self._climb.polished(point, block)
        return self._plainest(point)

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
                        candidate = self._climb.better(candidate, {**candidate.settings, **size})
                best = candidate if is_better(candidate, best) else best
            if best is not point:
                for block in capacity:
                    best = self._climb.polished(best, block)
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

    def _plainest(self, point: Point) -> Point:
        """Nearly the same worth with fewer changes: settings back to today's where that loses next to nothing."""
        by_key = {axis.key: axis for axis in self.axes}
        for key in sorted(point.settings):
            if key in by_key:
                without = self.judge.judge({k: v for k, v in point.settings.items() if k != key})
                if without.excess <= point.excess and without.npv >= point.npv - self._climb.worth_a_change:
                    point = without
        return point

    def _blocks(self) -> list[tuple[Axis, ...]]:
        found: dict[tuple[str, str], list[Axis]] = {}
        for axis in self.axes:
            found.setdefault(axis.block, []).append(axis)
        return [tuple(block) for block in found.values()]


def _name(block: Sequence[Axis]) -> str:
    return f"{block[0].lever.replace('_', ' ')} {block[0].resource}".strip()
