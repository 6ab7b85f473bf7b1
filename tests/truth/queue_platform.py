"""A Cloud Tasks queue played attempt by attempt: a rate, a number at once, and retries with growing back-off."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Queue:
    """Limits of the queue."""

    dispatches_per_s: float = 500.0
    concurrent: int = 1000
    attempts: int = 5
    min_backoff_s: float = 0.1
    max_doublings: int = 16


@dataclass(frozen=True)
class Dispatched:
    """Attempts as they reach the target, rising in time, with the time each takes there; first waits of tasks."""

    times: NDArray[np.float64]
    durations: NDArray[np.float64]
    waits_s: NDArray[np.float64]
    lost: int

    @property
    def longest_wait_s(self) -> float:
        """Longest time from creation to first attempt."""
        return float(self.waits_s.max(initial=0.0))


def dispatch(
    queue: Queue, created: NDArray[np.float64], mean_s: float, failure: float, spread: float, seed: int
) -> Dispatched:
    """Play a queue whose target takes a log-normal time per attempt and fails a share of them at random."""
    random = np.random.default_rng([41, seed])
    ready = [(at, number, 1) for number, at in enumerate(created.tolist())]  # sorted, so a heap
    running: list[float] = []
    times, durations = [], []
    waits = np.zeros(len(created))
    lost, earliest = 0, 0.0
    while ready:
        at, number, attempt = heapq.heappop(ready)
        now = max(at, earliest)
        while running and running[0] <= now:
            heapq.heappop(running)
        if len(running) >= queue.concurrent:
            now = heapq.heappop(running)
        duration = mean_s * math.exp(spread * random.standard_normal() - spread**2 / 2)
        heapq.heappush(running, now + duration)
        earliest = now + 1 / queue.dispatches_per_s
        times.append(now)
        durations.append(duration)
        if attempt == 1:
            waits[number] = now - created[number]
        if random.random() < failure:
            if attempt >= queue.attempts:
                lost += 1
            else:
                backoff = queue.min_backoff_s * 2 ** min(attempt - 1, queue.max_doublings)
                heapq.heappush(ready, (now + duration + backoff, number, attempt + 1))
    order = np.argsort(times, kind="stable")
    return Dispatched(np.array(times)[order], np.array(durations)[order], waits, lost)
