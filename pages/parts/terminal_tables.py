"""What the command line prints of tables in BigQuery: what an import would read and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.bigquery_descriptions import DESCRIPTIONS, price_description
from data.bigquery_import import TableOptions, TablePrice, price_table
from data.sources.bigquery import SCHEME
from data.sources.refusal import SourceRefused
from pages.parts.table_words import price_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.workspace import Workspace


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
        }
        for each in found
    ]  # fmt: skip
    return {"version": 1, "dry_run": True, "tables": tables}


def price_lines(found: Sequence[TablePrice]) -> list[str]:
    """One sentence a table."""
    return [price_words(each) for each in found]
