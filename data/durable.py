"""Files and a SQLite database that outlive a crash, and that several processes may share."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

BUSY_MILLISECONDS: Final = 60_000
"""How long a connection waits for another one that writes."""
ATTEMPTS, SECONDS_BETWEEN_ATTEMPTS = 100, 0.05


def connect(place: Path) -> sqlite3.Connection:
    """A connection in WAL mode, with foreign keys, synced at each commit; each statement commits by itself.

    Raises sqlite3.OperationalError when the file is no database, or cannot be opened.
    """
    connection = sqlite3.connect(place, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
    try:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def sync_tree(folder: Path) -> None:
    """Wait until the files of a folder and below, and the folder itself, are on the disk."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:  # the switch itself does not wait for other processes
            if attempt == ATTEMPTS:
                raise
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
