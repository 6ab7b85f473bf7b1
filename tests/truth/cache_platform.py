"""A Redis-like cache played look-up by look-up: exact LRU over Zipf keys, time to live from the write, writes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

USABLE_SHARE: Final = 0.8
"""Google advises to leave 20 % of a Memorystore instance for fragmentation and clients."""
OVERHEAD_BYTES: Final = 90
"""A Redis hash entry, key and expiry beside the value."""


@dataclass(frozen=True)
class Keys:
    """What is asked for: ``count`` keys with Zipf popularity, their size, and how often one of them is written."""

    count: int
    zipf: float
    item_bytes: int
    writes_per_s: float = 0.0

    def capacity(self, gib: float) -> int:
        """Items that fit."""
        return int(gib * 2**30 * USABLE_SHARE / (self.item_bytes + OVERHEAD_BYTES))


def hits(keys: Keys, times: NDArray[np.float64], span_s: float, gib: float, ttl_s: float = 0.0) -> NDArray[np.bool_]:
    """Whether each look-up finds its key, in the second of two like passes of ``span_s`` (the cache is warm)."""
    if gib == 0:
        return np.zeros(len(times), dtype=np.bool_)
    random = np.random.default_rng([99, keys.count])
    weight = np.arange(1, keys.count + 1) ** -keys.zipf
    cumulative = np.cumsum(weight) / weight.sum()
    writes = np.sort(random.random(random.poisson(keys.writes_per_s * span_s)) * span_s)
    moments = np.concatenate([times, writes])
    order = np.argsort(moments, kind="stable")
    is_write = np.concatenate([np.zeros(len(times), bool), np.ones(len(writes), bool)])[order]
    asked = np.searchsorted(cumulative, random.random(len(moments)))[order]
    found = _passes(moments[order], is_write, asked, span_s, keys.capacity(gib), ttl_s or np.inf)
    result = np.empty(len(moments), dtype=np.bool_)
    result[order] = found
    return result[: len(times)]


def _passes(
    moments: NDArray[np.float64],
    is_write: NDArray[np.bool_],
    asked: NDArray[np.int64],
    span_s: float,
    capacity: int,
    ttl_s: float,
) -> NDArray[np.bool_]:
    held: OrderedDict[int, float] = OrderedDict()
    found = np.zeros(len(moments), dtype=np.bool_)
    events = list(zip(moments.tolist(), is_write.tolist(), asked.tolist(), strict=True))
    for start in (0.0, span_s):
        for index, (moment, writes, key) in enumerate(events):
            now = start + moment
            if writes:
                held.pop(key, None)
                continue
            written = held.get(key)
            if written is not None and now - written < ttl_s:
                held.move_to_end(key)
                found[index] = start > 0
                continue
            if written is not None:
                del held[key]
            elif len(held) >= capacity:
                held.popitem(last=False)
            held[key] = now
    return found
