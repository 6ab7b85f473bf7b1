"""The billing rows behind a figure, page by page, with their sums, and as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.trail import charge_rows, charge_sums, row_queries
from data.workspace import Workspace
from exports.tables_csv import csv_bytes
from pages.parts import trail_words
from pages.parts.tables import amounts_table

if TYPE_CHECKING:
    from data.trail import ChargeRow, ChargeSums, RowQueries
    from model.explain import Trail

ROWS_A_PAGE: Final = 50
MOST_ROWS_IN_A_FILE: Final = 100_000
KEPT: Final = 32
PAGE: Final = "trail_page"


def show_rows(trail: Trail, workspace: Workspace, currency: str) -> None:
    """How many rows there are, what they add up to against the figure, one page of them, and all as CSV."""
    if not trail.rows:
        st.caption("The bill has no rows for it yet: it would be new.")
        return
    key = (str(workspace.folder), workspace.snapshot(), trail.rows)
    sums = _sums(*key)
    st.caption(trail_words.rows_sentence(trail, sums, currency))
    last = max(1, -(-sums.count // ROWS_A_PAGE))
    page = st.number_input(f"Page of {last:,}, the costliest rows first", 1, last, key=f"{PAGE}_{trail.figure.text}")
    amounts_table(trail_words.charge_table(_page(*key, int(page)), currency), currency)
    st.download_button(
        "Download the rows (CSV)", lambda: _csv(workspace, trail), file_name="billing-rows.csv", mime="text/csv",
        on_click="ignore", key="trail_csv", icon=":material/download:",
    )  # fmt: skip
    if sums.count > MOST_ROWS_IN_A_FILE:
        st.caption(f"The file holds the {MOST_ROWS_IN_A_FILE:,} costliest rows; the SQL fetches all of them.")


def queries(trail: Trail, workspace: Workspace) -> RowQueries:
    """The SQL that fetches the rows."""
    return _queries(str(workspace.folder), workspace.snapshot(), trail.rows)


@st.cache_data(show_spinner="Counting the rows…", max_entries=KEPT)
def _sums(folder: str, snapshot: str, filters: Any) -> ChargeSums:  # noqa: ARG001 - part of the cache's key
    return charge_sums(Workspace(Path(folder)), filters)


@st.cache_data(show_spinner="Fetching the rows…", max_entries=KEPT)
def _page(folder: str, snapshot: str, filters: Any, page: int) -> list[ChargeRow]:  # noqa: ARG001
    return charge_rows(Workspace(Path(folder)), filters, ROWS_A_PAGE, (page - 1) * ROWS_A_PAGE)


@st.cache_data(show_spinner=False, max_entries=KEPT)
def _queries(folder: str, snapshot: str, filters: Any) -> RowQueries:  # noqa: ARG001
    return row_queries(Workspace(Path(folder)), filters)


def _csv(workspace: Workspace, trail: Trail) -> bytes:
    rows = charge_rows(workspace, trail.rows, MOST_ROWS_IN_A_FILE)
    return csv_bytes(trail_words.CSV_HEADER, (trail_words.csv_line(row) for row in rows))
