"""The account's own unit prices: rows of Google's ``cloud_pricing_export`` → prices of usage kinds by region.

They stand for usage that the bill does not hold yet, in place of the dated book's list prices. A price is that of the
first tier that costs anything, per physical unit of the kind, in the account's currency; of several SKUs of a kind and
region the dearest counts, so that no plan looks cheaper than it may become. SKUs of multi-regions are left out: their
list of regions says where data lie, not what a region costs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from data.monthly_kinds import MONTHLY_KINDS, monthly_factor, monthly_kind
from data.price_book import EVERYWHERE
from data.sku_classes import classify, physical_factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Row = dict[str, Any]

SIZE_CLASS: Final = re.compile(r"\bcapacity (?:basic|standard) (M[1-5])\b", re.IGNORECASE)
"""Memorystore is priced by size class, which its SKUs name."""


@dataclass(frozen=True)
class OwnPrice:
    """Price of a usage kind (``kind@CLASS`` where classes differ) in a region ('*': everywhere) per physical unit."""

    key: str
    region: str
    currency: str
    on_demand: float
    list: float
    source: str


def own_prices_of(tables: Iterable[tuple[str, Iterable[Row]]]) -> list[OwnPrice]:
    """The prices of named rows by key, region and currency; of one SKU the row that comes last counts."""
    by_sku: dict[tuple[str, str, str, str], OwnPrice] = {}
    for name, rows in tables:
        for row in rows:
            by_sku |= {(_sku_id(row), one.key, one.region, one.currency): one for one in _prices(name, row)}
    found: dict[tuple[str, str, str], OwnPrice] = {}
    for one in sorted(by_sku.values(), key=lambda each: (each.on_demand, each.list, each.source)):
        found[one.key, one.region, one.currency] = one
    return [found[place] for place in sorted(found)]


def _prices(name: str, row: Row) -> Iterator[OwnPrice]:
    key, factor = _key_and_factor(row)
    currency = str(row.get("account_currency_code") or "")
    on_demand = _first_rate(row.get("billing_account_price")) or _first_rate(row.get("list_price"))
    if not key or not factor or not currency or on_demand is None:
        return
    listed = _first_rate(row.get("list_price")) or on_demand
    day = str(row.get("pricing_as_of_time") or row.get("export_time") or "")[:10]
    source = f"{name}, SKU {_sku_id(row)}" + (f", as of {day}" if day else "")
    for region in _regions(row):
        yield OwnPrice(key, region, currency, float(on_demand / factor), float(listed / factor), source)


def _key_and_factor(row: Row) -> tuple[str, Decimal | None]:
    """The key of the book that the SKU's price belongs under, and physical units in a pricing unit."""
    service, sku = row.get("service") or {}, row.get("sku") or {}
    text, unit = sku.get("description"), row.get("pricing_unit_description") or row.get("pricing_unit")
    known = classify(service.get("id"), service.get("description"), sku.get("id"), text)
    if known.fee_of:
        return "", None
    kind = known.kind or monthly_kind(known.product, text, (str(unit or ""),))
    if not kind:
        return "", None
    factor = _factor(kind, row)
    size = SIZE_CLASS.search(str(text))
    return f"{kind}@{size[1].upper()}" if size else kind, None if factor is None else Decimal(str(factor))


def _factor(kind: str, row: Row) -> float | None:
    for name in ("pricing_unit_description", "pricing_unit"):
        unit = row.get(name)
        factor = monthly_factor(kind, unit) if kind in MONTHLY_KINDS else physical_factor(kind, unit)
        if unit and factor is not None:
            return factor
    return None


def _regions(row: Row) -> list[str]:
    where = row.get("geo_taxonomy") or {}
    if where.get("type") == "GLOBAL":
        return [EVERYWHERE]
    return [str(region) for region in where.get("regions") or []] if where.get("type") == "REGIONAL" else []


def _first_rate(prices: Row | None) -> Decimal | None:
    """The first tiered rate above 0 in the account's currency, for one pricing unit."""
    for rate in (prices or {}).get("tiered_rates") or []:
        try:
            amount = Decimal(str(rate.get("account_currency_amount") or 0))
            quantity = Decimal(str(rate.get("pricing_unit_quantity") or 1))
        except InvalidOperation:
            continue
        if amount.is_finite() and amount > 0 and quantity.is_finite() and quantity > 0:
            return amount / quantity
    return None


def _sku_id(row: Row) -> str:
    return str((row.get("sku") or {}).get("id") or "")
