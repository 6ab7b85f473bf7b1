"""The controls of analysis: which cost, which part of the bill; shared by the pages that analyse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from model.analysis import BASES, DRILL, CostView, breakdown, filtered
from pages.parts import analysis_state
from pages.parts.analysis_state import ALL, BASIS, CREDITS, NONE, TAX, WITH, WITHOUT
from pages.parts.analysis_words import BASIS_TITLES, CREDIT_TITLES, TITLES, named

if TYPE_CHECKING:
    from model.analysis import CostRows

MOST_OPTIONS: Final = 500


def show_controls(rows: CostRows) -> None:
    """One line: basis, credits, tax, filters; every choice acts before the page is drawn again."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="analysis_controls"):
        _basis()
        if analysis_state.held()[BASIS][0] == "billed" and rows.credit_columns:
            _credits(rows)
        _tax()
        with st.popover("Filter", icon=":material/filter_alt:"):
            for name in DRILL:
                _filter(rows, name)
    _chosen()


def _basis() -> None:
    key = "analysis_basis"
    st.session_state[key] = analysis_state.held()[BASIS][0]
    st.segmented_control(
        "Cost", list(BASES), key=key, format_func=lambda basis: BASIS_TITLES[basis], required=True,
        on_change=lambda: analysis_state.choose(BASIS, (str(st.session_state[key]),)),
        help="List and contracted are before credits; effective is after all of them.",
    )  # fmt: skip


def _credits(rows: CostRows) -> None:
    key = "analysis_credits"
    chosen = analysis_state.cost_view(rows).credits
    st.session_state[key] = [name for name in rows.credit_columns if name in chosen]

    def changed() -> None:
        found = tuple(st.session_state[key])
        everything = len(found) == len(rows.credit_columns)
        analysis_state.choose(CREDITS, (ALL,) if everything else found or (NONE,))

    st.multiselect(
        "Net of", list(rows.credit_columns), key=key, on_change=changed, placeholder="Gross",
        format_func=lambda name: CREDIT_TITLES[name], width=460,
    )  # fmt: skip


def _tax() -> None:
    key = "analysis_tax"
    st.session_state[key] = WITHOUT not in analysis_state.held()[TAX]
    st.toggle(
        "With tax", key=key,
        on_change=lambda: analysis_state.choose(TAX, (WITH if st.session_state[key] else WITHOUT,)),
    )  # fmt: skip


def _filter(rows: CostRows, name: str) -> None:
    """The keys of what the filters above it leave, the dearest first."""
    above = {each: analysis_state.held()[each] for each in DRILL[: DRILL.index(name)]}
    parts = breakdown(filtered(rows, above), CostView(), name)[:MOST_OPTIONS]
    options = [part.key for part in parts]
    key = f"analysis_filter_{name}"
    st.session_state[key] = [each for each in analysis_state.held()[name] if each in options]
    st.multiselect(
        TITLES[name], options, key=key, format_func=named, placeholder="All",
        on_change=lambda: analysis_state.choose(name, tuple(st.session_state[key])),
    )  # fmt: skip


def _chosen() -> None:
    """What the page is narrowed to, with the way back."""
    narrowed = [name for name in DRILL if analysis_state.held()[name]]
    if not narrowed:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="analysis_path"):
        for name in narrowed:
            told = ", ".join(named(each) for each in analysis_state.held()[name])
            st.button(
                f"{TITLES[name]}: {told}", icon=":material/close:", icon_position="right", key=f"analysis_drop_{name}",
                on_click=analysis_state.choose, args=(name, ()), help="Take this filter away.",
            )  # fmt: skip
        st.button("Whole bill", key="analysis_clear", type="tertiary", on_click=analysis_state.clear)
