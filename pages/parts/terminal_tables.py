"""What the command line prints of tables in BigQuery: what an import would read and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.bigquery_import import TableOptions, TablePrice, price_table
from data.sources.bigquery import SCHEME
from data.sources.refusal import SourceRefused
from pages.parts.table_words import price_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.workspace import Workspace


def prices(workspace: Workspace, paths: Sequence[str], options: TableOptions) -> list[TablePrice]:
    """The price of each table; raises SourceRefused, also for what is no table and so has no price."""
    for path in paths:
        if not path.startswith(SCHEME):
            raise SourceRefused(f"--dry-run prices tables in BigQuery, and {path} is none: leave --dry-run out.")
    return [price_table(workspace, path, options) for path in paths]


def prices_document(found: Sequence[TablePrice]) -> dict[str, Any]:
    """The JSON of ``import --dry-run``."""
    tables = [
        {
            "table": each.uri, "kind": each.kind, "location": each.location, "bytes": each.byte_count,
            "usd": round(each.usd, 6), "usd_per_tib": each.usd_per_tib, "price_source": each.price_source,
            "price_as_of": each.price_as_of, "bytes_by_query": dict(each.bytes_by_step),
        }
        for each in found
    ]  # fmt: skip
    return {"version": 1, "dry_run": True, "tables": tables}


def price_lines(found: Sequence[TablePrice]) -> list[str]:
    """One sentence a table."""
    return [price_words(each) for each in found]
