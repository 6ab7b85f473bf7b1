"""What-if: move a setting, see what the bill would have been, and what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from model.answer import answer, moved
from model.attribution import attribution, interactions
from model.levers.housekeeping_findings import findings, rules_of
from model.outcome import parameters
from model.waterfall import waterfall
from pages.parts import analysis_state, charts, outcome_words, scenario_state
from pages.parts.guard import guarded
from pages.parts.levers import show_levers
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.tables import amounts_table
from pages.parts.trail import show_trail
from pages.parts.wording import counted, escaped, headline_money, money

if TYPE_CHECKING:
    from model.answer import Answer
    from model.outcome import Outcome
    from pages.parts.bill_state import BillView

MOST_SHAPLEY_LEVERS: Final = 8
"""Each further lever doubles the combinations to be priced."""


def render(view: BillView) -> None:
    """Draw the page; a control redraws this part only, not the bill's bar."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("This scenario"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        _show(outcome, view)


def _show(outcome: Outcome, view: BillView) -> None:
    found = answer(outcome)
    st.title(outcome_words.question(outcome), anchor=False)
    st.markdown(outcome_words.answer_sentence(found, outcome.bill.currency))
    filters = analysis_state.filter_words()
    if filters:
        st.caption(escaped(f"The whole bill is repriced; the filters of Analysis ({filters}) do not narrow this page."))
    _show_metrics(outcome, found)
    result, controls = st.columns([3, 2], gap="large")
    with result:
        _show_charts(outcome, view)
    with controls:
        show_levers(outcome)
    _show_details(outcome, found, view)


def _show_metrics(outcome: Outcome, found: Answer) -> None:
    currency = outcome.bill.currency
    before, after, window, limits = st.columns(4)
    before.metric("Current bill, a month", headline_money(found.before_per_month_nanos, currency), border=True,
                  height="stretch")  # fmt: skip
    change = found.saving_per_month_nanos
    after.metric(
        "This scenario, a month", headline_money(found.after_per_month_nanos, currency),
        headline_money(-change, currency) if change else None,
        delta_arrow="down" if change > 0 else "up", delta_color="blue" if change > 0 else "orange",
        border=True, height="stretch",
    )  # fmt: skip
    window.metric(
        f"Saved over {counted(len(outcome.bill.months), 'month', 'months')}",
        money(outcome.saving_nanos, currency), border=True, height="stretch",
        help=outcome_words.basis_line(outcome.bill),
    )  # fmt: skip
    limits.metric("Limits", outcome_words.limits_metric(found), border=True, height="stretch")


def _show_charts(outcome: Outcome, view: BillView) -> None:
    st.subheader("From the current bill to this scenario", anchor=False)
    bars = waterfall(outcome)
    charts.waterfall_chart(bars, outcome.bill.currency)
    length = counted(len(outcome.bill.months), "month", "months")
    st.caption(escaped(f"Sums of {length}: {outcome_words.basis_line(outcome.bill)}."))
    if len(outcome.levers) > 1:
        st.caption(escaped(outcome_words.interaction_sentence(outcome)))
    st.subheader("Month by month", anchor=False)
    rows = moved(outcome.baseline.by_month, outcome.result.by_month)
    charts.months_chart(rows, view.unsettled, outcome.bill.currency, charts.meaning_of_outcome(bars))


def _show_details(outcome: Outcome, found: Answer, view: BillView) -> None:
    _show_limits(outcome, found)
    currency = outcome.bill.currency
    with st.expander("By service and project", key="details_tables", on_change="rerun") as details:
        if details.open:
            _show_attribution(outcome)
            rows = moved(outcome.baseline.by_product, outcome.result.by_product)
            amounts_table(outcome_words.moved_rows(rows, "Service", "not told", currency), currency)
            rows = moved(outcome.baseline.by_project, outcome.result.by_project)
            amounts_table(outcome_words.moved_rows(rows, "Project", "no project", currency), currency)
    _show_findings(outcome)
    with st.expander("How well the model fits this bill", key="details_fit", on_change="rerun") as details:
        if details.open:
            st.caption("The model at the current settings, held against what the bill says.")
            st.dataframe(outcome_words.calibration_rows(outcome.calibrations), hide_index=True)
    with st.expander("Where does this come from?", key="details_trail", on_change="rerun") as details:
        if details.open:
            show_trail(outcome, view.folder)


def _show_attribution(outcome: Outcome) -> None:
    """Levers alone and together, and why the sum of the parts differs."""
    if not outcome.levers:
        return
    currency = outcome.bill.currency
    is_shared = MOST_SHAPLEY_LEVERS >= len(outcome.levers) > 1
    shapley = attribution(outcome, "shapley") if is_shared else None
    amounts_table(outcome_words.lever_rows(outcome, shapley), currency, is_short=True)
    if len(outcome.levers) > 1:
        pairs = outcome_words.pair_rows(interactions(outcome))
        st.caption(outcome_words.attribution_help(has_pairs=bool(pairs)))
        amounts_table(pairs, currency, is_short=True)


def _show_findings(outcome: Outcome) -> None:
    """What could be tidied up, applied or not."""
    bill = outcome.bill
    if not rules_of(bill):
        return
    with st.expander("What could be tidied up", key="details_findings", on_change="rerun") as details:
        if details.open:
            found = findings(bill, outcome.scenario.values(parameters(bill)))
            amounts_table(outcome_words.finding_rows(found, bill.currency), bill.currency)
            st.caption("Each alone, at the share that is assumed; switch a rule on under Housekeeping.")


def _show_limits(outcome: Outcome, found: Answer) -> None:
    lines = outcome_words.guardrail_lines(found)
    if not lines and not outcome.risks:
        return
    with st.expander("Limits and risks", expanded=bool(found.broken), key="details_limits"):
        st.markdown("  \n".join(f"{verdict} · {sentence}" for verdict, sentence in lines))
        if outcome.risks:
            st.caption("Service risk at the stressed demand:")
            st.dataframe(outcome_words.risk_rows(outcome.risks), hide_index=True)
            st.caption("  \n".join(escaped(risk.sentence) for risk in outcome.risks))
    for note in outcome.notes:
        st.caption(escaped(note))
