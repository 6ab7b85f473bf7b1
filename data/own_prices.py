"""The account's own unit prices in a workspace: read whole, in place of those read before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.sources.unit_prices import OwnPrice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.workspace import Workspace

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS own_price (
  key TEXT NOT NULL, region TEXT NOT NULL, currency TEXT NOT NULL, on_demand REAL NOT NULL, list REAL NOT NULL,
  source TEXT NOT NULL, PRIMARY KEY (key, region, currency)
) STRICT;
CREATE TABLE IF NOT EXISTS own_price_reading (
  place INTEGER PRIMARY KEY CHECK (place = 1), name TEXT NOT NULL, price_count INTEGER NOT NULL, digest TEXT NOT NULL
) STRICT;
"""
"""Made when prices are first read or asked for."""


@dataclass(frozen=True)
class PriceReading:
    """What was read last: the files or tables by name, how many prices, and a digest of them."""

    name: str
    price_count: int
    digest: str


def save_own_prices(workspace: Workspace, prices: Sequence[OwnPrice], name: str) -> None:
    """Put the prices of named files or tables in place of all that were read before."""
    rows = [(one.key, one.region, one.currency, one.on_demand, one.list, one.source) for one in prices]
    digest = hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()
    with workspace.transaction(SCHEMA) as database:
        database.execute("DELETE FROM own_price")
        database.execute("DELETE FROM own_price_reading")
        if rows:
            database.executemany("INSERT INTO own_price VALUES (?, ?, ?, ?, ?, ?)", rows)
            database.execute("INSERT INTO own_price_reading VALUES (1, ?, ?, ?)", (name, len(rows), digest))


def own_prices(workspace: Workspace) -> list[OwnPrice]:
    """The prices that were read last, by key, region and currency."""
    with workspace.database(SCHEMA) as database:
        rows = database.execute(
            "SELECT key, region, currency, on_demand, list, source FROM own_price ORDER BY key, region, currency"
        ).fetchall()
    return [OwnPrice(*row) for row in rows]


def price_reading(workspace: Workspace) -> PriceReading | None:
    """What was read last; None where nothing was."""
    with workspace.database(SCHEMA) as database:
        row = database.execute("SELECT name, price_count, digest FROM own_price_reading").fetchone()
    return None if row is None else PriceReading(*row)
