"""The advice on commitments for the scenario at hand: worked out beside the page and kept by fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from model.commitment_advice import advise
from model.recommend import Cancelled
from pages.parts.worker import Worker
from pages.parts.worker_panel import show_end, show_running

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from model.bill import Bill
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_regret import Shocks
    from model.outcome import Outcome

JOB: Final = "commitments_job"
KEPT: Final = "commitments_kept"
MOST_KEPT: Final = 8
TITLE: Final = "Judging the commitments"

Subject = tuple[int, str, "Shocks"]
Kept = dict[Subject, "CommitmentAdvice"]


def advice_for(outcome: Outcome, shocks: Shocks) -> tuple[CommitmentAdvice | None, bool]:
    """The advice to show and whether it is of this scenario; while it is worked out, the last one on this bill.

    One piece of work at a time: a scenario that changes meanwhile is judged when the one before it is done.
    """
    subject = (id(outcome.bill), outcome.scenario.fingerprint, shocks)
    kept = _kept(outcome.bill)
    worker: Worker[CommitmentAdvice] | None = st.session_state.get(JOB)
    if worker is not None and worker.state != "running":
        if worker.result is not None and worker.subject[0] == id(outcome.bill):
            kept[worker.subject] = worker.result
            _forget(kept)
        if worker.state == "finished" or worker.subject != subject:
            del st.session_state[JOB]
            worker = None
    if subject in kept:
        kept[subject] = kept.pop(subject)
        return kept[subject], True
    if worker is None:
        st.session_state[JOB] = worker = Worker(TITLE, subject, _work(outcome, shocks))
    _show(worker)
    return next(reversed(kept.values()), None), False


def _show(worker: Worker[CommitmentAdvice]) -> None:
    if worker.state in ("running", "finished"):  # it may end between two looks: then the page is drawn again
        show_running(JOB)
        return
    show_end(worker)
    st.button("Try again", key="commitments_again", on_click=_drop)


def _drop() -> None:
    st.session_state.pop(JOB, None)


def _work(
    outcome: Outcome, shocks: Shocks
) -> Callable[[Callable[[float, str], None], threading.Event], CommitmentAdvice]:
    def work(on_progress: Callable[[float, str], None], cancel: threading.Event) -> CommitmentAdvice:
        def say(share: float, words: str) -> None:
            if cancel.is_set():
                raise Cancelled
            on_progress(share, words)

        return advise(outcome, shocks, say=say)

    return work


def _kept(bill: Bill) -> Kept:
    """What was found for this bill in this tab, the latest last."""
    found: tuple[Bill, Kept] | None = st.session_state.get(KEPT)
    if found is None or found[0] is not bill:
        found = (bill, {})
        st.session_state[KEPT] = found
    return found[1]


def _forget(kept: Kept) -> None:
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
