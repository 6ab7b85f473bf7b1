"""Where a figure comes from: choose one, see what it is made of, and open the billing rows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.workspace import Workspace
from model.explain import explain, figures
from model.figure import Figure
from pages.parts import outcome_words, trail_rows, trail_words
from pages.parts.tables import amounts_table
from pages.parts.wording import counted, escaped

if TYPE_CHECKING:
    from pathlib import Path

    from model.explain import Trail
    from model.outcome import Outcome

CHOSEN: Final = "trail_figure"
CHANGES, LINES, INPUTS, PRICES, ROWS, SQL = "Changes", "Lines of the bill", "Inputs", "Prices", "Billing rows", "SQL"


def show_trail(outcome: Outcome, folder: Path) -> None:
    """The choice of a figure, its amounts and formulas, and what stands under it in tabs that load when opened."""
    offered = {figure.text: figure for figure in figures(outcome)}
    if st.session_state.get(CHOSEN) not in offered:
        st.session_state[CHOSEN] = Figure().text
    chosen = st.selectbox(
        "Figure", list(offered), key=CHOSEN, format_func=lambda text: trail_words.figure_title(offered[text])
    )
    trail = explain(outcome, offered[str(chosen)])
    st.markdown(trail_words.amounts_sentence(trail, outcome.bill.currency))
    st.caption(escaped(trail_words.formula_sentence(trail)))
    _show_tabs(trail, outcome, folder)
    st.caption(
        f"Snapshot `{outcome.bill.snapshot[:12]}` · scenario `{outcome.scenario.fingerprint}` · "
        f"{escaped(outcome_words.basis_line(outcome.bill))} · `{trail_words.command(trail, outcome)}`"
    )


def _show_tabs(trail: Trail, outcome: Outcome, folder: Path) -> None:
    currency = outcome.bill.currency
    tabs = dict(
        zip((names := (CHANGES, LINES, INPUTS, PRICES, ROWS, SQL)), st.tabs(names, key="trail_tabs", on_change="rerun"),
            strict=True)
    )  # fmt: skip
    for name, rows, nothing in (
        (CHANGES, trail_words.part_rows(trail, currency), "This scenario does not change it."),
        (LINES, trail_words.line_rows(trail, currency), "The bill has no lines for it yet: it would be new."),
        (INPUTS, trail_words.input_rows(trail), "No setting and no assumption acts on it."),
        (PRICES, trail_words.price_rows(trail, currency), "Nothing was priced anew."),
    ):
        if tabs[name].open:
            with tabs[name]:
                _table_or_words(rows, nothing, currency)
    workspace = Workspace(folder)
    if tabs[ROWS].open:
        with tabs[ROWS]:
            trail_rows.show_rows(trail, workspace, currency)
    if tabs[SQL].open:
        with tabs[SQL]:
            _show_queries(trail, workspace)


def _table_or_words(rows: list[dict[str, Any]], nothing: str, currency: str) -> None:
    if rows:
        amounts_table(rows, currency)
    else:
        st.caption(nothing)


def _show_queries(trail: Trail, workspace: Workspace) -> None:
    queries = trail_rows.queries(trail, workspace)
    if queries.google:
        st.caption("In BigQuery, over your own export; put in the names of its project and data set:")
        st.code(queries.google, language="sql", wrap_lines=True)
    if queries.duckdb:
        others = counted(queries.other_file_count, "other file is", "other files are")
        more = f" {others} read alike." if queries.other_file_count else ""
        st.caption(f"In DuckDB, over the file that was loaded:{more}")
        st.code(queries.duckdb, language="sql", wrap_lines=True, height=360)
