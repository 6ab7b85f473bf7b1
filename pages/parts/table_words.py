"""How tables in BigQuery are written about: prices, months, schedules, and which prices are in use."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from data.bigquery_descriptions import DESCRIPTIONS
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.bigquery_price import TablePrice
    from data.facts import Fact
    from data.own_prices import PriceReading

WHAT_HAPPENS: Final = (
    "The queries run in BigQuery with this machine's Google credentials (`gcloud auth application-default login`); "
    "only sums travel here. Nothing runs before its price is shown, and no query may exceed it."
)
SCHEDULE: Final = (
    "Each run adds what was appended since the last one and reads little more than that. As a line of cron, every "
    "morning; `docs/bigquery.md` has the same as a Cloud Run job."
)
RATES: Final = "commitment_rates."


def price_words(price: TablePrice) -> str:
    """What the queries would read and cost, at which price and from when."""
    cost = f"{price.usd:,.2f} USD" if price.usd >= 0.01 else "less than 0.01 USD"
    what, work = ("export", "the import") if price.kind not in DESCRIPTIONS else ("of Google's export", "it")
    return (
        f"{price.uri}: {price.kind} {what} in {price.location}; {work} reads {price.gib:,.2f} GiB, {cost} at "
        f"{price.usd_per_tib:,.2f} USD per TiB ({price.price_source}, {price.price_as_of}), before the free TiB a "
        "month." + _travelling_words(price)
    )


def _travelling_words(price: TablePrice) -> str:
    if price.travelling_bytes is None:
        return ""
    least, most = (f"{count / 2**20:,.1f} MiB" for count in price.travelling_bytes)
    return f" Of that about {least} (lines that recur every hour) to {most} (no two lines alike) travel here."


def month_of(text: str) -> int | None:
    """The invoice month that was typed, None where nothing was; raises SourceRefused.

    >>> month_of("2026-01"), month_of(" ")
    (202601, None)
    """
    digits = text.strip().replace("-", "")
    if not digits:
        return None
    if len(digits) != 6 or not digits.isdecimal() or not "01" <= digits[4:] <= "12" or not "19" <= digits[:2] <= "29":
        raise SourceRefused(f"{text.strip()} is no invoice month: write it as 202601, or leave it empty for all.")
    return int(digits)


def schedule_command(uri: str, workspace: str, since_month: int | None, hours_since: int | None = None) -> str:
    """The line of cron that refreshes a table every morning.

    >>> schedule_command("bq://p.d.t", "w", 202601)
    '17 6 * * *  .venv/bin/python cli.py import bq://p.d.t --workspace w --since 202601'
    """
    since = f" --since {since_month}" if since_month is not None else ""
    since += f" --hours-since {hours_since}" if hours_since is not None else ""
    return f"17 6 * * *  .venv/bin/python cli.py import {uri} --workspace {shlex.quote(workspace)}{since}"


def prices_in_use(facts: Mapping[str, Fact], book: str, reading: PriceReading | None = None) -> str:
    """Which prices plans are made with: the account's own of commitments, by class, and of units; else the book's."""
    if reading is not None:
        units = (
            f"For usage that the bill lacks: {reading.price_count:,} prices of your own ({reading.name}), where they "
            "are in the bill's currency. "
        )
        return units + prices_in_use(facts, book)
    own = {key.removeprefix(RATES).rpartition(".")[0]: fact for key, fact in facts.items() if key.startswith(RATES)}
    if not own:
        return f"In use: {book}. None of your own commitment prices was read."
    sources = sorted({fact.source.rpartition(": ")[0] or fact.source for fact in own.values()})
    return f"In use: your own prices of {', '.join(own)} ({', '.join(sources)}); for all else {book}."
