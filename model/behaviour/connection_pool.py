"""Database connections: how many a server allows by default, how many are busy, and how long a pool keeps one waiting.

Busy connections = rate × time held (Little's law). Waiting for one of a pool of s is M/M/s: P(wait) is Erlang C.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from model.behaviour.queueing import log_reciprocal_erlang_b, patient_queue, rejected_share, wait_quantile_s

POSTGRESQL: Final = "PostgreSQL"
MYSQL: Final = "MySQL"
DEFAULT_CONNECTIONS: Final = {
    POSTGRESQL: (
        (0.6, 25), (1.7, 50), (3.75, 100), (6.0, 200), (7.5, 400), (15.0, 500), (30.0, 600), (60.0, 800),
        (120.0, 1000),
    ),
    MYSQL: ((0.6, 250), (1.7, 1000), (3.75, 4000)),
}  # fmt: skip
"""Engine → default max_connections from a memory size in GiB on; a database flag may set another."""
CONNECTIONS_SOURCE: Final = {
    POSTGRESQL: "docs.cloud.google.com/sql/docs/postgres/flags, as of 2026-10-01",
    MYSQL: "cloud.google.com/sql/docs/mysql/faq, an undated copy",
}
PER_CLOUD_RUN_INSTANCE: Final = 100
"""Connections of one Cloud Run instance to one database (docs.cloud.google.com/sql/docs/postgres/connect-run)."""
WAITING_SHARE: Final = 0.05
"""A pool is large enough where at most this share of the queries waits for a connection."""
CHECKOUT_TIMEOUT_S: Final = 30.0
"""How long an application waits for a connection: the default of SQLAlchemy (pool_timeout) and HikariCP."""
POOL_MAXIMUM: Final = 10_000


def default_max_connections(memory_gib: float, engine: str) -> int:
    """An engine's default connection limit by memory; 0 where it is not known.

    >>> default_max_connections(16.0, POSTGRESQL), default_max_connections(32.0, MYSQL), default_max_connections(8, "")
    (500, 4000, 0)
    """
    return max((limit for least, limit in DEFAULT_CONNECTIONS.get(engine, ()) if memory_gib >= least), default=0)


def memory_for_connections(connections: float, engine: str) -> float:
    """The least memory whose default limit allows that many; infinite beyond the largest, 0 for an unknown engine."""
    known = DEFAULT_CONNECTIONS.get(engine)
    if known is None:
        return 0.0
    return next((least for least, limit in known if limit >= connections), math.inf)


def waiting_share(busy: float, pool: int) -> float:
    """Erlang C: share of queries that find all of ``pool`` connections busy, at ``busy`` on average; 1 if overloaded.

    >>> round(waiting_share(1.0, 2), 12)
    0.333333333333
    """
    if busy <= 0.0:
        return 0.0
    if busy >= pool:
        return 1.0
    blocked = math.exp(-float(log_reciprocal_erlang_b(pool, np.array([busy]))[0]))
    return blocked / (1.0 - busy / pool * (1.0 - blocked))


@lru_cache(maxsize=1024)
def pool_size_for(busy: float) -> int:
    """The smallest pool in which at most 5 % of the queries wait, at ``busy`` connections on average; at least 1.

    >>> pool_size_for(0.0), pool_size_for(3.0), pool_size_for(100.0)
    (1, 7, 119)
    """
    low, high = max(0, math.floor(busy)), math.floor(busy) + 1
    while high < POOL_MAXIMUM and waiting_share(busy, high) > WAITING_SHARE:
        low, high = high, min(POOL_MAXIMUM, high + max(1, high - low) * 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if waiting_share(busy, middle) > WAITING_SHARE else (low, middle)
    return high


@lru_cache(maxsize=1024)
def pool_wait(rate_per_s: float, hold_s: float, pool: int) -> tuple[float, float]:
    """Share of queries that get no connection within 30 s, and the wait in s that 95 % of the others do not exceed."""
    if rate_per_s <= 0.0 or hold_s <= 0.0:
        return 0.0, 0.0
    rate = np.array([rate_per_s])
    queue = patient_queue(rate, hold_s, pool, CHECKOUT_TIMEOUT_S)
    return rejected_share(queue, rate), wait_quantile_s(queue, rate)
