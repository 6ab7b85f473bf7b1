"""Scenarios: what was saved and what is offered, up to four of them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.parts import charts, comparison_words, outcome_words, scenario_state
from pages.parts.draws_panel import drawn_for
from pages.parts.guard import guarded
from pages.parts.recommend_panel import found_plans, show_recommend
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.scenario_shelf import open_shelved, show_earlier, show_saved
from pages.parts.shelf import shelf, unreadable
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.bill import Bill
    from model.outcome import Outcome
    from pages.parts.bill_state import BillView
    from pages.parts.shelf import Shelved

CHOSEN: Final = "scenarios_compared"
MOST_COMPARED: Final = 4


def render(view: BillView) -> None:
    """Draw the page; opening, saving and comparing redraw this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("The scenarios"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        st.title("Which scenario is best?", anchor=False)
        found = shelf(view.bill, view.folder, found_plans(view.bill))
        _compare(found, view.bill)
        _show_offered([each for each in found if each.origin == "preset"], view.bill)
        show_recommend(view.bill, view.folder)
        st.subheader("Saved scenarios", anchor=False)
        show_saved([each for each in found if each.origin == "saved"], view.bill, view.folder)
        for name in unreadable(view.folder):
            st.caption(f"{escaped(name)} is saved in a form that this version cannot read; it is kept as it is.")
        with st.expander("Earlier and deleted ones", key="shelf_earlier", on_change="rerun") as earlier:
            if earlier.open:
                show_earlier(view.folder)


def _compare(found: Sequence[Shelved], bill: Bill) -> None:
    by_key = {each.key: each for each in found}
    held = st.session_state.get(CHOSEN)
    st.session_state[CHOSEN] = _first(found) if held is None else [key for key in held if key in by_key]
    keys = st.multiselect(
        "Compare up to four", list(by_key), key=CHOSEN, max_selections=MOST_COMPARED,
        format_func=lambda key: by_key[key].title, placeholder="Choose scenarios",
    )  # fmt: skip
    titles, outcomes = [], []
    for key in keys:
        outcome = _priced(by_key[key], bill)
        if outcome is not None:
            titles.append(by_key[key].title)
            outcomes.append(outcome)
    if not outcomes:
        st.markdown("Nothing is compared yet: choose a scenario above, or make one on What-if.")
        return
    st.markdown(comparison_words.comparison_sentence(titles, outcomes))
    charts.comparison_chart(titles, outcomes)
    st.caption(escaped(f"A month of the window: {outcome_words.basis_line(bill)}."))
    draws = drawn_for(outcomes)
    with st.spinner("Looking 36 months ahead…"):
        rows = comparison_words.comparison_rows(titles, outcomes, draws)
    st.table(rows, border="horizontal", hide_index=True)


def _first(found: Sequence[Shelved]) -> list[str]:
    """What is compared before anybody chose: what is at hand, then what was saved, then what is offered, each once."""
    order = {"hand": 0, "saved": 1, "preset": 2}
    by_fingerprint: dict[str, str] = {}
    for each in sorted(found, key=lambda each: order[each.origin]):
        by_fingerprint.setdefault(each.scenario.fingerprint, each.key)
    return list(by_fingerprint.values())[:MOST_COMPARED]


def _priced(shelved: Shelved, bill: Bill) -> Outcome | None:
    """One that this bill does not take is named, and the others are shown."""
    with guarded(shelved.title):
        return scenario_state.compared(bill, shelved.scenario)
    return None


def _show_offered(offered: Sequence[Shelved], bill: Bill) -> None:
    if not offered:
        return
    st.subheader("Offered for this bill", anchor=False)
    for each in offered:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escaped(each.title)}** · {escaped(each.sentence)}", width="stretch")
            st.button("Open", key=f"shelf_open_{each.key}", on_click=open_shelved, args=(each, bill))
