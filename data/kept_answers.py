"""Answers of a table's queries that an import has fetched, kept until its load is committed: so it can go on.

An answer is named by what was asked (text and values, which name the table and the window), so that an answer of
another window, other columns or other months is never met. The job that is at work is noted before it is waited for:
after an end in the middle it is found again in BigQuery instead of being paid for twice. Nothing here counts: only
loads do.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.workspace import LoadRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from data.sources.bigquery import Jobs, Query, TableName
    from data.sources.bigquery_window import Window
    from data.workspace import Workspace

TABLES: Final = "tables"
"""The folder of a workspace that holds answers of tables whose import has not ended, and a lock for each table."""
SECONDS_KEPT: Final = 20 * 3600
"""BigQuery keeps the answers of jobs for about a day; what is older is asked anew, as of then."""
NO_ROWS: Final = ".none"


@contextmanager
def alone(workspace: Workspace, table: TableName) -> Iterator[None]:
    """One import of a table at a time: two would both take the rows since the last one, up to different ends.

    The lock is the process's, so a crash frees it. Raises LoadRefused where another import is under way.
    """
    _sweep(workspace)
    folder = workspace.folder / TABLES
    folder.mkdir(exist_ok=True)
    with (folder / f"{_digest(table.uri)}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LoadRefused(f"{table.uri} is being imported into this workspace: wait until that is done.") from error
        yield


@dataclass(frozen=True)
class KeptAnswers:
    """The answers of one window of a table in one workspace."""

    folder: Path

    @classmethod
    def of(cls, workspace: Workspace, window: Window) -> KeptAnswers:
        """The place of a window's answers, named before its end is known; nothing is made."""
        return cls(workspace.folder / TABLES / f"{_digest(window.uri)}-{_digest(window.identity)}")

    def has_step(self, name: str) -> bool:
        """Whether the answer of that step is here, and not too old to go on with."""
        return self._is_fresh() and any(file.suffix in (".parquet", NO_ROWS) for file in self.folder.glob(f"{name}-*"))

    def answer(self, jobs: Jobs, query: Query) -> Path | None:
        """The file of an answer's rows, None where it has none; fetched now unless it is here."""
        if not self._is_fresh():
            self.forget()
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = self.folder / f"{query.name}-{_digest(repr((query.sql, query.parameters)))}.parquet"
        none = rows.with_suffix(NO_ROWS)
        if not rows.exists() and not none.exists():
            self._fetch(jobs, query, rows, none)
        return rows if rows.exists() else None

    def forget(self) -> None:
        """Drop all answers: their load is committed, or they do not add up."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fetch(self, jobs: Jobs, query: Query, rows: Path, none: Path) -> None:
        note, part = rows.with_suffix(".job"), rows.with_suffix(".part")
        started = note.read_text(encoding="utf-8") if note.exists() else ""
        if _write(jobs.run(query, started, note.write_text), part):
            part.replace(rows)
        else:
            none.touch()

    def _is_fresh(self) -> bool:
        oldest = min((file.stat().st_mtime for file in self.folder.glob("*")), default=time.time())
        return time.time() - oldest < SECONDS_KEPT


def _sweep(workspace: Workspace) -> None:
    """Remove answers of imports that nobody went on with; one that is still under way has none of that age."""
    for folder in (workspace.folder / TABLES).glob("*-*"):
        if time.time() - folder.stat().st_mtime > SECONDS_KEPT:
            shutil.rmtree(folder, ignore_errors=True)


def _write(batches: Iterator[pa.RecordBatch], target: Path) -> bool:
    """Write rows to a Parquet file as they arrive, and on to the disk; False, and no file, where there are none."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for what comes as Arrow

    writer = None
    try:
        for batch in batches:
            if writer is None and batch.num_rows:
                writer = pq.ParquetWriter(target, batch.schema)
            if writer is not None:
                writer.write_batch(batch)
    finally:
        if writer is not None:
            writer.close()
    if writer is not None:
        with target.open("rb") as written:
            os.fsync(written.fileno())
    return writer is not None


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
