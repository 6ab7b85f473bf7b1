"""How the price of an import from BigQuery is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.bigquery_import import TablePrice


def price_words(price: TablePrice) -> str:
    """What the queries would read and cost, at which price and from when."""
    cost = f"{price.usd:,.2f} USD" if price.usd >= 0.01 else "less than 0.01 USD"
    return (
        f"{price.uri}: {price.kind} export in {price.location}; the import reads {price.gib:,.2f} GiB, {cost} at "
        f"{price.usd_per_tib:,.2f} USD per TiB ({price.price_source}, {price.price_as_of}), before the free TiB a "
        "month."
    )
