"""The Data page's first part: what is loaded, in which months and currencies, and how to take it out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from pages.parts import data_state, data_words
from pages.parts.import_job import paths_work
from pages.parts.palette import CURRENT, MEANINGS
from pages.parts.wording import escaped, month, months

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.workspace import Load, Workspace
    from pages.parts.data_state import Overview
    from pages.parts.import_job import ImportDesk

REMOVED: Final = "data_removed_loads"

MONTH_CHART: Final[dict[str, Any]] = {
    "height": 160,
    "mark": {"type": "bar", "size": 24, "cornerRadiusEnd": 2, "tooltip": True},
    "encoding": {
        "x": {"field": "month", "type": "ordinal", "sort": None, "axis": {"title": None, "labelAngle": 0}},
        "y": {"field": "amount", "type": "quantitative", "axis": {"format": "~s", "tickCount": 4}},
        "color": {"datum": CURRENT, "type": "nominal", "scale": {"domain": list(MEANINGS)}, "legend": None},
        "opacity": {"condition": {"test": "datum.settled", "value": 1}, "value": 0.4},
        "tooltip": [
            {"field": "month", "title": "Invoice month"},
            {"field": "words", "title": "Net of credits"},
            {"field": "settled", "title": "Settled"},
        ],
    },
}


def show_loaded(workspace: Workspace, desk: ImportDesk) -> None:
    """What is loaded: the answer, the currencies and months, the files, and their removal."""
    loads = workspace.loads()
    if not loads:
        st.markdown("No bill is loaded yet. Load the demo bill to look around, or add your own export below.")
        _show_removed(workspace, desk)
        return
    found = data_state.overview(workspace)
    st.markdown(escaped(data_words.answer(found, loads)))
    _show_demo_note(workspace, desk, loads)
    _show_months(found)
    st.dataframe(
        [data_words.load_row(load) for load in reversed(loads)], hide_index=True,
        column_config={"Rows": st.column_config.NumberColumn(format="localized"),
                       "Set aside": st.column_config.NumberColumn(format="localized")},
    )  # fmt: skip
    _offer_removal(workspace, desk, loads)
    _show_removed(workspace, desk)


def _show_demo_note(workspace: Workspace, desk: ImportDesk, loads: Sequence[Load]) -> None:
    demo = [load for load in loads if load.is_demo]
    if not demo:
        return
    if len(demo) < len(loads):
        st.warning("Demo rows and real rows stand in one total. Remove the demo before you read any figure.")
    else:
        st.info("This is the demo bill: generated usage at Google's list prices, nobody's real spend.")
    if st.button("Remove the demo", key="data_remove_demo", disabled=desk.is_busy):
        data_state.remove_demo(workspace)
        st.rerun()


def _show_months(found: Overview) -> None:
    for total in found.totals:
        currency = total.currency
        rows = data_words.month_rows(found, currency)
        title = f"Net cost per invoice month, {currency}"
        encoding = MONTH_CHART["encoding"]
        y = {**encoding["y"], "title": currency}
        unsettled = found.unsettled[currency]
        note = f"; {', '.join(month(each) for each in unsettled)} not settled yet (pale)" if unsettled else ""
        settled = f"settled: {months(found.settled[currency])}" if found.settled[currency] else "no month is settled"
        st.caption(f"{title} · {settled}{note}")
        spec = {**MONTH_CHART, "data": {"values": rows}, "encoding": {**encoding, "y": y}, "description": title}
        st.vega_lite_chart(spec, key=f"data_months_{currency}")


def _offer_removal(workspace: Workspace, desk: ImportDesk, loads: Sequence[Load]) -> None:
    by_label = {f"{number}. {data_words.load_label(load)}": load for number, load in enumerate(loads, start=1)}
    with st.popover("Remove a file…"):
        chosen = st.multiselect("Files to take out of the bill", list(by_label), key="data_remove_choice")
        st.caption("Their rows count no more. The files themselves stay where they are.")
        wanted = st.button("Remove", key="data_remove", type="primary", disabled=not chosen or desk.is_busy)
    if wanted:
        for label in chosen:
            workspace.remove_load(by_label[label].id)
        st.session_state[REMOVED] = [by_label[label] for label in chosen]
        st.rerun()


def _show_removed(workspace: Workspace, desk: ImportDesk) -> None:
    removed: list[Load] = st.session_state.get(REMOVED, [])
    if not removed:
        return
    names = escaped(", ".join(data_words.file_name(load.path) for load in removed))
    there = [load for load in removed if Path(load.path).is_file()]
    gone = "" if len(there) == len(removed) else " What is not on disk any more has to be added again by hand."
    st.info(f"Removed {names}; these rows count no more.{gone}")
    if there and st.button("Undo", key="data_undo_remove", disabled=desk.is_busy):
        is_demo = all(load.is_demo for load in there)
        desk.start("Loading again what was removed", paths_work(workspace, [e.path for e in there], is_demo=is_demo))
        del st.session_state[REMOVED]
        st.rerun()
