"""The parts of the analysis page below its answer: each draws one way of looking, and only the chosen one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from data.sources.refusal import SourceRefused
from data.workspace import Workspace
from model.analysis import (
    DRILL,
    NOT_ADDRESSABLE,
    CostView,
    breakdown,
    filtered,
    month_before,
    month_pairs,
    months_of,
    period_rows,
    total,
    trend,
)
from model.dashboard import with_billed_requests
from model.levers.housekeeping_findings import findings, rules_of
from model.movers import movers, summed
from model.outcome import parameters
from model.scenario import Scenario
from model.showback import RULES, shared_out, showback, unassigned_share, with_untagged
from model.unit_cost import unit_costs
from pages.parts import analysis_charts, analysis_session, analysis_state, analysis_words, scenario_state
from pages.parts.analysis_words import TITLES
from pages.parts.tables import amounts_table, text_table
from pages.parts.wording import EVIDENCE_MARKS, escaped, headline_money, month, ratio

if TYPE_CHECKING:
    from model.analysis import CostRows
    from model.bill import Bill
    from model.showback import Rule
    from pages.parts.analysis_session import AnalysedBill
    from pages.parts.bill_state import BillView

MOST_BARS: Final = 10
FINDING_COLUMNS: Final = ("What", "Saves a month", "ROI", "Effort", "Risk", "How")


def show_breakdown(rows: CostRows, view: CostView, currency: str) -> None:
    """Bars of the next step down; a click narrows the page to one."""
    by = analysis_state.next_dimension()
    parts = breakdown(rows, view, by)
    if not parts:
        st.markdown("Nothing of the bill fits these filters.")
        return

    def narrow(key: str) -> None:
        analysis_state.choose(by, (key,))

    place = "_".join(str(len(analysis_state.held()[name])) for name in DRILL)
    analysis_charts.show_bars(
        analysis_words.part_rows(parts, currency, MOST_BARS), currency, f"analysis_bars_{by}_{place}", narrow
    )
    st.caption(escaped(_step_words(by)))
    with st.expander(f"All {len(parts)} by {TITLES[by]}"):
        amounts_table(analysis_words.part_table(parts, TITLES[by]), currency, is_short=True)
    kinds = [part for part in breakdown(rows, view, "nature") if part.key in NOT_ADDRESSABLE and part.nanos]
    if kinds:
        told = ", ".join(f"{part.key} {headline_money(part.nanos, currency)}" for part in kinds)
        st.caption(escaped(f"Not addressable, no setting moves it: {told}."))


def _step_words(by: str) -> str:
    if analysis_state.held()[by]:
        return "The filters leave these resources."
    return f"Click a bar to look into one {'SKU' if by == 'sku' else by}."


def show_movers(rows: CostRows, view: CostView, currency: str, latest: int) -> None:
    """What drove the change between two months of usage; at first the latest full one and the one before."""
    months = [*months_of(rows)]
    if len(months) < 2:
        st.markdown("There is one month of usage here: a change needs two.")
        return
    left, right, split = st.columns(3)
    after = right.selectbox(
        "And", months, index=months.index(latest) if latest in months else len(months) - 1, format_func=month,
        key="analysis_after",
    )  # fmt: skip
    earlier = month_before(after)
    before = left.selectbox(
        "Between", months, index=months.index(earlier) if earlier in months else 0, format_func=month,
        key="analysis_before",
    )  # fmt: skip
    by = split.selectbox("By", list(DRILL), format_func=lambda name: TITLES[name], key="analysis_movers_by")
    found = movers(period_rows(rows, before), period_rows(rows, after), view, by)
    whole = summed(found, "Whole")
    st.markdown(escaped(analysis_words.split_sentence(whole, currency)))

    def narrow(key: str) -> None:
        analysis_state.choose(by, (key,))

    analysis_charts.show_bars(
        analysis_words.mover_rows(found, currency, MOST_BARS), f"Change, {currency}",
        f"analysis_movers_{by}_{before}_{after}", narrow,
    )  # fmt: skip
    amounts_table(analysis_words.mover_table((*found, whole), TITLES[by], before, after), currency, is_short=True)
    st.caption(analysis_words.MOVER_RULE)


def show_units(rows: CostRows, view: CostView, bill: BillView) -> None:
    """Cost of one request, user or transaction; or how to tell how many there were."""
    workspace = Workspace(bill.folder)
    currency = bill.bill.currency
    costs = trend(rows, view, "month")
    known = analysis_session.drivers(workspace)
    found = unit_costs(costs, with_billed_requests(rows, known))
    if found:
        amounts_table(analysis_words.unit_cost_rows(found, currency), currency, is_short=True)
        st.caption(
            "The cost at hand, with the filters, over what the driver table counts in the month of usage. Requests "
            "that no table counts are those that Cloud Run billed."
        )
    if not known:
        st.markdown(analysis_words.NO_DRIVERS)
    file = st.file_uploader("Driver table (CSV)", type=["csv"], key="analysis_drivers_file")
    with st.container(horizontal=True):
        st.button("Take this table", key="analysis_drivers_take", disabled=file is None, on_click=_take,
                  args=(workspace, "analysis_drivers_file"))  # fmt: skip
        st.download_button(
            "Download a sample", analysis_session.SAMPLE_DRIVERS.read_bytes(), file_name="drivers.csv", mime="text/csv",
            on_click="ignore", key="analysis_drivers_sample",
        )  # fmt: skip
        if bill.bill.is_demo and not known:
            st.button("Take the demo's drivers (invented)", key="analysis_drivers_demo", on_click=_take_sample,
                      args=(workspace,))  # fmt: skip


def _take(workspace: Workspace, key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    try:
        analysis_session.save_drivers(workspace, file.getvalue().decode("utf-8-sig", errors="replace"), file.name)
    except SourceRefused as refused:
        scenario_state.say(str(refused), is_good=False)
        return
    scenario_state.say(f"{file.name} is read.", is_good=True)


def _take_sample(workspace: Workspace) -> None:
    sample = analysis_session.SAMPLE_DRIVERS
    analysis_session.save_drivers(workspace, sample.read_text(encoding="utf-8"), sample.name)


def show_showback(analysed: AnalysedBill, rows: CostRows, view: CostView, bill: BillView) -> None:
    """Who bears the bill, by project, service or label, with what belongs to nobody shared out by the chosen rule."""
    currency, months = bill.bill.currency, bill.bill.months
    left, right = st.columns(2)
    options = ["project", "service", *(f"label {key}" for key in analysed.label_keys)]
    by = left.selectbox("To", options, key="analysis_showback_by",
                        format_func=lambda name: TITLES.get(name, name.capitalize()))  # fmt: skip
    rule: Rule = right.selectbox("What belongs to nobody", list(RULES), key="analysis_showback_rule")
    if by.startswith("label "):
        services = analysis_state.held()["service"]
        whole_rows = filtered(analysed.rows, {"service": services}, months)
        net = CostView("billed", frozenset(analysed.rows.credit_columns))
        direct = with_untagged(
            analysed.label_costs(by.removeprefix("label "), services, months), total(whole_rows, net)
        )
        shares, basis = shared_out(direct, rule), "Labels are billed net of all credits, with tax, by service only."
    else:
        direct = {part.key: part.nanos for part in breakdown(rows, view, by)}
        shares, basis = showback(rows, view, by, rule), "Fees of commitments stand on what they cover where the "
        basis += "effective cost is looked at."
    untagged = f"{ratio(unassigned_share(direct))} names no {by.removeprefix('label ')}."
    st.markdown(escaped(f"{untagged} {RULES[rule]}"))
    amounts_table(analysis_words.share_table(shares, TITLES.get(by, by.capitalize())), currency, is_short=True)
    st.caption(basis)


def show_cash(rows: CostRows, currency: str) -> None:
    """What each month's invoice asks for, against what was used up in it."""
    pairs = month_pairs(rows, rows.credit_columns)
    amounts_table(analysis_words.cash_rows(pairs), currency, is_short=True)
    st.caption(
        "Cash: billed, net of credits, with tax, by invoice month. Accrual: effective, with tax, by month of usage; "
        "fees of commitments follow what they cover."
    )


