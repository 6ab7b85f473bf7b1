"""The best plan for this bill: how far it may go, the search with a stop button, and what was found."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data import records
from data.workspace import Workspace
from model.recommend import APPETITES, recommend
from pages.parts import palette, recommend_words, scenario_state
from pages.parts.shelf import free_name
from pages.parts.tables import amounts_table
from pages.parts.wording import escaped
from pages.parts.worker import Worker
from pages.parts.worker_panel import show_end, show_running, worker_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from model.bill import Bill
    from model.recommend import FrontierPoint, Recommendation
    from model.scenario import Scenario

JOB: Final = "recommend_job"
RISK: Final = "recommend_risk"
FOUND: Final = "recommend_found"


def show_recommend(bill: Bill, folder: Path) -> None:
    """The choice of how far a plan may go; then the search, or what it found on this bill."""
    st.subheader("The best plan for this bill", anchor=False)
    worker = worker_of(JOB, bill)
    if worker is not None and worker.state == "running":
        show_running(JOB)
        return
    _offer(bill)
    if worker is None:
        return
    show_end(worker)
    if worker.result is not None:
        _show_found(worker.result, bill, folder)


def found_plans(bill: Bill) -> tuple[Scenario, ...]:
    """The plans that were found for this bill in this tab, the last one of each level."""
    kept_for, plans = st.session_state.get(FOUND, (None, {}))
    if kept_for is not bill:
        plans = {}
    worker = worker_of(JOB, bill)
    if worker is not None and worker.result is not None and worker.result.scenario.settings:
        plans = {**plans, worker.result.risk: worker.result.scenario}
    st.session_state[FOUND] = (bill, plans)
    return tuple(plans.values())


def _offer(bill: Bill) -> None:
    st.session_state.setdefault(RISK, "balanced")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        risk = st.segmented_control(
            "How far may it go?", list(APPETITES), key=RISK, required=True,
            format_func=lambda level: APPETITES[level].title,
        )  # fmt: skip
        st.button("Find the best plan", type="primary", key="recommend_start", on_click=_start, args=(bill,))
    st.caption(escaped(APPETITES[risk or "balanced"].sentence))


def _show_found(found: Recommendation, bill: Bill, folder: Path) -> None:
    st.markdown(recommend_words.found_sentence(found))
    if found.scenario.settings:
        with st.container(horizontal=True):
            st.button("Open this plan", key="recommend_open", on_click=scenario_state.open_scenario,
                      args=(found.scenario, bill))  # fmt: skip
            st.button("Save it", key="recommend_save", on_click=_save, args=(found, folder))
    held_back = recommend_words.binding_sentences(found)
    if held_back:
        st.markdown("\n".join(["What holds it back:", "", *(f"- {sentence}" for sentence in held_back)]))
    if found.missing:
        st.caption("What is not known, and stands in the way of more:  \n" + "  \n".join(map(escaped, found.missing)))
    if len(found.frontier) > 1:
        with st.expander("More saving, or more room?", key="recommend_frontier", on_change="rerun") as folded:
            if folded.open:
                _show_frontier(found.frontier, bill.currency)
    if found.kept:
        with st.expander(f"What was left alone ({len(found.kept)})", key="recommend_kept", on_change="rerun") as folded:
            if folded.open:
                st.markdown("\n".join(f"- {escaped(sentence)}" for sentence in found.kept))


def _show_frontier(points: Sequence[FrontierPoint], currency: str) -> None:
    rows = [recommend_words.frontier_mark(point, currency) for point in points]
    st.vega_lite_chart(
        rows, _frontier_spec(currency), key="frontier_chart", alt=" ".join(str(row["words"]) for row in rows)
    )
    amounts_table([recommend_words.frontier_row(point) for point in points], currency, is_short=True)


@lru_cache
def _frontier_spec(currency: str) -> dict[str, Any]:
    """Net present value over the share of the nearest limit in use; each dot is a plan that no other beats on both."""
    colour = {"field": "meaning", "type": "nominal", "legend": None, "scale": {"domain": list(palette.MEANINGS)}}
    encoding = {
        "x": {"field": "risk", "type": "quantitative", "title": "Share of the nearest limit that is used up",
              "axis": {"format": ".0%"}, "scale": {"domainMin": 0}},
        "y": {"field": "worth", "type": "quantitative", "title": f"Worth ({currency})",
              "axis": {"format": "~s"}},
        "color": colour,
        "tooltip": {"field": "words", "type": "nominal", "title": " "},
    }  # fmt: skip
    line = {"mark": {"type": "line", "interpolate": "step-after"}}
    dots = {"mark": {"type": "point", "filled": True, "size": 90}}
    return {"height": 260, "encoding": encoding, "layer": [line, dots]}


def _start(bill: Bill) -> None:
    """The search starts from the scenario at hand: its assumptions stay, its settings are tried too."""
    start, risk = scenario_state.history().now, st.session_state.get(RISK) or "balanced"
    st.session_state[JOB] = Worker(
        "Looking for the best plan", bill, lambda on_progress, cancel: recommend(bill, start, risk, on_progress, cancel)
    )


def _save(found: Recommendation, folder: Path) -> None:
    scenario = found.scenario.renamed(free_name(found.scenario.name, folder))
    records.save_scenario(Workspace(folder), scenario.name, scenario.to_toml(), scenario.fingerprint)
    scenario_state.say(f"{scenario.name} is saved.", is_good=True)
