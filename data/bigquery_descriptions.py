"""What describes a bill, read from tables of BigQuery: the price export and the commitments export.

Both are daily snapshots: only the newest rows of the last days are asked for, and only the columns that are read. A
table whose newest snapshot is older than that has stopped, which is said, since old prices would pass for today's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.bigquery_price import TablePrice, price_of, refuse_beyond
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES, SCHEME, Jobs, Query, TableName, connect_client
from data.sources.bigquery_window import LOAD_TIME
from data.sources.commitments import commitments_of, subscription_rows
from data.sources.price_export import commitment_prices_of, price_rows
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from data.facts import Fact
    from data.sources.bigquery import Client

    Row = dict[str, Any]

SNAPSHOT_DAYS: Final = 8
"""Google writes a snapshot a day and promises no hour; after a week without one the export has stopped."""
EXPORTED_AT: Final = "export_time"


@dataclass(frozen=True)
class Description:
    """A kind of table: its name at Google, its rows in a file, and what makes facts of rows.

    ``needed`` columns must be there, ``wanted`` ones are read where they are; a snapshot has each ``identity`` once.
    """

    name: str
    needed: tuple[str, ...]
    wanted: tuple[str, ...]
    identity: tuple[str, ...]
    rows_of: Callable[[Path], list[Row]]
    facts_of: Callable[[Iterable[tuple[str, Iterable[Row]]]], list[Fact]]


DESCRIPTIONS: Final = {
    "prices": Description(
        "cloud_pricing_export",
        ("service", "sku", "consumption_model_prices"),
        ("service", "sku", "geo_taxonomy", "list_price", "billing_account_price", "consumption_model_prices",
         "pricing_unit", "pricing_unit_description", "account_currency_code", "pricing_as_of_time"),
        ("billing_account_id", "sku.id"),
        price_rows,
        commitment_prices_of,
    ),
    "commitments": Description(
        "cud_subscriptions_export",
        ("subscription", "term", "end_time"),
        ("cud_product", "consumption_model", "subscription", "region", "commitent_amount", "commitment_amount", "term",
         "start_time", "end_time", "state"),
        ("billing_account_id", "subscription.instance_id"),
        subscription_rows,
        commitments_of,
    ),
}  # fmt: skip


def description_named(table: str) -> str | None:
    """What a table of that name describes; Google gives these names, so None is a bill or something else."""
    return next((what for what, one in DESCRIPTIONS.items() if one.name == table), None)


def price_description(what: str, uri: str, client: Client | None = None) -> TablePrice:
    """What reading a table of ``DESCRIPTIONS`` would cost, by a dry run; raises SourceRefused."""
    jobs, query = _opened(what, uri, DEFAULT_MAXIMUM_BYTES, client)
    return _price(what, jobs, query)


def read_description(
    what: str, sources: Iterable[Path | str], maximum_bytes: int = DEFAULT_MAXIMUM_BYTES, client: Client | None = None
) -> list[Fact]:
    """The facts of ``DESCRIPTIONS`` in files and tables (bq://PROJECT.DATASET.TABLE), files first.

    Each table's query is priced and capped. Raises SourceRefused.
    """
    return DESCRIPTIONS[what].facts_of(described_rows(what, sources, maximum_bytes, client))


def described_rows(
    what: str, sources: Iterable[Path | str], maximum_bytes: int = DEFAULT_MAXIMUM_BYTES, client: Client | None = None
) -> list[tuple[str, list[Row]]]:
    """The rows of ``DESCRIPTIONS`` by the name of their file or table, as ``read_description`` asks for them."""
    texts = [str(source) for source in sources]
    uris = [TableName.parse(text).uri for text in texts if text.startswith(SCHEME)]
    files = [Path(text) for text in texts if not text.startswith(SCHEME)]
    tables = [(path.name, DESCRIPTIONS[what].rows_of(path)) for path in files]
    return [*tables, *((uri, _rows(what, uri, maximum_bytes, client)) for uri in uris)]


def _rows(what: str, uri: str, maximum_bytes: int, client: Client | None) -> list[Row]:
    jobs, query = _opened(what, uri, maximum_bytes, client)
    price = _price(what, jobs, query)
    refuse_beyond(price, maximum_bytes)
    texts = [text for batch in jobs.run(query) for text in batch.column(0).to_pylist()]
    if not texts:
        raise SourceRefused(
            f"{price.uri} has no rows of the last {SNAPSHOT_DAYS} days, so the export has stopped or has not begun: "
            "check it under Billing, Billing export."
        )
    return [json.loads(text) for text in texts]


def _opened(what: str, uri: str, maximum_bytes: int, client: Client | None) -> tuple[Jobs, Query]:
    name = TableName.parse(uri)
    jobs = Jobs(client or connect_client(name.project), name, maximum_bytes)
    return jobs, _query(DESCRIPTIONS[what], name, jobs.describe())


def _price(what: str, jobs: Jobs, query: Query) -> TablePrice:
    return price_of(jobs, what, [(query, False)])


def _query(wanted: Description, table: TableName, described: Any) -> Query:
    columns = {str(field.name): str(field.field_type) for field in described.schema}
    absent = next((name for name in wanted.needed if name not in columns), None)
    if absent is not None:
        raise SourceRefused(f"{table.uri} has no column {absent}: give Google's table {wanted.name}.")
    shown = ", ".join(f"s.`{name}`" for name in wanted.wanted if name in columns)
    time = EXPORTED_AT if EXPORTED_AT in columns else _load_time(described)
    sql = f"SELECT TO_JSON_STRING(STRUCT({shown})) AS snapshot_row FROM {table.sql} AS s"
    if time is None:
        return Query(wanted.name, sql)
    bound = f"s.`{time}` >= @snapshot_from"
    partition = _load_time(described)
    if partition is not None and partition != time:
        bound += f" AND (s.`{partition}` >= @snapshot_from OR s.`{partition}` IS NULL)"
    known = [name for name in wanted.identity if name.partition(".")[0] in columns]
    keys = ", ".join("s." + ".".join(f"`{part}`" for part in name.split(".")) for name in known)
    newest = f"ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY s.`{time}` DESC) = 1"
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=SNAPSHOT_DAYS)
    return Query(wanted.name, f"{sql} WHERE {bound} QUALIFY {newest}", (("snapshot_from", "TIMESTAMP", since),))


def _load_time(described: Any) -> str | None:
    """The pseudo-column of a table that is partitioned by the time of loading."""
    partitioning = getattr(described, "time_partitioning", None)
    return LOAD_TIME if partitioning is not None and partitioning.field is None else None