def show_advice(bill: BillView) -> None:
    """What could be saved: housekeeping by rule, and the levers of the plan at hand; nothing counts twice."""
    months, currency = len(bill.bill.months), bill.bill.currency
    st.markdown("**Housekeeping**: each rule alone, at the share of its rows that it states")
    if rules_of(bill.bill):
        _show_housekeeping(bill.bill, months)
    else:
        st.markdown("No rule of housekeeping has rows in these months.")
    st.markdown("**Levers of the plan at hand**: one after the other, so that they add up")
    outcome = scenario_state.priced(bill.bill)
    if outcome.levers:
        rows = analysis_words.lever_rows(outcome.levers, outcome.interaction_nanos, months)
        amounts_table(rows, currency, is_short=True)
    else:
        st.markdown("No plan is open: find or open one on Scenarios.")
    st.caption(
        f"{EVIDENCE_MARKS['modelled']} Modelled. The two are not added: a plan that applies rules of housekeeping "
        "holds them as one of its levers."
    )


def _show_housekeeping(bill: Bill, months: int) -> None:
    every = scenario_state.compared(bill, Scenario().with_setting("housekeeping.*.applied", True))  # noqa: FBT003 - a value
    found = findings(bill, every.scenario.values(parameters(bill)))
    text_table(FINDING_COLUMNS, analysis_words.finding_rows(found, months, bill.currency))
    together = headline_money(every.saving_nanos // months, bill.currency)
    st.markdown(escaped(f"All together save {together} a month: rows that two rules want are saved once."))
