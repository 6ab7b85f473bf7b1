"""A database played by the minute: queries use its CPU, and a busy database answers them more slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CPU_SHARE_OF_TIME: Final = 0.8
"""Of a query's time alone; the rest reads from disk."""
MOST_STRETCH: Final = 20.0


@dataclass(frozen=True)
class Query:
    """One query: calls per request, milliseconds a call today and when tuned, and whether a cache may answer it."""

    name: str
    calls_per_request: float
    before_ms: float
    after_ms: float
    is_cacheable: bool

    def seconds_per_request(self, *, is_tuned: bool) -> float:
        """Time in the database per request that asks for it."""
        return self.calls_per_request * (self.after_ms if is_tuned else self.before_ms) / 1000


@dataclass(frozen=True)
class Minutes:
    """CPU utilisation and how much longer the CPU part of a query takes, per minute."""

    utilisation: NDArray[np.float64]
    stretch: NDArray[np.float64]

    @property
    def peak(self) -> float:
        """99th percentile of one-minute utilisation."""
        return float(np.quantile(self.utilisation, 0.99))


def busy_minutes(query_s: NDArray[np.float64], background_vcpu: float, vcpu: float) -> Minutes:
    """Minutes of a database that is asked for ``query_s`` seconds of queries in each minute.

    Utilisation: CPU asked for ÷ CPU there is. Waiting for a CPU among v: 1 ÷ (1 − ρ^v), as in a queue with v servers
    that share the work.
    """
    asked = query_s * CPU_SHARE_OF_TIME / 60 + background_vcpu
    utilisation = np.minimum(asked / vcpu, 1.0)
    stretch = np.minimum(1 / np.maximum(1 - utilisation**vcpu, 1 / MOST_STRETCH), MOST_STRETCH)
    return Minutes(utilisation, np.asarray(stretch, dtype=np.float64))
