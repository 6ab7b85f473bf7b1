"""The Data page's second part: adding charges by upload, by path, or from the demo, with progress and a stop button."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.parts import data_words
from pages.parts.data_table import offer_table
from pages.parts.import_job import demo_work, paths_work, uploads_folder, uploads_work
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from data.workspace import Workspace
    from pages.parts.import_job import ImportDesk, ImportJob, Work

SECONDS_BETWEEN_LOOKS: Final = 0.5
ROUND: Final = "data_upload_round"
"""A new key empties the uploader once its files are taken."""

DEMO: Final = "Demo bill"

WHAT_TO_GIVE: Final = (
    "Google's standard or detailed billing export, or a FOCUS file: Parquet, CSV or JSON lines, gzipped or not. "
    "The same file counts once."
)


def show_adding(workspace: Workspace, desk: ImportDesk) -> None:
    """Ways to add charges; while an import runs, its progress and the stop button instead."""
    if desk.is_busy:
        _show_running(desk)
        return
    if desk.job is not None:
        _show_result(desk, desk.job)
    _show_ways(workspace, desk)


def spooled(folder: Path, files: Iterable[UploadedFile]) -> list[Path]:
    """Write uploaded files into a fresh folder below ``folder``, each under its own name, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder))
    paths: list[Path] = []
    for number, file in enumerate(files):
        path = fresh / Path(file.name).name
        if path in paths:
            path = fresh / str(number) / path.name
            path.parent.mkdir()
        with path.open("wb") as target:
            shutil.copyfileobj(file, target)
        paths.append(path)
    return paths


def _show_ways(workspace: Workspace, desk: ImportDesk) -> None:
    loads = workspace.loads()
    upload, by_path, table, demo = st.tabs(
        ["Upload files", "From a path", "BigQuery", DEMO], default=None if loads else DEMO
    )
    with upload:
        _offer_upload(workspace, desk)
    with by_path:
        _offer_path(workspace, desk)
    with table:
        offer_table(workspace, lambda title, work: _start(desk, title, work))
    with demo:
        st.markdown(
            "Six months of a video company with Cloud Run, Cloud SQL, Firestore and Cloud Tasks, generated on this "
            "machine in a few seconds, with inventory, metrics and invoice totals."
        )
        has_demo = any(load.is_demo for load in loads)
        if st.button(
            "Load the demo bill", key="data_load_demo", type="secondary" if loads else "primary", disabled=has_demo,
            help="It is loaded." if has_demo else None,
        ):  # fmt: skip
            _start(desk, "Loading the demo bill", demo_work(workspace))


def _offer_upload(workspace: Workspace, desk: ImportDesk) -> None:
    key = f"data_upload_{st.session_state.get(ROUND, 0)}"
    files = st.file_uploader("Billing exports", accept_multiple_files=True, key=key, help=WHAT_TO_GIVE)
    st.caption(WHAT_TO_GIVE)
    if st.button("Add these files", key="data_add_upload", type="primary", disabled=not files) and files:
        try:
            paths = spooled(uploads_folder(workspace), files)
        except OSError as error:
            st.error(f"The upload could not be written to the workspace ({error.strerror}): make room and try again.")
            return
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        _start(desk, "Adding the uploaded files", uploads_work(workspace, paths))


def _offer_path(workspace: Workspace, desk: ImportDesk) -> None:
    with st.form("data_path_form", border=False):
        text = st.text_input(
            "File, folder or pattern on the machine that runs Cloudlever", key="data_path",
            placeholder="exports/2026-*.parquet",
        )  # fmt: skip
        st.caption("For large exports: nothing is copied. A folder is searched for Parquet, CSV and JSON files.")
        wanted = st.form_submit_button("Add from this path", key="data_add_path")
    if not wanted:
        return
    if not text.strip():
        st.error("No path was given: type a file, a folder or a pattern such as exports/*.parquet.")
        return
    path = Path(text.strip()).expanduser()
    _start(desk, f"Adding {text.strip()}", paths_work(workspace, [path]))


def _start(desk: ImportDesk, title: str, work: Work) -> None:
    if desk.start(title, work):
        st.rerun()
    st.error("Another import has just started in this workspace: wait for its end or stop it, then try again.")


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _show_running(desk: ImportDesk) -> None:
    job = desk.job
    if job is None or not job.is_running:
        st.rerun()
        return
    standing = job.standing()
    st.markdown(f"**{escaped(job.title)}**")
    st.progress(standing.fraction, escaped(data_words.standing_line(standing)))
    st.button("Stopping…" if job.is_stopping else "Stop", key="data_stop", on_click=job.stop, disabled=job.is_stopping)


def _show_result(desk: ImportDesk, job: ImportJob) -> None:
    if job.state == "stopped":
        st.warning(escaped(job.sentence))
    elif job.state == "refused":
        st.error(escaped(job.sentence))
    if job.report is not None:
        taken = [data_words.source_line(each) for each in job.report.sources if each.refused is None]
        if taken:
            st.success("  \n".join(map(escaped, taken)))
        for sentence in data_words.refusal_lines(job.report):
            st.error(escaped(sentence))
    st.button("Dismiss", key="data_dismiss", on_click=desk.dismiss)
