"""The dated price book: list prices, commitment discounts and free tiers, each with where and when it was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

BOOK: Path = Path(__file__).parent / "prices" / "google_cloud.toml"
EVERYWHERE = "*"


class PriceBookError(ValueError):
    """A price book that cannot be read; one sentence says what, where and how to mend it."""


@dataclass(frozen=True)
class PriceEntry:
    """List price of a key (a usage kind, or ``kind@CLASS``) in a region ('*': everywhere), in ``usd`` per ``unit``."""

    key: str
    region: str
    usd: float
    unit: str
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True)
class DiscountEntry:
    """Commitment discounts of a rate class as ratios off on-demand; None is unknown."""

    rate_class: str
    one_year: float | None
    three_years: float | None
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True)
class FreeTierEntry:
    """Free quantity of a usage kind per period and scope; the kinds of ``shared_with`` draw on the same allowance."""

    kind: str
    quantity: float
    unit: str
    period: Literal["month", "day"]
    scope: Literal["billing_account", "project"]
    shared_with: tuple[str, ...]
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True)
class PriceBookEntries:
    """A whole book in USD."""

    name: str
    prices: tuple[PriceEntry, ...]
    discounts: tuple[DiscountEntry, ...]
    free_tiers: tuple[FreeTierEntry, ...]

    @property
    def free_per_month(self) -> dict[str, float]:
        """Free quantity per billing account and month by kind, without those that count by day."""
        return {entry.kind: entry.quantity for entry in self.free_tiers if entry.period == "month"}


@cache
def load_price_book(path: Path = BOOK) -> PriceBookEntries:
    """Read a price book; raises PriceBookError with a sentence for what is missing, doubled or not a price."""
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PriceBookError(f"The price book {path.name} cannot be read: {error}. Mend that file.") from error
    groups: dict[str, list[str]] = body.get("region_groups", {})
    try:
        prices = tuple(entry for row in body["price"] for entry in _prices(row, groups))
        discounts = tuple(DiscountEntry(**{"one_year": None, "three_years": None} | row) for row in body["discount"])
        free = tuple(FreeTierEntry(**row | {"shared_with": tuple(row["shared_with"])}) for row in body["free_tier"])
        name = str(body["name"])
    except (KeyError, TypeError) as error:
        raise PriceBookError(f"The price book {path.name} lacks or misnames a field: {error}; mend it.") from error
    _check(path.name, prices, discounts)
    return PriceBookEntries(name, prices, discounts, free)


def load_query_price(path: Path = BOOK) -> PriceEntry:
    """What BigQuery takes for queries on demand; raises PriceBookError."""
    try:
        return PriceEntry(**tomllib.loads(path.read_text(encoding="utf-8"))["query_price"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise PriceBookError(f"The price book {path.name} lacks [query_price]: {error}. Mend that file.") from error


def _prices(row: dict[str, Any], groups: dict[str, list[str]]) -> list[PriceEntry]:
    regions = row.pop("regions")
    if isinstance(regions, str):
        regions = [EVERYWHERE] if regions == EVERYWHERE else groups[regions]
    return [PriceEntry(region=region, **row) for region in regions]


def _check(where: str, prices: tuple[PriceEntry, ...], discounts: tuple[DiscountEntry, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for entry in prices:
        place = (entry.key, entry.region)
        if place in seen:
            raise PriceBookError(f"{where} prices {entry.key} in {entry.region} twice; keep one of the entries.")
        if not entry.usd >= 0.0:
            raise PriceBookError(f"{where}: the price of {entry.key} in {entry.region} must not be negative.")
        seen.add(place)
    for discount in discounts:
        if any(ratio is not None and not 0.0 <= ratio < 1.0 for ratio in (discount.one_year, discount.three_years)):
            raise PriceBookError(f"{where}: discounts of {discount.rate_class} are ratios of 0 up to 1.")
