"""How sure the compared savings are: seeded draws of what is assumed, on request and in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from model.recommend import Cancelled
from model.uncertainty import DRAWS, uncertain
from pages.parts.worker import Worker
from pages.parts.worker_panel import show_end, show_running, worker_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from model.outcome import Outcome
    from model.uncertainty import Uncertainty

JOB: Final = "draws_job"


def drawn_for(outcomes: Sequence[Outcome]) -> tuple[Uncertainty, ...] | None:
    """The draws of these scenarios in their order, once somebody asked for them; else a button, or how far it is."""
    subject = tuple((id(outcome.bill), outcome.scenario.fingerprint) for outcome in outcomes)
    worker = worker_of(JOB, subject)
    if worker is None:
        st.button(
            "How sure is it?", key="draws_start", icon=":material/casino:", on_click=_start, args=(subject, outcomes),
            help=f"Draws {DRAWS:,} futures of what is assumed for each scenario; takes some seconds.",
        )  # fmt: skip
        return None
    if worker.state == "running":
        show_running(JOB)
        return None
    show_end(worker)
    return worker.result


def _start(subject: object, outcomes: Sequence[Outcome]) -> None:
    def work(on_progress: Callable[[float, str], None], cancel: threading.Event) -> tuple[Uncertainty, ...]:
        found = []
        for place, outcome in enumerate(outcomes):
            if cancel.is_set():
                raise Cancelled
            on_progress(place / len(outcomes), f"Drawing {DRAWS:,} futures of {outcome.scenario.name}.")
            found.append(uncertain(outcome))
        return tuple(found)

    st.session_state[JOB] = Worker("Drawing futures", subject, work)
