"""What a page shows while the workspace holds no bill: why, and the two ways to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.workspace import Workspace
from pages.parts import session
from pages.parts.data_state import desk_of
from pages.parts.import_job import demo_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.navigation.page import StreamlitPage


def show_empty_state(pages: Mapping[str, StreamlitPage]) -> None:
    """No bill yet: offer the demo, or the page that takes an export."""
    st.title("What would our Google Cloud bill be if we changed this?")
    st.markdown("No bill is loaded yet, so there is nothing to reprice. Look around with a generated demo bill, or add "
                "your own billing export.")  # fmt: skip
    with st.container(horizontal=True):
        if st.button("Load the demo bill", type="primary", key="empty_demo"):
            workspace = Workspace(session.default_workspace())
            desk_of(str(workspace.folder)).start("Loading the demo bill", demo_work(workspace))
            st.switch_page(pages["data"])
        if st.button("Add an export", key="empty_data"):
            st.switch_page(pages["data"])
