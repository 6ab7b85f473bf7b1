"""The customer's own commitment prices: rows of Google's ``cloud_pricing_export``, as JSON or JSON lines.

Of every SKU that a commitment covers the price under a consumption model is held against the account's own price:
d = 1 − commitment price ÷ own price, at the first tier that costs anything. Facts are
``commitment_rates.CLASS.one_year`` and ``three_years``; where SKUs of a class differ the smallest discount is taken,
and the range told.
Fees of resource commitments are prices of a committed vCPU or GiB and hour, by series, part and region:
``commitment_rates.gce_resource.SERIES.PART.REGION.one_year``, in the account's currency.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from data.facts import Fact, measured
from data.sku_classes import classify, machine_of_fee
from data.sources.commitments import CONSUMPTION_MODELS
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Row = dict[str, Any]

WANTED: Final = "rows of cloud_pricing_export, as `bq query --format=json` prints them"
TERMS: Final = ("one_year", "three_years")
TERM_OF: Final = dict(zip(("1y", "3y"), TERMS, strict=True))
MACHINES: Final = "gce_resource"


def read_commitment_prices(paths: Iterable[Path]) -> list[Fact]:
    """Return the discounts that price exports tell, by rate class and term.

    Raises SourceRefused, in one sentence, for a file that is no price export or tells no commitment price.
    """
    return commitment_prices_of((path.name, price_rows(path)) for path in paths)


def commitment_prices_of(tables: Iterable[tuple[str, Iterable[Row]]], *, is_optional: bool = False) -> list[Fact]:
    """The discounts of named rows; of one SKU the row that comes last counts.

    Raises as ``read_commitment_prices``; not for rows without any where they are optional.
    """
    found: dict[tuple[str, str], dict[str, float]] = {}
    fees: dict[str, tuple[float, str]] = {}
    names: list[str] = []
    for name, rows in tables:
        names.append(name)
        for row in rows:
            for rate_class, term, discount in _discounts(row):
                found.setdefault((rate_class, term), {})[str((row.get("sku") or {}).get("id"))] = discount
            fees |= {key: (price, name) for key, price in _machine_fees(row)}
    source = ", ".join(names)
    if not found and not fees and not is_optional:
        raise SourceRefused(f"{source} tells no commitment price of anything that is planned here: give {WANTED}.")
    return [
        measured(f"commitment_rates.{rate_class}.{term}", min(by_sku.values()), _source(source, by_sku))
        for (rate_class, term), by_sku in sorted(found.items())
    ] + [measured(f"commitment_rates.{key}", price, name) for key, (price, name) in sorted(fees.items())]


def _source(name: str, by_sku: dict[str, float]) -> str:
    low, high = min(by_sku.values()), max(by_sku.values())
    if low == high:
        return f"{name}: {len(by_sku)} SKUs"
    return f"{name}: {len(by_sku)} SKUs from {low:.1%} to {high:.1%}, the smallest is taken"


def price_rows(path: Path) -> list[Row]:
    """The rows of a file; raises as ``read_commitment_prices``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        try:
            content = json.loads(text)
        except ValueError:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise SourceRefused(f"{path.name} is not JSON ({error}): give {WANTED}.") from error
    rows = content if isinstance(content, list) else [content]
    if not rows or not all(isinstance(row, dict) and "consumption_model_prices" in row for row in rows):
        raise SourceRefused(f"{path.name} has no column consumption_model_prices: give {WANTED}.")
    return rows


def _discounts(row: Row) -> Iterator[tuple[str, str, float]]:
    """Rate class, term and discount of every commitment that this SKU's row prices."""
    service, sku = row.get("service") or {}, row.get("sku") or {}
    known = classify(service.get("id"), service.get("description"), sku.get("id"), sku.get("description"))
    own = _price(row.get("billing_account_price")) or _price(row.get("list_price"))
    if not known.rate_class or own is None:
        return
    models = CONSUMPTION_MODELS[known.pool][:2]
    for model in row.get("consumption_model_prices") or []:
        identity = model.get("consumption_model_id")
        price = _price(model.get("billing_account_price")) or _price(model.get("list_price"))
        if identity in models and price is not None:
            yield known.rate_class.partition(".")[0], TERMS[models.index(identity)], float(round(1 - price / own, 6))


def _machine_fees(row: Row) -> Iterator[tuple[str, float]]:
    """Key and price of what a resource commitment asks for a unit and hour, in every region that the row names."""
    service, sku = row.get("service") or {}, row.get("sku") or {}
    known = classify(service.get("id"), service.get("description"), sku.get("id"), sku.get("description"))
    machine = machine_of_fee(sku.get("description"))
    price = _price(row.get("billing_account_price")) or _price(row.get("list_price"))
    if known.fee_of != MACHINES or not machine or known.term not in TERM_OF or price is None:
        return
    for region in (row.get("geo_taxonomy") or {}).get("regions") or []:
        yield f"{MACHINES}.{machine}.{region}.{TERM_OF[known.term]}", float(price)


def _price(prices: Row | None) -> Decimal | None:
    """The first tiered rate above 0, in the account's currency."""
    for rate in (prices or {}).get("tiered_rates") or []:
        try:
            amount = Decimal(str(rate.get("account_currency_amount") or rate.get("usd_amount") or 0))
        except InvalidOperation:
            continue
        if amount.is_finite() and amount > 0:
            return amount
    return None
