"""The cache curve against a real Redis: hit ratios within 2 points where keys stay longer than 2 seconds.

Redis' LRU clock counts seconds of its own, so requests are sent at the pace of the load: every run lasts as long as the
characteristic time needs. Redis evicts the best of a sample of 5, which is why it is not exact.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from model.behaviour.cache_curve import CacheLoad, hit_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="redis-server is missing: the curve is NOT held against it"
    ),
]
KEYS, RATE, ITEM, WARM_S, MEASURED_S = 6_000, 1_500.0, 4_000, 9.0, 6.0
POINTS = 0.02


class Redis:
    """A connection that speaks just enough of the protocol: commands in, raw answers out."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10.0)
        self._socket.connect(str(path))
        self._answers = self._socket.makefile("rb")

    def ask(self, *commands: Sequence[bytes | str | int]) -> list[bytes | None]:
        """Send commands at once and return their answers in order; nil is None."""
        self._socket.sendall(b"".join(_encoded(command) for command in commands))
        return [self._answer() for _ in commands]

    def _answer(self) -> bytes | None:
        line = self._answers.readline().rstrip(b"\r\n")
        assert not line.startswith(b"-"), line
        if not line.startswith(b"$"):
            return line[1:]
        length = int(line[1:])
        return None if length < 0 else self._answers.read(length + 2)[:-2]


def _encoded(command: Sequence[bytes | str | int]) -> bytes:
    words = [word if isinstance(word, bytes) else str(word).encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    path = tmp_path / "redis.sock"
    words = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*words, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                if path.exists():
                    break
                time.sleep(0.05)
            yield Redis(path)
        finally:
            server.terminate()


def _limited(redis: Redis, policy: str, share: float) -> None:
    """Let the memory hold a share of the keys: measured with all of them in."""
    empty = _used(redis)
    redis.ask(*(("SET", f"k{key}", b"x" * ITEM) for key in range(KEYS)))
    full = _used(redis)
    redis.ask(("FLUSHALL",), ("CONFIG", "SET", "maxmemory-policy", policy))
    redis.ask(("CONFIG", "SET", "maxmemory", round(empty + (full - empty) * share)))


def _used(redis: Redis) -> int:
    (answer,) = redis.ask(("INFO", "memory"))
    assert answer is not None
    return int(answer.split(b"used_memory:")[1].split(b"\r")[0])


def _measured(redis: Redis, zipf: float, ttl_s: float) -> tuple[float, float]:
    """Hit ratio and mean number of keys held, of requests at the load's pace; a miss is written."""
    rng = np.random.default_rng(7)
    weight = np.arange(1, KEYS + 1, dtype=float) ** -zipf
    cumulative = np.cumsum(weight / weight.sum())
    expiry = ("PX", round(ttl_s * 1000)) if ttl_s else ()
    hits, asked, held = 0, 0, []
    start = time.monotonic()
    sent = 0
    while (now := time.monotonic() - start) < WARM_S + MEASURED_S:
        due = round(now * RATE) - sent
        if due < 1:
            time.sleep(0.002)
            continue
        sent += due
        for key in np.searchsorted(cumulative, rng.random(due)).clip(max=KEYS - 1):
            (found,) = redis.ask(("GET", f"k{key}"))
            if now >= WARM_S:
                asked += 1
                hits += found is not None
            if found is None:
                redis.ask(("SET", f"k{key}", b"x" * ITEM, *expiry))
        if now >= WARM_S:
            (size,) = redis.ask(("DBSIZE",))
            held.append(int(size or 0))
    assert sent / (WARM_S + MEASURED_S) == pytest.approx(RATE, rel=0.05)
    return hits / asked, float(np.mean(held))


@pytest.mark.parametrize(
    ("policy", "eviction", "zipf", "share", "ttl_s"),
    [
        ("allkeys-lru", "lru", 0.9, 0.5, 0.0), ("allkeys-random", "random", 0.9, 0.5, 0.0),
        ("volatile-lru", "lru", 0.9, 0.5, 6.0), ("volatile-ttl", "fifo", 0.8, 0.5, 60.0),
    ],
)  # fmt: skip
def test_the_curve_is_within_two_points_of_redis(redis, policy, eviction, zipf, share, ttl_s):
    _limited(redis, policy, share)
    measured, held = _measured(redis, zipf, ttl_s)
    item = 2.0**30 / held  # one GiB then holds exactly what Redis held
    load = CacheLoad(
        KEYS, zipf, item, RATE, ttl_s=ttl_s, item_overhead_bytes=0.0, usable_share=1.0, eviction=eviction,
    )  # fmt: skip
    point = hit_ratio(load, 1.0)
    assert point.characteristic_time_s > 2.0
    assert point.hit_ratio == pytest.approx(measured, abs=POINTS)
