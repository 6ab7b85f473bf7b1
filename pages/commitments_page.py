"""Commitments: what to commit to, what it saves, what if we are wrong, and how it is bought and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.commitment_curves import bought
from model.levers.commitment_plan import TYPED
from model.outcome import parameters
from pages.parts import commitment_rows, commitment_words, outcome_words, scenario_state
from pages.parts.commitment_after import show_after, show_buying, show_calendar
from pages.parts.commitment_job import advice_for
from pages.parts.commitment_pool import chosen_shocks, show_pool
from pages.parts.commitment_words import pool_title
from pages.parts.guard import guarded
from pages.parts.history import with_value
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.tables import text_table
from pages.parts.trail import show_trail
from pages.parts.wording import escaped, money

if TYPE_CHECKING:
    from model.bill import Bill
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_judgement import PoolAdvice
    from model.outcome import Outcome
    from pages.parts.bill_state import BillView

POOL: Final = "commitments_pool"


def render(view: BillView) -> None:
    """Draw the page; a control redraws this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("The commitments"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        st.title("What should we commit to?", anchor=False)
        advice, is_current = advice_for(outcome, chosen_shocks())
        if advice is None:
            return
        if not is_current:
            st.caption("Until the new figures are there, those of before the last change are shown.")
        _show(outcome, advice, view, is_current=is_current)


def _show(outcome: Outcome, advice: CommitmentAdvice, view: BillView, *, is_current: bool) -> None:
    months, found = len(outcome.bill.months), bought(advice)
    st.markdown(f"##### {escaped(commitment_words.answer_sentence(advice, months))}")
    if found:
        _show_standing(outcome.bill, advice)
        for column, (label, value, note) in zip(st.columns(4), commitment_words.metrics(advice), strict=True):
            column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")
    for note in advice.notes:
        st.caption(escaped(note))
    if advice.pools:
        show_pool(outcome, _chosen(advice), advice.currency)
    _show_all(outcome, advice)
    if found:
        show_buying(outcome, advice, is_current=is_current)
        show_after(outcome, advice)
    with st.expander("Where does this come from?", key="commitments_trail", on_change="rerun") as details:
        if details.open:
            st.caption("A purchase has its trail once it is in the scenario.")
            show_trail(outcome, view.folder)


def _show_standing(bill: Bill, advice: CommitmentAdvice) -> None:
    """Whether the scenario buys what is judged, and one step that makes it so."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(escaped(commitment_words.scenario_sentence(advice)), width="stretch")
        outside = [pool for pool in bought(advice) if not pool.is_in_scenario]
        st.button("Put them into the scenario", key="commitments_take", on_click=_take, args=(bill, outside),
                  disabled=not outside, help="Sets term and amount of each pool; nothing is bought by it.")  # fmt: skip


def _take(bill: Bill, pools: list[PoolAdvice]) -> None:
    known = {parameter.key: parameter for parameter in parameters(bill)}
    history = scenario_state.history()
    scenario = history.now
    for pool in pools:
        scenario = with_value(scenario, known[f"commitments.{pool.plan.name}.term"], pool.plan.term)
        if pool.plan.amount == TYPED:
            covered = round(pool.plan.covered_on_demand_per_hour, 6)
            scenario = with_value(scenario, known[f"commitments.{pool.plan.name}.covered_per_hour"], covered)
    history.put(scenario)


def _chosen(advice: CommitmentAdvice) -> PoolAdvice:
    """One pool at a time; what saves most comes first."""
    saving = bought(advice)
    ordered = [*saving, *(pool for pool in advice.pools if pool not in saving)]
    by_name = {pool.plan.name: pool for pool in ordered}
    if st.session_state.get(POOL) not in by_name:
        st.session_state[POOL] = next(iter(by_name))
    if len(by_name) > 1:
        st.segmented_control("Pool", list(by_name), key=POOL, required=True, wrap=True, label_visibility="collapsed",
                             format_func=lambda name: pool_title(by_name[name]))  # fmt: skip
    return by_name[st.session_state[POOL]]


def _show_all(outcome: Outcome, advice: CommitmentAdvice) -> None:
    """What does not depend on the pool that is looked at."""
    st.subheader("Order matters", anchor=False)
    st.markdown(escaped(commitment_words.order_sentence(advice)))
    titles = {pool.plan.name: pool_title(pool) for pool in advice.pools}
    text_table(commitment_rows.ORDER_COLUMNS, commitment_rows.order_rows(advice.order, titles, advice.currency))
    show_calendar(outcome, advice)
    if bought(advice):
        _show_purchases(outcome, advice)
    with st.expander("What stands already", key="commitments_standing", on_change="rerun") as details:
        if details.open:
            _show_holdings(advice)
    with st.expander("What no commitment covers", key="commitments_excluded", on_change="rerun") as details:
        if details.open:
            st.dataframe(_excluded_rows(advice), hide_index=True)
            st.caption(escaped(f"On-demand cost of the window: {outcome_words.basis_line(outcome.bill)}."))


def _show_purchases(outcome: Outcome, advice: CommitmentAdvice) -> None:
    with st.expander("All purchases side by side", key="commitments_side", on_change="rerun") as details:
        if details.open:
            months = len(outcome.bill.months)
            text_table(commitment_rows.PURCHASE_COLUMNS, commitment_rows.purchase_rows(advice, months))
            text_table(commitment_rows.RISK_COLUMNS, commitment_rows.risk_rows(advice))
            text_table(commitment_rows.OWED_COLUMNS, commitment_rows.owed_rows(advice))


def _show_holdings(advice: CommitmentAdvice) -> None:
    if not advice.holdings:
        st.markdown("This bill pays for no commitment. Typed or exported ones (`import --commitments`) count too.")
        return
    st.dataframe(commitment_rows.holding_rows(advice.holdings, advice.currency), hide_index=True)
    sentences = commitment_words.expiry_sentences(advice)
    st.markdown("\n".join(f"- {escaped(each)}" for each in sentences) or "When they end is not known.")


def _excluded_rows(advice: CommitmentAdvice) -> list[dict[str, Any]]:
    return [
        {"Product": each.product, "On-demand cost": money(each.cost_nanos, advice.currency), "Why not": each.reason}
        for each in advice.not_eligible
    ]
