"""What an import of a table would read, send here and cost: asked by dry runs, which are free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.price_book import load_query_price
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.sources.bigquery import Jobs, Query

ROW_BYTES: Final = {"daily": 52, "hourly_resource": 44, "hourly_pool": 36, "labels": 40, "arrivals": 28}
"""Bytes of a reduction's row as it travels (Arrow in LZ4 buffers), measured by ``benchmarks/bigquery_travel.py``."""
HOURS_OF_A_DAY: Final = 24


@dataclass(frozen=True)
class TablePrice:
    """What an import would read, by query and in all, and what that costs at the dated on-demand price in USD.

    ``row_count`` is that of the whole table, None where it is not told or rows of it are here already.
    """

    uri: str
    kind: str
    location: str
    bytes_by_step: tuple[tuple[str, int], ...]
    usd_per_tib: float
    price_source: str
    price_as_of: str
    row_count: int | None = None

    @property
    def byte_count(self) -> int:
        """The bytes of all queries."""
        return sum(count for _, count in self.bytes_by_step)

    @property
    def allowed_bytes(self) -> int:
        """The cap for an import at this price: a tenth more, and BigQuery's least charge of 10 MB a query."""
        return round(self.byte_count * 1.1) + 10_000_000 * len(self.bytes_by_step)

    @property
    def gib(self) -> float:
        """The bytes of all queries in GiB."""
        return self.byte_count / 2**30

    @property
    def usd(self) -> float:
        """Bytes ÷ 2⁴⁰ × the price per TiB, before the free TiB a month."""
        return self.byte_count / 2**40 * self.usd_per_tib

    @property
    def travelling_bytes(self) -> tuple[int, int] | None:
        """What travels here, at least and at most: lines that recur every hour, no lever's; no two lines alike.

        None where the number of rows is not known.
        """
        if self.row_count is None:
            return None
        by_day = sum(size for name, size in ROW_BYTES.items() if not name.startswith("hourly"))
        return self.row_count * by_day // HOURS_OF_A_DAY, self.row_count * sum(ROW_BYTES.values())


def price_of(jobs: Jobs, kind: str, queries: Iterable[tuple[Query, bool]], row_count: int | None = None) -> TablePrice:
    """The price of queries, each with whether its answer is here already; raises SourceRefused."""
    price = load_query_price()
    counted = tuple((query.name, 0 if is_here else jobs.dry_run(query)) for query, is_here in queries)
    return TablePrice(
        jobs.table.uri, kind, jobs.location, counted, price.usd, price.source, price.as_of, row_count
    )  # fmt: skip


def refuse_beyond(price: TablePrice, maximum_bytes: int, otherwise: str = "") -> None:
    """Raise SourceRefused where the queries would read more than they may."""
    if price.byte_count > maximum_bytes:
        raise SourceRefused(
            f"{price.uri} would take {price.gib:,.2f} GiB of queries (about {price.usd:,.2f} USD), more than the "
            f"{maximum_bytes / 2**30:,.2f} GiB allowed, so none ran: raise `--maximum-bytes {price.byte_count}`"
            f"{otherwise}."
        )
