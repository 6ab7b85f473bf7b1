"""What a recommendation may move: every setting of the bill with the values worth trying, from its declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.parameter import Disruption, Parameter, Value

RiskLevel = Literal["careful", "balanced", "bold"]
FULL_GRID: Final = 12
RUNGS: Final = 8
FINE: Final = 0.04
"""Neighbours within 4 % are fine enough until the last look."""
_WITHIN: Final = 1e-9
SWITCHES_OFF: Final = 2.0
COMMITMENTS: Final = "commitments"


@dataclass(frozen=True)
class Appetite:
    """How far a plan may go: share of each limit that it may use up, kinds of change, commitments or none.

    ``reach`` is how many times smaller or larger than today a setting may become, since the model is calibrated on
    today; what is not there today (0) may become anything.
    """

    title: str
    share_of_limit: float
    reach: float
    disruptions: tuple[Disruption, ...]
    may_commit: bool
    sentence: str


APPETITES: Final[dict[RiskLevel, Appetite]] = {
    "careful": Appetite(
        "Careful", 0.75, 2.0, ("online",), may_commit=False,
        sentence="Only changes that can be made and taken back while running, to half or twice of today; at most three "
        "quarters of every limit that they touch; no commitment.",
    ),
    "balanced": Appetite(
        "Recommended", 1.0, 4.0, ("online", "restart"), may_commit=True,
        sentence="Changes online or by a restart, to a quarter or four times of today, up to every limit but beyond "
        "none; commitments that pay.",
    ),
    "bold": Appetite(
        "Bold", 1.0, 8.0, ("online", "restart", "migration", "one_way"), may_commit=True,
        sentence="Every change that keeps the limits, to an eighth or eight times of today, also migrations and what "
        "cannot be taken back; commitments that pay.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Axis:
    """One setting with the values to try, in order; ``step`` 0 where there is nothing between them."""

    key: str
    lever: str
    resource: str
    current: Value
    values: tuple[Value, ...]
    step: float = 0.0

    @property
    def block(self) -> tuple[str, str]:
        """Settings of one resource are searched together."""
        return self.lever, self.resource

    def between(self, value: Value, tried: Iterable[Value]) -> tuple[Value, ...]:
        """Untried values halfway to the nearest tried ones below and above a value; none at the declared step."""
        if not self.step or isinstance(value, str | bool) or value is None:
            return ()
        known = sorted({float(each) for each in tried if isinstance(each, int | float)})
        below, above = [x for x in known if x < value], [x for x in known if x > value]
        gap = FINE * max(abs(float(value)), self.step)
        below, above = [x for x in below if value - x > gap], [x for x in above if x - value > gap]
        middles = {_snapped((float(value) + x) / 2.0, self.values, self.step) for x in (*below[-1:], *above[:1])}
        return tuple(sorted(middle for middle in middles if middle not in known))

    def outwards(self, value: Value) -> tuple[tuple[Value, ...], ...]:
        """The other values: numbers below and above a value, the nearest first; each apart where they are names."""
        others = tuple(each for each in self.values if each != value)
        if isinstance(value, str | bool) or value is None:
            return tuple((each,) for each in others)
        numbers = sorted(each for each in others if isinstance(each, int | float))
        return tuple(x for x in reversed(numbers) if x < value), tuple(x for x in numbers if x > value)

    def has_large_steps(self, value: Value) -> bool:
        """Whether one step changes a value by much."""
        return isinstance(value, int | float) and self.step >= FINE * abs(value)

    def beside(self, value: Value) -> tuple[Value, ...]:
        """One and two declared steps below and above a value: where shapes go in twos, one step finds nothing."""
        if not self.step or isinstance(value, str | bool) or value is None:
            return ()
        low, high = float(self.values[0] or 0.0), float(self.values[-1] or 0.0)
        stepped = (_clean(float(value) + k * self.step) for k in (-2, -1, 1, 2))
        return tuple(x for x in stepped if low <= x <= high)


def axes(parameters: Iterable[Parameter], appetite: Appetite) -> tuple[Axis, ...]:
    """Settings that may move: known today, allowed at this appetite, and judged by a limit where they protect."""
    found = (_axis(p, appetite.reach) for p in parameters if _may_move(p, appetite))
    return tuple(axis for axis in found if len(axis.values) > 1)


def protected(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """Settings that are left alone, since what they protect has no limit to judge it by."""
    return tuple(p for p in parameters if p.kind == "setting" and p.protects)


def moved(settings: Mapping[str, Value], axis: Axis, value: Value) -> dict[str, Value]:
    """The settings with one put; today's value is left out."""
    others = {key: kept for key, kept in settings.items() if key != axis.key}
    return others if value == axis.current else {**others, axis.key: value}


