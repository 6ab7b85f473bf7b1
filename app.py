"""The app's router: page configuration, the bill that all pages look at, and navigation. No arithmetic lives here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages import (
    analysis_page,
    audit_page,
    commitments_page,
    data_page,
    executive,
    export_page,
    metrics_page,
    promises_page,
    roadmap_page,
    scenarios_page,
    watch_page,
    what_if,
)
from pages.parts import scenario_state
from pages.parts.bill_bar import show_bill_bar
from pages.parts.bill_state import bill_view
from pages.parts.empty_state import show_empty_state
from pages.parts.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.navigation.page import StreamlitPage

    from pages.parts.bill_state import BillView


# A file of our own: an icon by name would be fetched from the internet.
ICON = Path(__file__).parent / "docs" / "images" / "icon.png"


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Cloudlever", page_icon=str(ICON), layout="wide")
    scenario_state.history()  # takes the scenario of the address before anybody leaves for another page
    pages: dict[str, StreamlitPage] = {
        "summary": st.Page(
            lambda: _of_bill(_executive(pages), pages), title="Summary", url_path="summary", default=True
        ),
        "analysis": st.Page(lambda: _of_bill(analysis_page.render, pages), title="Analysis", url_path="analysis"),
        "metrics": st.Page(lambda: _of_bill(metrics_page.render, pages), title="Metrics", url_path="metrics"),
        "what_if": st.Page(lambda: _of_bill(what_if.render, pages), title="What-if", url_path="what-if"),
        "scenarios": st.Page(lambda: _of_bill(scenarios_page.render, pages), title="Scenarios", url_path="scenarios"),
        "audit": st.Page(lambda: _of_bill(audit_page.render, pages), title="Audit", url_path="audit"),
        "commitments": st.Page(
            lambda: _of_bill(commitments_page.render, pages), title="Commitments", url_path="commitments"
        ),
        "roadmap": st.Page(lambda: _of_bill(roadmap_page.render, pages), title="Roadmap", url_path="roadmap"),
        "promises": st.Page(lambda: _of_bill(promises_page.render, pages), title="Promises", url_path="promises"),
        "watch": st.Page(lambda: _of_bill(watch_page.render, pages), title="Watch", url_path="watch"),
        "export": st.Page(lambda: _of_bill(export_page.render, pages), title="Export", url_path="export"),
        "data": st.Page(_data, title="Data", url_path="data"),
    }
    page = st.navigation([*pages.values()], position="top")
    with guarded(f"The page {page.title}"):
        page.run()


def _of_bill(render: Callable[[BillView], None], pages: dict[str, StreamlitPage]) -> None:
    view = bill_view()
    if view is None:
        show_empty_state(pages)
        return
    show_bill_bar(view)
    render(view)


def _executive(pages: dict[str, StreamlitPage]) -> Callable[[BillView], None]:
    return lambda view: executive.render(view, pages)


def _data() -> None:
    with guarded("The bill"):
        view = bill_view()
        if view is not None:
            show_bill_bar(view)
    data_page.render()


main()
