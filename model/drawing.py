"""Seeded draws of what is not known: each by a triangle from its low over its value to its high.

A range is read as bounds: low and high are the ends that a person would be surprised to leave, the value the likeliest.
The triangle keeps every draw valid (a share stays a share) and gives the ends more weight than a bell over the same
bounds would, since people draw ranges too narrow. Draws are independent of one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Range:
    """Something that is drawn: its value, and the bounds around it."""

    key: str
    title: str
    low: float
    value: float
    high: float


def triangular(unit: NDArray[np.float64], low: float, value: float, high: float) -> NDArray[np.float64]:
    """The value below which a share ``unit`` (n,) of a triangle lies; ``value`` itself where it has no width.

    >>> triangular(np.array([0.0, 0.5, 1.0]), 0.0, 1.0, 2.0).tolist()
    [0.0, 1.0, 2.0]
    """
    width = high - low
    if width <= 0.0:
        return np.full(len(unit), value)
    rising = low + np.sqrt(unit * width * (value - low))
    falling = high - np.sqrt((1.0 - unit) * width * (high - value))
    return np.where(unit * width < value - low, rising, falling)


def drawn(ranges: Sequence[Range], draws: int, seed: int) -> NDArray[np.float64]:
    """Draws (n, R) by PCG64 from ``seed``; each range is cut into n slices of equal probability, one draw in each.

    A range's draws depend on its place among the ranges and not on the widths of the others.
    """
    columns = []
    for i, each in enumerate(ranges):
        random = np.random.Generator(np.random.PCG64([seed, i]))
        unit = (random.permutation(draws) + random.random(draws)) / draws
        columns.append(triangular(unit, each.low, each.value, each.high))
    return np.stack(columns, axis=1) if columns else np.empty((draws, 0))
