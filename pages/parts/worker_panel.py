"""A piece of work while it runs: its bar, its sentence and a stop button, looked at twice a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from pages.parts.wording import escaped

if TYPE_CHECKING:
    from pages.parts.worker import Worker

SECONDS_BETWEEN_LOOKS: Final = 0.5


def worker_of(key: str, subject: object) -> Worker[Any] | None:
    """The work of this tab under a key; one about something else is stopped and forgotten."""
    worker: Worker[Any] | None = st.session_state.get(key)
    if worker is None or worker.subject is subject or worker.subject == subject:
        return worker
    worker.stop()
    del st.session_state[key]
    return None


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def show_running(key: str) -> None:
    """Show how far it is; once it ends the page is drawn again."""
    worker: Worker[Any] | None = st.session_state.get(key)
    if worker is None or worker.state != "running":
        st.rerun()
        return
    st.progress(worker.share, escaped(worker.sentence))
    label = "Stopping…" if worker.is_stopping else "Stop"
    st.button(label, key=f"{key}_stop", on_click=worker.stop, disabled=worker.is_stopping)


def show_end(worker: Worker[Any]) -> None:
    """Say that it was stopped or failed."""
    if worker.state == "failed":
        st.error(escaped(worker.sentence))
    elif worker.state == "stopped":
        st.caption("Stopped; nothing was changed.")
