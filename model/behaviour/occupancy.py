"""How many requests an instance holds: those that come at random, up to its concurrency, on one shared vCPU.

A request alone computes on a share u of the vCPU. While i of them need more than all of it (i·u > 1) each goes on at
1 ÷ (i·u) of its pace (processor sharing), and no more are sent there: Google "might not send as many requests to a
given instance if the CPU is already highly utilised". So P(j) ∝ a^j ÷ Π_(i ≤ j) i·min(1, 1 ÷ (i·u)), j ≤ min(c, ⌈1/u⌉):
the Poisson that the concurrency truncates where nobody waits for the vCPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FINE_POINTS: Final = 3000
_COARSE_POINTS: Final = 600


@dataclass(frozen=True, eq=False)
class Occupancy:
    """By rising load: throughput × time alone (``work``), requests ``held``, shares of time ``busy`` or with one."""

    work: Floats
    held: Floats
    busy: Floats
    single: Floats


def most_held(concurrency: int, cpu_share: float) -> int:
    """Requests that an instance takes at once: its concurrency, or as many as fill its vCPU."""
    return min(concurrency, ceil(1.0 / cpu_share)) if cpu_share > 0.0 else concurrency


@lru_cache(maxsize=256)
def occupancy_table(concurrency: int, cpu_share: float = 0.0) -> Occupancy:
    """Occupancy of an instance with this concurrency, whose requests each compute on ``cpu_share`` of its vCPU."""
    most = most_held(concurrency, cpu_share)
    points = _FINE_POINTS if cpu_share == 0.0 else _COARSE_POINTS
    offered = np.concatenate([np.geomspace(1e-6, 1e-2, 60), np.geomspace(1e-2, 1e4 * most, points)[1:]])
    j = np.arange(most + 1.0)
    pace = np.minimum(1.0, 1.0 / np.maximum(j * cpu_share, 1e-300))
    steps = np.concatenate([[0.0], np.cumsum(np.log(j[1:] * pace[1:]))])
    weight = j * np.log(offered)[:, None] - steps
    share = np.exp(weight - weight.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    columns = (share @ (j * pace), share @ j, 1.0 - share[:, 0], share[:, 1])
    return Occupancy(*(np.concatenate([[0.0], column]) for column in columns))
