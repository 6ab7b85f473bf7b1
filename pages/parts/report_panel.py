"""Reports to take away on the Export page: each document in the form that is asked for, and the whole set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from exports.bundle import zip_bytes
from pages.parts.analysis_session import billed_months
from pages.parts.report_files import all_files
from pages.parts.report_set import FORMS, report_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.workspace import Workspace
    from exports.roadmap_days import Roadmap
    from model.outcome import Outcome
    from pages.parts.report_set import ReportSet

FORM_TITLES: Final = {"pdf": "PDF", "html": "HTML", "md": "Markdown"}
DOCUMENTS: Final = {
    "executive-report": ("Executive report", "Results, finances, risks, how success is measured, what is not known."),
    "implementation-guide": ("Implementation guide", "Each task with commands, tests, risks and undo."),
    "quick-reference": ("Quick reference", "One page for those who carry the plan out."),
}
"""Name of a document → label, help."""


def offer_reports(workspace: Workspace, outcome: Outcome, roadmap: Roadmap) -> None:
    """Buttons for the documents and for the whole set; each is made when it is pressed."""
    st.subheader("Reports", anchor=False)
    st.caption(
        "Made when you press a button, from the same figures; ten thousand draws of the future take some seconds."
    )

    def found() -> ReportSet:
        return report_set(outcome, billed_months(workspace, outcome.bill.currency), roadmap)

    form = st.segmented_control(
        "Form", list(FORM_TITLES), default="pdf", format_func=FORM_TITLES.__getitem__, key="report_form"
    )
    chosen, name = form or "pdf", outcome.scenario.fingerprint
    with st.container(horizontal=True):
        for document, (label, about) in DOCUMENTS.items():
            st.download_button(
                label, _written(found, document, chosen), file_name=f"{document}-{name}.{chosen}", help=about,
                on_click="ignore", key=f"report_{document}",
            )  # fmt: skip
        st.download_button(
            "All reports (ZIP)", lambda: zip_bytes(all_files(found())), file_name=f"cloudlever-reports-{name}.zip",
            mime="application/zip", on_click="ignore", key="report_all",
            help="Every document in every form, JSON with its schema, slides, commitments, and the plan itself.",
        )  # fmt: skip


def _written(found: Callable[[], ReportSet], document: str, form: str) -> Callable[[], bytes]:
    return lambda: FORMS[form](found().documents[document])
