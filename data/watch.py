"""Watching a long statement: how far it is, and stopping it when asked to."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

SECONDS_BETWEEN_LOOKS: Final = 0.05


class ImportCancelled(Exception):  # noqa: N818 - the user's wish, not an error
    """The user stopped the import; nothing of the file at hand was kept."""


@dataclass(frozen=True)
class Progress:
    """How far one file is: the step's name, the fraction of the whole (0..1), charges read, and charges per second."""

    path: str
    step: str
    fraction: float
    rows: int
    rows_per_second: float


class Watch:
    """Runs statements of one import in a thread of their own, reports progress, and interrupts them on request."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: str,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        self.row_count = 0
        self._connection = connection
        self._path = path
        self._on_progress = on_progress
        self._cancel = cancel or threading.Event()
        self._started = time.monotonic()
        self._furthest = 0.0

    def run(self, work: Callable[[], object], step: str, fraction_before: float, fraction_after: float) -> None:
        """Do the work, moving from one fraction of the whole to the other.

        Raises ImportCancelled when stopped, else whatever the work raised.
        """
        failure: list[BaseException] = []
        worker = threading.Thread(target=_keep_failure, args=(work, failure), daemon=True)
        worker.start()
        while worker.is_alive():
            if self._cancel.is_set():
                self._connection.interrupt()
            worker.join(SECONDS_BETWEEN_LOOKS)
            share_done = max(0.0, self._connection.query_progress()) / 100
            self._report(step, fraction_before + (fraction_after - fraction_before) * min(1.0, share_done))
        if self._cancel.is_set():
            raise ImportCancelled(f"The import of {self._path} was stopped; nothing of this file was kept.")
        if failure:
            raise failure[0]
        self._report(step, fraction_after)

    def _report(self, step: str, fraction: float) -> None:
        """Never less than before: a step may run several queries, and each tells its own progress."""
        self._furthest = fraction = max(self._furthest, fraction)
        if self._on_progress is None:
            return
        rows = round(self.row_count * fraction)
        seconds = max(time.monotonic() - self._started, 1e-9)
        self._on_progress(Progress(self._path, step, fraction, rows, rows / seconds))


def _keep_failure(work: Callable[[], object], failure: list[BaseException]) -> None:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
        failure.append(error)
