"""One import of one table into one load: fetch what is not here yet, check that it adds up, commit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import duckdb

from data.bigquery_warehouse import BigQueryWarehouse
from data.importing import SourceReport, connect
from data.load_check import LoadDoesNotAddUp, check_load, literal_path
from data.sources.bigquery import Query
from data.sources.charges import Rejects
from data.sources.refusal import SourceRefused
from data.warehouse import REDUCTION_NAMES, sku_class_table
from data.watch import Progress
from data.workspace import AlreadyLoaded, Load, LoadRefused, new_load_id, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data.kept_answers import KeptAnswers
    from data.sources.bigquery import Jobs
    from data.sources.bigquery_window import Window
    from data.workspace import Workspace

MOST_BAD_ROWS: Final = 10_000
STEPS: Final = ("watermark", "quarantine", "skus", *REDUCTION_NAMES)


@dataclass(frozen=True)
class TableSource:
    """The table as a load's check names it."""

    path: str
    kind: str
    row_count_hint: int | None


def bad_rows_query(window: Window) -> Query:
    """The rows of a window that cannot be read, one more than are taken."""
    numbered = f"SELECT ROW_NUMBER() OVER () AS row_number, problem, raw FROM ({window.bad_rows()}) AS bad"
    return Query("quarantine", f"{numbered} LIMIT {MOST_BAD_ROWS + 1}", window.parameters)


@dataclass
class TableImport:
    """One import of one table into one load."""

    workspace: Workspace
    jobs: Jobs
    window: Window
    kept: KeptAnswers
    on_progress: Callable[[Progress], None] | None = None

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        self._row_count = 0

    def run(self) -> SourceReport:
        """Fetch, check and commit. What does not add up is dropped, what is interrupted is gone on with."""
        self.workspace.sweep()
        with self.workspace.incoming() as folder, connect(folder / "spill") as connection:
            self._say("watermark")
            found = self._row_at_watermark(connection)
            if found is None:
                return self._nothing_new()
            self._row_count, window = found
            try:
                return self._load(folder, connection, window)
            except (LoadDoesNotAddUp, LoadRefused, duckdb.Error):
                self.kept.forget()
                raise

    def _row_at_watermark(self, connection: duckdb.DuckDBPyConnection) -> tuple[int, Window] | None:
        """How many rows are new and the window that holds them; None where there are none."""
        answer = self.kept.answer(self.jobs, self.window.watermark_query())
        row = connection.execute(
            "SELECT new_count, old_count, epoch_us(CAST(newest AS TIMESTAMPTZ)) FROM read_parquet($file)",
            {"file": str(answer)},
        ).fetchall()[0]
        new_count, old_count, newest = int(row[0]), int(row[1]), row[2]
        loaded = sum(load.rows_read for load in self.window.loads)
        if not new_count or old_count > loaded:
            self.kept.forget()
        if old_count > loaded:
            raise LoadRefused(
                f"{self.window.uri} now holds {old_count:,} rows up to the last import, which took {loaded:,}: rows "
                "came in late or were rewritten, so remove the loads of this table and import it again."
            )
        if not new_count:
            return None
        until = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=newest) if newest is not None else None
        return new_count, self.window.up_to(until)

    def _nothing_new(self) -> SourceReport:
        if not self.window.loads:
            raise SourceRefused(f"{self.window.uri} has no rows that could be taken: give months that were billed.")
        last = self.window.loads[-1]
        return SourceReport(
            self.window.uri, last.kind, last.rows_read, last.rows_accepted, last.rows_quarantined,
            already_loaded=True, load_id=last.id,
        )  # fmt: skip

    def _load(self, folder: Path, connection: duckdb.DuckDBPyConnection, window: Window) -> SourceReport:
        bad_count = self._write_quarantine(folder, connection, window)
        warehouse = BigQueryWarehouse(self.jobs, self.kept, window, connection, self._say, only_good=bad_count > 0)
        warehouse.write_reductions(folder, sku_class_table(warehouse.write_skus(folder)))
        source = TableSource(window.uri, window.kind, self._row_count)
        counts = check_load(connection, folder, source, Rejects(self._row_count, bad_count), window.hours_since or 0)
        load = Load(
            id=new_load_id(), identity=window.identity, path=window.uri, kind=window.kind,
            byte_count=self.jobs.billed_bytes, rows_read=counts.rows_read, rows_accepted=counts.rows_accepted,
            rows_quarantined=counts.rows_quarantined, is_demo=False, committed_at=utc_now(),
        )  # fmt: skip
        try:
            self.workspace.commit(folder, load, counts.billing_accounts)
        except AlreadyLoaded:
            return self._nothing_new()
        self.kept.forget()
        return SourceReport(
            load.path, load.kind, load.rows_read, load.rows_accepted, load.rows_quarantined, load_id=load.id
        )

    def _write_quarantine(self, folder: Path, connection: duckdb.DuckDBPyConnection, window: Window) -> int:
        self._say("quarantine")
        answer = self.kept.answer(self.jobs, bad_rows_query(window))
        columns = (
            "CAST(NULL AS BIGINT) AS row_number, '' AS column_name, '' AS reason, '' AS amount_text, '' AS raw LIMIT 0"
        )
        if answer is not None:
            columns = (
                "row_number, split_part(problem, ': ', 1) AS column_name, problem AS reason, CAST(NULL AS VARCHAR) AS "
                f"amount_text, raw FROM read_parquet({literal_path(answer)})"
            )
        file = literal_path(folder / "quarantine.parquet")
        count = int(connection.execute(f"COPY (SELECT {columns}) TO {file} (FORMAT parquet)").fetchall()[0][0])
        if count > MOST_BAD_ROWS:
            self.kept.forget()
            raise SourceRefused(
                f"{window.uri} has more than {MOST_BAD_ROWS:,} rows that cannot be read as billing lines, so nothing "
                "of it was kept: check that it is an unchanged billing export."
            )
        return count

    def _say(self, step: str) -> None:
        if self.on_progress is not None:
            fraction = STEPS.index(step) / len(STEPS)
            seconds = max(time.monotonic() - self._started, 1e-9)
            rows = round(self._row_count * fraction)
            self.on_progress(Progress(self.window.uri, step, fraction, rows, rows / seconds))
