"""Work in a thread: progress, the wish to stop, failures in a sentence."""

from __future__ import annotations

import threading

from model.recommend import Cancelled
from pages.parts.worker import Worker

LONG = 30.0


def test_what_came_of_it_is_there_at_the_end():
    worker = Worker("Counting", "subject", lambda progress, _: progress(0.5, "Half way.") or 42)
    worker.wait(LONG)
    assert (worker.state, worker.result, worker.share, worker.sentence) == ("finished", 42, 0.5, "Half way.")


def test_it_stops_when_it_is_asked_to():
    started = threading.Event()

    def work(progress, cancel):
        started.set()
        assert cancel.wait(LONG)
        raise Cancelled

    worker = Worker("Waiting", "subject", work)
    started.wait(LONG)
    assert worker.state == "running"
    worker.stop()
    worker.wait(LONG)
    assert (worker.state, worker.result, worker.is_stopping) == ("stopped", None, False)


def test_a_failure_is_a_sentence(caplog):
    def work(progress, cancel):
        raise RuntimeError("secret detail")

    worker = Worker("Looking", "subject", work)
    worker.wait(LONG)
    assert worker.state == "failed"
    assert worker.sentence.startswith("Looking failed (RuntimeError). Nothing was changed")
    assert "secret detail" not in worker.sentence
    assert "secret detail" in caplog.text


def test_a_share_stays_between_none_and_all():
    worker = Worker("Counting", "subject", lambda progress, _: progress(7.0, "Much."))
    worker.wait(LONG)
    assert worker.share == 1.0