def _may_move(parameter: Parameter, appetite: Appetite) -> bool:
    if parameter.kind != "setting" or parameter.current is None or parameter.protects:
        return False
    if parameter.lever == COMMITMENTS:
        return appetite.may_commit and parameter.name == "term"
    has_values = bool(parameter.choices) or isinstance(parameter.current, bool) or parameter.minimum is not None
    return has_values and parameter.disruption in appetite.disruptions


def _axis(parameter: Parameter, reach: float) -> Axis:
    current, step = parameter.current, 0.0
    values: tuple[Value, ...] = parameter.choices
    if isinstance(current, bool):
        values = (False, True)
    elif not isinstance(current, str) and current is not None:
        step = 0.0 if parameter.choices else float(parameter.step or 0.0)
        low, high = _within_reach(parameter, float(current), reach)
        numbers = [_clean(float(x)) for x in parameter.choices if not isinstance(x, str) and x is not None]
        values = tuple(x for x in numbers if low <= x <= high) or _ladder(low, high, step, float(current))
    return Axis(parameter.key, parameter.lever, parameter.resource, current, values, step)


def _within_reach(parameter: Parameter, current: float, reach: float) -> tuple[float, float]:
    """Lowest and highest value to try; counts that may be 0 reach it where the reach is more than double."""
    numbers = [float(x) for x in parameter.choices if not isinstance(x, str) and x is not None]
    low = min(numbers, default=float(parameter.minimum or 0.0))
    high = max(numbers, default=float(parameter.maximum or 0.0))
    if current <= 0.0:
        return low, high
    lowest = low if low == 0.0 and reach > SWITCHES_OFF else max(low, current / reach)
    step = float(parameter.step or 0.0)
    snapped = _snapped(lowest, (low, high), step)
    is_beyond = snapped < lowest - _WITHIN * max(1.0, lowest)
    return snapped + step if is_beyond else snapped, min(high, current * reach)


def _ladder(low: float, high: float, step: float, current: float) -> tuple[float, ...]:
    """Every step where there are few, else low, high, today and doublings between, which are then refined."""
    if step and (high - low) / step <= FULL_GRID:
        grid = np.arange(int((high - low) / step + 1e-9) + 1) * step + low
        return tuple(sorted({_clean(x) for x in (*grid.tolist(), current)}))
    bottom = max(low, step, high * 1e-3)
    if current > 0.0:
        rungs = [current * 2.0**k for k in range(-RUNGS, RUNGS + 1) if bottom <= current * 2.0**k <= high]
    else:
        rungs = np.geomspace(bottom, high, RUNGS).tolist() if high > bottom else []
    return tuple(sorted({low, high, current} | {_snapped(x, (low, high), step) for x in rungs}))


def _snapped(x: float, ends: tuple[Value, ...], step: float) -> float:
    """The nearest whole step from the low end, within the ends."""
    low, high = float(ends[0] or 0.0), float(ends[-1] or 0.0)
    stepped = low + round((x - low) / step) * step if step else x
    return _clean(min(max(stepped, low), high))


def _clean(x: float) -> float:
    """Without the dust of binary steps (0.1 + 0.2), whole numbers as such."""
    plain = float(f"{x:.10g}")
    return int(plain) if plain.is_integer() else plain
