"""Importing: files in, loads of the workspace out. Every row is accepted or in quarantine; sums are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from data.held_charges import RowsToQuarantine, forget_charges
from data.load_check import LoadDoesNotAddUp, check_load, literal_path
from data.sources.charges import HAS_PROBLEM, ChargeSource, Rejects, create_charge_view, inspect
from data.sources.files import expand
from data.sources.reading import first_line
from data.sources.refusal import SourceRefused
from data.totals import CurrencyTotal, currency_totals
from data.warehouse import DuckDBWarehouse, sku_class_table
from data.watch import Watch
from data.workspace import AlreadyLoaded, Load, LoadRefused, new_load_id, utc_now

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from data.watch import Progress
    from data.workspace import Workspace

DEFAULT_MEMORY_LIMIT: Final = "2GB"
FRACTION_AFTER_READING: Final = 0.4
"""A text file is parsed once, before it is reduced; Parquet is reduced where it lies."""


@dataclass(frozen=True)
class SourceReport:
    """What became of one file. ``refused`` is the sentence for a file that was not taken, else None."""

    path: str
    kind: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    already_loaded: bool = False
    refused: str | None = None
    load_id: str | None = None


@dataclass(frozen=True)
class ImportReport:
    """What became of every file, and what the workspace adds up to afterwards, per currency."""

    sources: tuple[SourceReport, ...]
    totals: tuple[CurrencyTotal, ...]

    @property
    def refused(self) -> tuple[SourceReport, ...]:
        """The files that were not taken."""
        return tuple(source for source in self.sources if source.refused is not None)


def connect(spill_folder: Path, memory_limit: str = DEFAULT_MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB under a memory limit, in UTC, that spills into the folder."""
    connection = duckdb.connect()
    connection.execute(
        f"SET TimeZone = 'UTC'; SET memory_limit = '{memory_limit}'; SET temp_directory = {literal_path(spill_folder)}"
    )
    connection.execute("SET preserve_insertion_order = false")
    return connection


def import_paths(
    workspace: Workspace,
    paths: Iterable[str | Path],
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    *,
    is_demo: bool = False,
    memory_limit: str = DEFAULT_MEMORY_LIMIT,
) -> ImportReport:
    """Add the files, folders and globs to the workspace; each file is one load, committed on its own.

    A file that cannot be taken is reported with its sentence and the others go on. Raises SourceRefused when a path
    leads to no file at all, ImportCancelled when the user stops it (files committed before stay).
    """
    workspace.sweep()
    reports = tuple(
        _import_file(workspace, path, on_progress, cancel, is_demo=is_demo, memory_limit=memory_limit)
        for path in expand(paths)
    )
    return ImportReport(reports, tuple(currency_totals(workspace)))


def _import_file(
    workspace: Workspace,
    path: Path,
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
    *,
    is_demo: bool,
    memory_limit: str,
) -> SourceReport:
    with workspace.incoming() as folder, connect(folder / "spill", memory_limit) as connection:
        source = None
        try:
            source = inspect(connection, path)
            found = workspace.load_with_identity(source.identity)
            if found is not None:
                return _loaded_before(str(path), found)
            watch = Watch(connection, str(path), on_progress, cancel)
            return _load(workspace, connection, source, folder, watch, is_demo=is_demo)
        except (SourceRefused, LoadRefused, LoadDoesNotAddUp) as refusal:
            return SourceReport(str(path), source.kind if source else "", refused=str(refusal))
        except duckdb.Error as error:
            return SourceReport(str(path), source.kind if source else "", refused=_sentence_of(path, error))


def _sentence_of(path: Path, error: duckdb.Error) -> str:
    """Why the engine gave up on a file: memory and disk are this machine's fault, sums beyond 64 bits the amounts'."""
    said = first_line(error)
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException) and str(path) not in said:
        return f"{path} could not be reduced on this machine ({said}): free memory or disk space and import it again."
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return (
            f"{path} holds amounts that add up to more than one line of the bill can hold exactly (±9,223,372,036 in "
            "its currency for one SKU, project and day), so nothing of it was kept: please report this file's size."
        )
    return f"{path} is damaged: {said}; copy or export it again."


def _load(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    source: ChargeSource,
    folder: Path,
    watch: Watch,
    *,
    is_demo: bool,
) -> SourceReport:
    rejects = _reduce(connection, source, folder, watch)
    counts = check_load(connection, folder, source, rejects)
    load = Load(
        id=new_load_id(),
        identity=source.identity,
        path=str(source.path),
        kind=source.kind,
        byte_count=source.byte_count,
        rows_read=counts.rows_read,
        rows_accepted=counts.rows_accepted,
        rows_quarantined=counts.rows_quarantined,
        is_demo=is_demo,
        committed_at=utc_now(),
    )
    try:
        workspace.commit(folder, load, counts.billing_accounts)
    except AlreadyLoaded:
        found = workspace.load_with_identity(source.identity)
        return _loaded_before(load.path, found or load)
    return SourceReport(
        load.path, load.kind, load.rows_read, load.rows_accepted, load.rows_quarantined, load_id=load.id
    )


def _reduce(connection: duckdb.DuckDBPyConnection, source: ChargeSource, folder: Path, watch: Watch) -> Rejects:
    """Most Parquet files have no bad row, so they are reduced at once, and anew where one is met after all."""
    (folder / "charges").mkdir()
    if source.form == "parquet":
        try:
            return _reduce_once(connection, source, folder, watch, checks_first=False)
        except (RowsToQuarantine, duckdb.ConversionException, duckdb.OutOfRangeException):
            forget_charges(connection)
    return _reduce_once(connection, source, folder, watch, checks_first=True)


def _reduce_once(
    connection: duckdb.DuckDBPyConnection, source: ChargeSource, folder: Path, watch: Watch, *, checks_first: bool
) -> Rejects:
    read: list[Rejects] = []
    watch.row_count = source.row_count_hint or 0
    staging = folder / "charges"
    work = lambda: read.append(create_charge_view(connection, source, staging, checks_first=checks_first))  # noqa: E731
    fraction = FRACTION_AFTER_READING if source.row_count_hint is None else 0.0
    watch.run(work, "read", 0.0, fraction)
    watch.row_count = read[0].row_count
    problem = None if read[0].is_checked else HAS_PROBLEM
    warehouse = DuckDBWarehouse(connection, watch, fraction, read[0].zero_columns, read[0].cost_columns, problem)
    skus = warehouse.write_skus(folder)
    warehouse.write_reductions(folder, sku_class_table(skus))
    file = literal_path(folder / "quarantine.parquet")
    connection.execute(f"COPY (SELECT * FROM quarantine) TO {file} (FORMAT parquet)").fetchall()
    return read[0]


def _loaded_before(path: str, load: Load) -> SourceReport:
    return SourceReport(
        path,
        load.kind,
        load.rows_read,
        load.rows_accepted,
        load.rows_quarantined,
        already_loaded=True,
        load_id=load.id,
    )
