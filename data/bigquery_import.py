"""Importing a table of BigQuery: the price first, then the reductions, as one load that counts every row once.

A load holds the rows whose export time lies after the last load of that table and up to the newest one that had
settled; so a second import adds what was appended since. A table without export times is one load, once.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import duckdb

from data.bigquery_warehouse import BigQueryWarehouse, fetch, no_sku_class, reduction_query
from data.importing import SourceReport, connect
from data.load_check import LoadDoesNotAddUp, check_load, literal_path
from data.price_book import load_query_price
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES, Jobs, Query, TableName, connect_client
from data.sources.bigquery_window import Window, window_of
from data.sources.charges import Rejects
from data.sources.refusal import SourceRefused
from data.warehouse import REDUCTION_NAMES, sku_class_table
from data.watch import Progress
from data.workspace import AlreadyLoaded, Load, LoadRefused, new_load_id, utc_now

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from data.sources.bigquery import Client
    from data.workspace import Workspace

MOST_BAD_ROWS: Final = 10_000
STEPS: Final = ("watermark", "quarantine", "skus", *REDUCTION_NAMES)


@dataclass(frozen=True)
class TableOptions:
    """``since_month`` (202601): older invoice months stay out. ``maximum_bytes`` caps all queries of one import."""

    since_month: int | None = None
    maximum_bytes: int = DEFAULT_MAXIMUM_BYTES


@dataclass(frozen=True)
class TablePrice:
    """What an import would read, by query and in all, and what that costs at the dated on-demand price in USD."""

    uri: str
    kind: str
    location: str
    bytes_by_step: tuple[tuple[str, int], ...]
    usd_per_tib: float
    price_source: str
    price_as_of: str

    @property
    def byte_count(self) -> int:
        """The bytes of all queries."""
        return sum(count for _, count in self.bytes_by_step)

    @property
    def allowed_bytes(self) -> int:
        """The cap for an import at this price: a tenth more, and BigQuery's least charge of 10 MB a query."""
        return round(self.byte_count * 1.1) + 10_000_000 * len(self.bytes_by_step)

    @property
    def gib(self) -> float:
        """The bytes of all queries in GiB."""
        return self.byte_count / 2**30

    @property
    def usd(self) -> float:
        """Bytes ÷ 2⁴⁰ × the price per TiB, before the free TiB a month."""
        return self.byte_count / 2**40 * self.usd_per_tib


@dataclass(frozen=True)
class TableSource:
    """The table as a load's check names it."""

    path: str
    kind: str
    row_count_hint: int | None


def price_table(
    workspace: Workspace, uri: str, options: TableOptions | None = None, client: Client | None = None
) -> TablePrice:
    """What an import of the table would read and cost; only dry runs, which are free. Raises SourceRefused."""
    jobs, window = _open(workspace, uri, options or TableOptions(), client, None)
    return _price(jobs, window)


def import_table(
    workspace: Workspace,
    uri: str,
    options: TableOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    client: Client | None = None,
) -> SourceReport:
    """Add what a table holds and the workspace does not; a refusal is in the report, ImportCancelled is raised."""
    wanted = options or TableOptions()
    try:
        name = TableName.parse(uri)
        with _alone(workspace, name.uri):
            jobs, window = _open(workspace, name.uri, wanted, client, cancel)
            price = _price(jobs, window)
            _refuse_beyond(price, wanted.maximum_bytes)
            return _Import(workspace, jobs, window, on_progress).run()
    except (SourceRefused, LoadRefused, LoadDoesNotAddUp) as refusal:
        return SourceReport(uri, "", refused=str(refusal))
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        return SourceReport(uri, "", refused=f"{uri} could not be written to the workspace ({said}): make room.")


