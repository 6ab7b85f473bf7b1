"""Which prices plans are made with: the account's own where they were read, else the dated book's."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from data import records
from data.bigquery_descriptions import described_rows
from data.own_prices import own_prices, save_own_prices
from data.price_book import load_price_book
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES
from data.sources.price_export import commitment_prices_of
from data.sources.unit_prices import own_prices_of
from model.prices import AccountPrice, BookPrice, Discount, PriceBook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from data.facts import Fact
    from data.workspace import Workspace


@lru_cache(maxsize=1)
def price_book() -> PriceBook:
    """The dated price book as the model reads it."""
    book = load_price_book()
    prices = {
        (e.key, e.region): BookPrice(e.usd, e.unit, e.region, e.source, e.as_of, e.confidence) for e in book.prices
    }
    discounts = {
        e.rate_class: Discount(e.one_year, e.three_years, e.source, e.as_of, e.confidence) for e in book.discounts
    }
    return PriceBook(book.name, prices, discounts, book.free_per_month)


def prices_of(workspace: Workspace, currency: str) -> PriceBook:
    """The dated book, with the account's own prices in the bill's currency before it."""
    own = {
        (one.key, one.region): AccountPrice(one.on_demand, one.list, one.currency, one.source)
        for one in own_prices(workspace)
        if one.currency == currency
    }
    return replace(price_book(), own=own)


def add_prices(
    workspace: Workspace, sources: Iterable[Path | str], maximum_bytes: int = DEFAULT_MAXIMUM_BYTES
) -> list[Fact]:
    """Read the account's own prices of files or tables, in place of those read before; raises SourceRefused.

    What commitments cost becomes facts, which are returned; unit prices stand in place of the dated book's.
    """
    tables = described_rows("prices", sources, maximum_bytes)
    unit_prices = own_prices_of(tables)
    facts = commitment_prices_of(tables, is_optional=bool(unit_prices))
    save_own_prices(workspace, unit_prices, ", ".join(name for name, _ in tables))
    return records.replace_facts(workspace, "commitment_rates.", facts)
