"""What the command line prints of tables in BigQuery: what an import would read and cost."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from data.bigquery_descriptions import DESCRIPTIONS, price_description
from data.bigquery_import import TableOptions, price_table
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES, SCHEME
from data.sources.refusal import SourceRefused
from pages.parts.table_words import price_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from data.bigquery_price import TablePrice
    from data.workspace import Workspace


MONTH: Final = click.IntRange(190001, 299912)


def about_tables(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command on what is asked of tables, handed over as ``tables: TableOptions``."""

    @click.option("--maximum-bytes", type=click.IntRange(1), default=DEFAULT_MAXIMUM_BYTES, show_default=True,
                  help="Tables: what all queries of one import may be billed for.")  # fmt: skip
    @click.option("--since", type=MONTH, help="Tables: first month, as 202601.")
    @click.option("--hours-since", type=MONTH,
                  help="Tables: first month by hour and resource, to plan on; older ones come by day.")  # fmt: skip
    @wraps(function)
    def asked(*, maximum_bytes: int, since: int | None, hours_since: int | None, **given: Any) -> Any:
        return function(tables=TableOptions(since, maximum_bytes, hours_since), **given)

    return asked


def prices(
    workspace: Workspace,
    paths: Sequence[str],
    options: TableOptions,
    described_by: Mapping[str, Sequence[object]] | None = None,
) -> list[TablePrice]:
    """The price of each table, also of prices and commitments; raises SourceRefused for what has no price."""
    described = [(what, str(path)) for what in DESCRIPTIONS for path in (described_by or {}).get(what, ())]
    for path in (*paths, *(path for _, path in described)):
        if not path.startswith(SCHEME):
            raise SourceRefused(f"--dry-run prices tables in BigQuery, and {path} is none: leave --dry-run out.")
    bills = [price_table(workspace, path, options) for path in paths]
    return [*bills, *(price_description(what, path) for what, path in described)]


def cap_of(description: str, maximum_bytes: int) -> dict[str, int]:
    """The cap for what may be read from tables."""
    return {"maximum_bytes": maximum_bytes} if description in DESCRIPTIONS else {}


def prices_document(found: Sequence[TablePrice]) -> dict[str, Any]:
    """The JSON of ``import --dry-run``."""
    tables = [
        {
            "table": each.uri, "kind": each.kind, "location": each.location, "bytes": each.byte_count,
            "usd": round(each.usd, 6), "usd_per_tib": each.usd_per_tib, "price_source": each.price_source,
            "price_as_of": each.price_as_of, "bytes_by_query": dict(each.bytes_by_step),
            "travelling_bytes": dict(zip(("least", "most"), each.travelling_bytes, strict=True))
            if each.travelling_bytes else None,
        }
        for each in found
    ]  # fmt: skip
    return {"version": 1, "dry_run": True, "tables": tables}


def price_lines(found: Sequence[TablePrice]) -> list[str]:
    """One sentence a table."""
    return [price_words(each) for each in found]