@contextmanager
def _alone(workspace: Workspace, uri: str) -> Iterator[None]:
    """One import of a table at a time: two would both take the rows since the last one, up to different ends.

    The lock is the process's, so a crash frees it. Raises LoadRefused where another import is under way.
    """
    digest = hashlib.blake2b(uri.encode(), digest_size=8).hexdigest()
    with (workspace.folder / f"table-{digest}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LoadRefused(f"{uri} is being imported into this workspace: wait until that is done.") from error
        yield


def _open(
    workspace: Workspace, uri: str, options: TableOptions, client: Client | None, cancel: threading.Event | None
) -> tuple[Jobs, Window]:
    name = TableName.parse(uri)
    jobs = Jobs(client or connect_client(name.project), name, options.maximum_bytes, cancel)
    loads = [load for load in workspace.loads() if load.path == name.uri]
    return jobs, window_of(name, jobs.describe(), options.since_month, loads)


def _price(jobs: Jobs, window: Window) -> TablePrice:
    charges, parameters = window.charges(only_good=True), window.parameters
    reductions = (reduction_query(name, charges, parameters, no_sku_class()) for name in ("skus", *REDUCTION_NAMES))
    queries = [window.watermark_query(), _bad_rows(window), *reductions]
    price = load_query_price()
    counted = tuple((query.name, jobs.dry_run(query)) for query in queries)
    return TablePrice(jobs.table.uri, window.kind, jobs.location, counted, price.usd, price.source, price.as_of)


def _refuse_beyond(price: TablePrice, maximum_bytes: int) -> None:
    if price.byte_count > maximum_bytes:
        raise SourceRefused(
            f"{price.uri} would take {price.gib:,.2f} GiB of queries (about {price.usd:,.2f} USD), more "
            f"than the {maximum_bytes / 2**30:,.2f} GiB allowed, so none ran: raise `--maximum-bytes "
            f"{price.byte_count}` or take fewer months with `--since`."
        )


def _bad_rows(window: Window) -> Query:
    numbered = f"SELECT ROW_NUMBER() OVER () AS row_number, problem, raw FROM ({window.bad_rows()}) AS bad"
    return Query("quarantine", f"{numbered} LIMIT {MOST_BAD_ROWS + 1}", window.parameters)


class _Import:
    """One import of one table into one load."""

    def __init__(
        self, workspace: Workspace, jobs: Jobs, window: Window, on_progress: Callable[[Progress], None] | None
    ) -> None:
        self._workspace, self._jobs, self._window = workspace, jobs, window
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._row_count = 0

    def run(self) -> SourceReport:
        """Fetch, check and commit; nothing is kept of what does not add up."""
        self._workspace.sweep()
        with self._workspace.incoming() as folder, connect(folder / "spill") as connection:
            self._say("watermark")
            found = self._row_at_watermark(folder, connection)
            if found is None:
                return self._nothing_new()
            self._row_count, window = found
            return self._load(folder, connection, window)

    def _row_at_watermark(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> tuple[int, Window] | None:
        """How many rows are new and the window that holds them; None where there are none."""
        answer = folder / "watermark.answer"
        fetch(self._jobs, self._window.watermark_query(), answer)
        row = connection.execute(
            "SELECT new_count, old_count, epoch_us(CAST(newest AS TIMESTAMPTZ)) FROM read_parquet($file)",
            {"file": str(answer)},
        ).fetchall()[0]
        answer.unlink()
        new_count, old_count, newest = int(row[0]), int(row[1]), row[2]
        loaded = sum(load.rows_read for load in self._window.loads)
        if old_count > loaded:
            raise LoadRefused(
                f"{self._window.uri} now holds {old_count:,} rows up to the last import, which took {loaded:,}: rows "
                "came in late or were rewritten, so remove the loads of this table and import it again."
            )
        if not new_count:
            return None
        until = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=newest) if newest is not None else None
        return new_count, self._window.up_to(until)

    def _nothing_new(self) -> SourceReport:
        if not self._window.loads:
            raise SourceRefused(f"{self._window.uri} has no rows that could be taken: give months that were billed.")
        last = self._window.loads[-1]
        return SourceReport(
            self._window.uri, last.kind, last.rows_read, last.rows_accepted, last.rows_quarantined,
            already_loaded=True, load_id=last.id,
        )  # fmt: skip

    def _load(self, folder: Path, connection: duckdb.DuckDBPyConnection, window: Window) -> SourceReport:
        bad_count = self._write_quarantine(folder, connection, window)
        charges = window.charges(only_good=bad_count > 0)
        warehouse = BigQueryWarehouse(self._jobs, charges, window.parameters, connection, self._say)
        warehouse.write_reductions(folder, sku_class_table(warehouse.write_skus(folder)))
        source = TableSource(window.uri, window.kind, self._row_count)
        counts = check_load(connection, folder, source, Rejects(self._row_count, bad_count))
        load = Load(
            id=new_load_id(), identity=window.identity, path=window.uri, kind=window.kind,
            byte_count=self._jobs.billed_bytes, rows_read=counts.rows_read, rows_accepted=counts.rows_accepted,
            rows_quarantined=counts.rows_quarantined, is_demo=False, committed_at=utc_now(),
        )  # fmt: skip
        try:
            self._workspace.commit(folder, load, counts.billing_accounts)
        except AlreadyLoaded:
            return self._nothing_new()
        return SourceReport(
            load.path, load.kind, load.rows_read, load.rows_accepted, load.rows_quarantined, load_id=load.id
        )

    def _write_quarantine(self, folder: Path, connection: duckdb.DuckDBPyConnection, window: Window) -> int:
        self._say("quarantine")
        answer = folder / "quarantine.answer"
        has_rows = fetch(self._jobs, _bad_rows(window), answer)
        columns = (
            "row_number, split_part(problem, ': ', 1) AS column_name, problem AS reason, CAST(NULL AS VARCHAR) AS "
            f"amount_text, raw FROM read_parquet({literal_path(answer)})"
        )
        if not has_rows:
            columns = (
                "CAST(NULL AS BIGINT) AS row_number, '' AS column_name, '' AS reason, '' AS amount_text, '' AS raw "
                "LIMIT 0"
            )
        file = literal_path(folder / "quarantine.parquet")
        count = int(connection.execute(f"COPY (SELECT {columns}) TO {file} (FORMAT parquet)").fetchall()[0][0])
        answer.unlink(missing_ok=True)
        if count > MOST_BAD_ROWS:
            raise SourceRefused(
                f"{window.uri} has more than {MOST_BAD_ROWS:,} rows that cannot be read as billing lines, so nothing "
                "of it was kept: check that it is an unchanged billing export."
            )
        return count

    def _say(self, step: str) -> None:
        if self._on_progress is not None:
            fraction = STEPS.index(step) / len(STEPS)
            seconds = max(time.monotonic() - self._started, 1e-9)
            rows = round(self._row_count * fraction)
            self._on_progress(Progress(self._window.uri, step, fraction, rows, rows / seconds))
