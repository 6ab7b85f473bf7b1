"""Importing a table of BigQuery: the price first, then the reductions, as one load that counts every row once.

A load holds the rows whose export time lies after the last load of that table and up to the newest one that had
settled; so a second import adds what was appended since. A table without export times is one load, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from data.bigquery_load import TableImport, bad_rows_query
from data.bigquery_price import TablePrice, price_of, refuse_beyond
from data.bigquery_warehouse import no_sku_class, window_query
from data.importing import SourceReport
from data.kept_answers import KeptAnswers, alone
from data.load_check import LoadDoesNotAddUp
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES, Jobs, TableName, connect_client
from data.sources.bigquery_window import Window, window_of
from data.sources.refusal import SourceRefused
from data.warehouse import REDUCTION_NAMES
from data.workspace import LoadRefused

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from data.sources.bigquery import Client
    from data.watch import Progress
    from data.workspace import Workspace


@dataclass(frozen=True)
class TableOptions:
    """``since_month`` (202601): older invoice months stay out. ``maximum_bytes`` caps all queries of one import.

    ``hours_since`` (202609): of older invoice months come sums by day, but no hours by resource, by far the most.
    """

    since_month: int | None = None
    maximum_bytes: int = DEFAULT_MAXIMUM_BYTES
    hours_since: int | None = None

    def __post_init__(self) -> None:
        """Raise SourceRefused for what is no month."""
        for month in (self.since_month, self.hours_since):
            if month is not None and not 1 <= month % 100 <= 12:
                raise SourceRefused(f"{month} is no invoice month: write it as 202601.")


def price_table(
    workspace: Workspace, uri: str, options: TableOptions | None = None, client: Client | None = None
) -> TablePrice:
    """What an import of the table would read and cost; only dry runs, which are free. Raises SourceRefused.

    What an interrupted import has fetched already costs nothing again.
    """
    wanted, name = options or TableOptions(), TableName.parse(uri)
    jobs, window = _open(workspace, name, wanted, client, None)
    return _price(jobs, window, KeptAnswers.of(workspace, window))


def import_table(
    workspace: Workspace,
    uri: str,
    options: TableOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    client: Client | None = None,
) -> SourceReport:
    """Add what a table holds and the workspace does not; a refusal is in the report, ImportCancelled is raised.

    An import that was interrupted goes on: answers that were fetched and jobs that were started are used.
    """
    wanted = options or TableOptions()
    try:
        name = TableName.parse(uri)
        with alone(workspace, name):
            jobs, window = _open(workspace, name, wanted, client, cancel)
            kept = KeptAnswers.of(workspace, window)
            price = _price(jobs, window, kept)
            refuse_beyond(price, wanted.maximum_bytes, " or take fewer months with `--since` or `--hours-since`")
            return TableImport(workspace, jobs, window, kept, on_progress).run()
    except (SourceRefused, LoadRefused, LoadDoesNotAddUp) as refusal:
        return SourceReport(uri, "", refused=str(refusal))
    except (duckdb.Error, OSError) as error:
        said = str(error).splitlines()[0]
        return SourceReport(uri, "", refused=f"{uri} could not be written to the workspace ({said}): make room.")


def _open(
    workspace: Workspace, name: TableName, options: TableOptions, client: Client | None, cancel: threading.Event | None
) -> tuple[Jobs, Window]:
    jobs = Jobs(client or connect_client(name.project), name, options.maximum_bytes, cancel)
    loads = [load for load in workspace.loads() if load.path == name.uri]
    return jobs, window_of(name, jobs.describe(), options.since_month, loads, options.hours_since)


def _price(jobs: Jobs, window: Window, kept: KeptAnswers) -> TablePrice:
    """Priced before the window's end and the SKUs' classes are known: neither changes what is read."""
    reductions = (window_query(name, window, no_sku_class(), only_good=True) for name in ("skus", *REDUCTION_NAMES))
    queries = (window.watermark_query(), bad_rows_query(window), *reductions)
    missing = ((query, kept.has_step(query.name)) for query in queries)
    return price_of(jobs, window.kind, missing, None if window.loads else jobs.row_count)
