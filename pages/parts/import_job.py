"""An import that runs in a thread of its own: how far it is, how to stop it, and what became of it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from data.importing import import_paths
from data.sources.files import expand
from data.sources.refusal import SourceRefused
from data.watch import ImportCancelled
from data.workspace import LoadRefused
from pages.parts.session import import_demo, import_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from data.bigquery_import import TableOptions
    from data.importing import ImportReport
    from data.watch import Progress
    from data.workspace import Workspace


Work: TypeAlias = "Callable[[ImportJob], ImportReport]"
"""What a job does: it is given the job, for progress and for the wish to stop."""

log = logging.getLogger(__name__)
SHARE_BEFORE_A_GUESS = 0.02
"""Below this share the time left is a guess at nothing."""


@dataclass(frozen=True)
class Standing:
    """How far a job is: the file at hand, the share of all files (0..1), rows, rows per second, seconds left."""

    file_name: str
    step: str
    fraction: float
    rows: int
    rows_per_second: float
    seconds_left: float | None


class ImportJob:
    """One import in a worker thread. ``state`` is running, stopped (by the user), refused, or finished."""

    def __init__(self, title: str, work: Work) -> None:
        self.title = title
        self.state: Literal["running", "stopped", "refused", "finished"] = "running"
        self.report: ImportReport | None = None
        self.sentence = ""
        self.cancel = threading.Event()
        self.files: list[Path] = []
        self._progress: Progress | None = None
        self._started = time.monotonic()
        self._work = work
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the worker is at it."""
        return self.state == "running"

    @property
    def is_stopping(self) -> bool:
        """Whether the user asked it to stop and it has not yet."""
        return self.is_running and self.cancel.is_set()

    def stop(self) -> None:
        """Ask the worker to stop; what was committed before stays, the file at hand leaves nothing."""
        self.cancel.set()

    def wait(self, seconds: float) -> None:
        """Wait for the end, for so long at most."""
        self._thread.join(seconds)

    def on_progress(self, progress: Progress) -> None:
        """Take note of how far the file at hand is."""
        self._progress = progress

    def standing(self) -> Standing:
        """How far all files together are; before the first word from the reader, nothing is known."""
        progress = self._progress
        if progress is None:
            return Standing("", "", 0.0, 0, 0.0, None)
        path = Path(progress.path)
        done = self.files.index(path) if path in self.files else 0
        fraction = min(1.0, (done + progress.fraction) / max(1, len(self.files)))
        elapsed = time.monotonic() - self._started
        left = elapsed * (1 - fraction) / fraction if fraction > SHARE_BEFORE_A_GUESS else None
        return Standing(path.name, progress.step, fraction, progress.rows, progress.rows_per_second, left)

    def _run(self) -> None:
        try:
            self.report = self._work(self)
            self.state = "finished"
        except ImportCancelled as stopped:
            self._end("stopped", str(stopped))
        except (SourceRefused, LoadRefused) as refusal:
            self._end("refused", str(refusal))
        except Exception as error:
            log.exception("The import failed")
            reason = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".")
            self._end("refused", f"{self.title} failed ({reason}). What was loaded before is untouched; try again.")

    def _end(self, state: Literal["stopped", "refused"], sentence: str) -> None:
        self.sentence = sentence
        self.state = state


class ImportDesk:
    """The one place of a workspace where imports are started: one at a time, for all browser tabs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: ImportJob | None = None

    @property
    def job(self) -> ImportJob | None:
        """The job at hand, or the last one until it is dismissed."""
        return self._job

    @property
    def is_busy(self) -> bool:
        """Whether an import is running."""
        return self._job is not None and self._job.is_running

    def start(self, title: str, work: Work) -> bool:
        """Start a job; False, and nothing happens, while another runs."""
        with self._lock:
            if self.is_busy:
                return False
            self._job = ImportJob(title, work)
            return True

    def dismiss(self) -> None:
        """Forget the last job's result."""
        with self._lock:
            if not self.is_busy:
                self._job = None


def paths_work(workspace: Workspace, paths: Sequence[str | Path], *, is_demo: bool = False) -> Work:
    """The work of importing files, folders and globs."""

    def work(job: ImportJob) -> ImportReport:
        job.files = expand(paths)
        return import_paths(workspace, job.files, job.on_progress, job.cancel, is_demo=is_demo)

    return work


def uploads_folder(workspace: Workspace) -> Path:
    """Where uploaded files lie as long as a load is made of them."""
    return workspace.folder / "uploads"


def uploads_work(workspace: Workspace, paths: Sequence[Path]) -> Work:
    """The work of importing uploaded files; afterwards only those that a load is made of stay on disk."""

    def work(job: ImportJob) -> ImportReport:
        try:
            return paths_work(workspace, paths)(job)
        finally:
            _sweep_uploads(workspace)

    return work


def tables_work(workspace: Workspace, uris: Sequence[str], options: TableOptions) -> Work:
    """The work of importing tables of BigQuery."""

    def work(job: ImportJob) -> ImportReport:
        return import_sources(workspace, uris, job.on_progress, job.cancel, options)

    return work


def demo_work(workspace: Workspace) -> Work:
    """The work of generating and importing the demo bill with what describes it."""
    return lambda job: import_demo(workspace, job.on_progress, job.cancel)


def _sweep_uploads(workspace: Workspace) -> None:
    used = {load.path for load in workspace.loads()}
    folder = uploads_folder(workspace)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and str(path) not in used:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
