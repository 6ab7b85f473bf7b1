"""Work of some seconds in a thread of its own: how far it is, how to stop it, and what came of it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from model.recommend import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[float, str], None]

T = TypeVar("T")
log = logging.getLogger(__name__)


class Worker(Generic[T]):
    """One piece of work about one thing (``subject``, compared by identity).

    ``state`` is running, stopped (by the user), failed (``sentence`` says so) or finished; then there is a ``result``.
    The work is given a callback for progress (share 0..1, sentence) and an event that asks it to stop; it answers that
    wish by raising Cancelled.
    """

    def __init__(self, title: str, subject: object, work: Callable[[Progress, threading.Event], T]) -> None:
        self.subject = subject
        self.state: Literal["running", "stopped", "failed", "finished"] = "running"
        self.result: T | None = None
        self.share, self.sentence = 0.0, title
        self._title = title
        self._work = work
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._run, name=title, daemon=True)
        self._thread.start()

    @property
    def is_stopping(self) -> bool:
        """Whether the user asked it to stop and it has not yet."""
        return self.state == "running" and self._cancel.is_set()

    def stop(self) -> None:
        """Ask it to stop; nothing is kept of it."""
        self._cancel.set()

    def wait(self, seconds: float) -> None:
        """Wait for the end, for so long at most."""
        self._thread.join(seconds)

    def _on_progress(self, share: float, sentence: str) -> None:
        self.share, self.sentence = min(1.0, max(0.0, share)), sentence

    def _run(self) -> None:
        try:
            self.result = self._work(self._on_progress, self._cancel)
            self.state = "finished"
        except Cancelled:
            self.state = "stopped"
        except Exception as error:
            log.exception("%s failed", self._title)
            self.sentence = (
                f"{self._title} failed ({type(error).__name__}). Nothing was changed; the log of the program has the "
                "details."
            )
            self.state = "failed"
