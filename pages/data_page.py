"""Data: which bill is looked at, where it came from, and whether it adds up."""

from __future__ import annotations

import streamlit as st

from data.sources.refusal import SourceRefused
from data.workspace import LoadRefused, Workspace
from pages.parts import session
from pages.parts.data_adding import show_adding
from pages.parts.data_checks import show_checks, show_invoices, show_quarantine
from pages.parts.data_facts import show_commitments, show_inventory, show_metrics, show_queries
from pages.parts.data_loads import show_loaded
from pages.parts.data_state import desk_of


def render() -> None:
    """Draw the page, from what is loaded down to the checks."""
    st.title("Which bill is this about?")
    try:
        workspace = Workspace(session.default_workspace())
        _show(workspace)
    except (LoadRefused, SourceRefused) as refusal:
        st.error(str(refusal))


def _show(workspace: Workspace) -> None:
    desk = desk_of(str(workspace.folder))
    show_loaded(workspace, desk)
    st.subheader("Add data")
    show_adding(workspace, desk)
    st.subheader("Inventory")
    show_inventory(workspace)
    st.subheader("Metrics")
    show_metrics(workspace)
    st.subheader("Queries")
    show_queries(workspace)
    st.subheader("Commitments")
    show_commitments(workspace)
    st.subheader("Rows set aside")
    show_quarantine(workspace)
    st.subheader("Does it add up?")
    show_checks(workspace)
    with st.expander("Invoice totals", expanded=False):
        show_invoices(workspace)
