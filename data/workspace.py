"""The workspace: a folder with immutable loads (Parquet) and one small SQLite database that says which of them count.

A load is written under a temporary name, renamed, and then committed by one transaction: that transaction is the
atomic swap. Whatever the database does not name does not exist for a reader. The app, the command line and a cron
job may share a folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.durable import connect, sync_folder, sync_tree

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

LOADS: Final = "loads"
"""The folder that makes a folder a workspace."""
DATABASE_NAME: Final = "workspace.sqlite"
OWNER_FILE: Final = "owner.lock"
HOURS_MARK: Final = "|hours="
"""Precedes, in the identity of a table's load, the first invoice month that it holds by hour and resource."""
SECONDS_UNTIL_UNOWNED: Final = 3600

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS load (
  id TEXT PRIMARY KEY, identity TEXT NOT NULL UNIQUE, path TEXT NOT NULL, kind TEXT NOT NULL,
  byte_count INTEGER NOT NULL,
  rows_read INTEGER NOT NULL, rows_accepted INTEGER NOT NULL, rows_quarantined INTEGER NOT NULL,
  is_demo INTEGER NOT NULL, committed_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS load_account (
  load_id TEXT NOT NULL REFERENCES load(id) ON DELETE CASCADE, billing_account TEXT NOT NULL,
  PRIMARY KEY (load_id, billing_account)
) STRICT;
CREATE TABLE IF NOT EXISTS scenario (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, toml TEXT NOT NULL, fingerprint TEXT NOT NULL, saved_at TEXT NOT NULL,
  deleted_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS fact (
  key TEXT PRIMARY KEY, value TEXT NOT NULL, evidence TEXT NOT NULL, source TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS invoice (
  invoice_month INTEGER NOT NULL, currency TEXT NOT NULL, kind TEXT NOT NULL, amount TEXT NOT NULL,
  PRIMARY KEY (invoice_month, currency, kind)
) STRICT;
"""


class AlreadyLoaded(Exception):  # noqa: N818 - a state, not an error
    """The same content is committed already; it counts once."""


class LoadRefused(Exception):  # noqa: N818 - the word that reports use
    """The load may not join the workspace; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Load:
    """One committed file: where it came from, what it was, and what became of its rows."""

    id: str
    identity: str
    path: str
    kind: str
    byte_count: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    is_demo: bool
    committed_at: str

    @property
    def hours_since(self) -> int:
        """The first invoice month (202609) that it holds by hour and resource; 0 where it holds all so."""
        return int(self.identity.partition(HOURS_MARK)[2].partition("|")[0] or 0) if HOURS_MARK in self.identity else 0


class Workspace:
    """A folder that holds loads and records. Making one creates the folder when it is not there.

    Raises LoadRefused when the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.loads_folder = self.folder / LOADS
        try:
            self.loads_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LoadRefused(
                f"The workspace {folder} cannot be made ({error.strerror}): choose another folder."
            ) from error
        with self.database() as database:
            database.executescript(SCHEMA)

    @contextmanager
    def database(self, schema: str = "") -> Iterator[sqlite3.Connection]:
        """A SQLite connection in WAL mode, with tables of ``schema``, closed at the end; each statement commits."""
        connection = connect(self.folder / DATABASE_NAME)
        try:
            connection.executescript(schema)
            yield connection
        finally:
            connection.close()

    @contextmanager
    def transaction(self, schema: str = "") -> Iterator[sqlite3.Connection]:
        """One write transaction: committed at the end, rolled back when the block raises."""
        with self.database(schema) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def loads(self) -> list[Load]:
        """The committed loads, oldest first."""
        with self.database() as database:
            rows = database.execute(
                "SELECT id, identity, path, kind, byte_count, rows_read, rows_accepted, rows_quarantined, is_demo, "
                "committed_at FROM load ORDER BY committed_at, id"
            ).fetchall()
        return [Load(*row[:8], is_demo=bool(row[8]), committed_at=row[9]) for row in rows]  # type: ignore[misc]

    def load_with_identity(self, identity: str) -> Load | None:
        """The committed load of that content, if there is one."""
        return next((load for load in self.loads() if load.identity == identity), None)

    def load_folder(self, load_id: str) -> Path:
        """The folder that holds the Parquet files of a load."""
        return self.loads_folder / load_id

    def snapshot(self) -> str:
        """Hash of the identities of the committed loads: equal exactly when the same content is loaded."""
        identities = sorted(load.identity for load in self.loads())
        return hashlib.blake2b("\n".join(identities).encode(), digest_size=16).hexdigest()

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A temporary folder for a load in the making, owned by this process; gone at the end unless renamed."""
        folder = self.loads_folder / f".incoming-{uuid.uuid4().hex[:16]}"
        folder.mkdir()
        with (folder / OWNER_FILE).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def commit(self, folder: Path, load: Load, billing_accounts: Iterable[str]) -> None:
        """Make a finished folder part of the workspace: sync, rename, and one transaction.

        Raises AlreadyLoaded when the content is committed already, LoadRefused when an export of another kind, or a
        table beside files, is loaded for the same billing account (both describe the same charges). In both cases the
        folder is removed.
        """
        sync_tree(folder)
        final = self.load_folder(load.id)
        folder.rename(final)
        sync_folder(self.loads_folder)
        try:
            with self.transaction() as database:
                _refuse_twice(database, load)
                _refuse_other_kind(database, load, list(billing_accounts))
                _refuse_other_engine(database, load, list(billing_accounts))
                _insert(database, load, billing_accounts)
        except BaseException:
            shutil.rmtree(final, ignore_errors=True)
            raise

    def remove_load(self, load_id: str) -> None:
        """Take a load out; its rows count no more. Raises LoadRefused when there is no such load."""
        with self.transaction() as database:
            if database.execute("DELETE FROM load WHERE id = ?", (load_id,)).rowcount == 0:
                raise LoadRefused(f"There is no load {load_id} in this workspace: list the loads to see their ids.")
        shutil.rmtree(self.load_folder(load_id), ignore_errors=True)

    def sweep(self) -> list[str]:
        """Remove folders that no load names and whose process is gone; returns their names."""
        committed = {load.id for load in self.loads()}
        leftovers = [each for each in self.loads_folder.iterdir() if each.is_dir() and each.name not in committed]
        return [each.name for each in leftovers if self._sweep_one(each)]

    def _sweep_one(self, folder: Path) -> bool:
        try:
            with (folder / OWNER_FILE).open("r+") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if folder.name in {load.id for load in self.loads()}:
                    return False
                shutil.rmtree(folder, ignore_errors=True)
                return True
        except FileNotFoundError:
            return self._sweep_unowned(folder)
        except OSError:
            return False

    @staticmethod
    def _sweep_unowned(folder: Path) -> bool:
        try:
            is_old = time.time() - folder.stat().st_mtime > SECONDS_UNTIL_UNOWNED
        except FileNotFoundError:
            return False
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)
        return is_old


def new_load_id() -> str:
    """A fresh name for a load."""
    return uuid.uuid4().hex[:16]


def utc_now() -> str:
    """The time of writing, ISO 8601 UTC; recorded, never judged by."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _refuse_twice(database: sqlite3.Connection, load: Load) -> None:
    if database.execute("SELECT 1 FROM load WHERE identity = ?", (load.identity,)).fetchone():
        raise AlreadyLoaded(f"{load.path} is loaded already; it counts once.")


def _refuse_other_kind(database: sqlite3.Connection, load: Load, billing_accounts: list[str]) -> None:
    marks = ", ".join("?" * len(billing_accounts))
    found = database.execute(
        "SELECT load.path, load.kind, load_account.billing_account FROM load JOIN load_account ON load_id = load.id "
        f"WHERE kind <> ? AND billing_account IN ({marks}) ORDER BY load.path LIMIT 1",
        (load.kind, *billing_accounts),
    ).fetchone()
    if found:
        path, kind, account = found
        raise LoadRefused(
            f"{load.path} is a {load.kind} export of billing account {account}, whose {kind} export {path} is loaded "
            f"already: both describe the same charges, so remove that load first or leave this file out."
        )


def _refuse_other_engine(database: sqlite3.Connection, load: Load, billing_accounts: list[str]) -> None:
    """A table holds every charge of its account, so nothing else may be loaded for that account beside it."""
    marks = ", ".join("?" * len(billing_accounts))
    found = database.execute(
        "SELECT load.path, load_account.billing_account FROM load JOIN load_account ON load_id = load.id "
        f"WHERE path <> ? AND (path LIKE 'bq://%' OR ? LIKE 'bq://%') AND billing_account IN ({marks}) "
        "ORDER BY load.path LIMIT 1",
        (load.path, load.path, *billing_accounts),
    ).fetchone()
    if found:
        path, account = found
        raise LoadRefused(
            f"{load.path} holds charges of billing account {account}, of which {path} is loaded already: both would "
            "count the same charges, so remove that load first or leave this one out."
        )


def _insert(database: sqlite3.Connection, load: Load, billing_accounts: Iterable[str]) -> None:
    database.execute(
        "INSERT INTO load VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (load.id, load.identity, load.path, load.kind, load.byte_count, load.rows_read, load.rows_accepted,
         load.rows_quarantined, int(load.is_demo), load.committed_at),
    )  # fmt: skip
    database.executemany("INSERT INTO load_account VALUES (?, ?)", [(load.id, each) for each in billing_accounts])
