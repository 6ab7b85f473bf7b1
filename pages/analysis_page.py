"""Analysis: where the money goes, what changed, what a unit costs, who bears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import streamlit as st

from model.analysis import breakdown, filtered, total, trend, undated
from model.budgets import month_and_day
from model.daily_costs import month_days
from model.month_change import full_month, month_change
from model.showback import unassigned_share
from pages.parts import analysis_charts, analysis_details, analysis_state, analysis_words, scenario_state
from pages.parts.analysis_budgets import show_budgets
from pages.parts.analysis_controls import show_controls
from pages.parts.guard import guarded
from pages.parts.wording import EVIDENCE_MARKS, escaped, headline_money, month, months, ratio

if TYPE_CHECKING:
    from model.analysis import CostRows, CostView, Grain
    from model.month_change import MonthChange
    from pages.parts.analysis_session import AnalysedBill
    from pages.parts.bill_state import BillView

GRAINS: Final = ("day", "week", "month")
SECTIONS: Final = (
    "Breakdown", "What changed", "Unit costs", "Budgets", "Showback", "Cash and accrual", "Recommendations",
)  # fmt: skip
GRAIN, SECTION = "analysis_grain", "analysis_section"


def render(view: BillView) -> None:
    """Draw the page; every choice redraws this part only, from reductions held in memory."""
    _desk(view)


@st.fragment
def _desk(bill: BillView) -> None:
    with guarded("The analysis"):
        analysed = analysis_state.analysed(bill)
        analysis_state.write_link()
        st.title("Where does the money go?", anchor=False)
        notice = scenario_state.pop_notice()
        if notice is not None:
            (st.success if notice[1] else st.error)(escaped(notice[0]))
        rows, view = analysis_state.within(analysed.rows), analysis_state.cost_view(analysed.rows)
        if not len(rows.leaf):
            st.markdown("Nothing of the bill fits these filters.")
            show_controls(analysed.rows)
            return
        _answer(analysed, rows, view, bill)
        show_controls(analysed.rows)
        _over_time(analysed, rows, view, bill)
        _section(analysed, rows, view, bill)


def _answer(analysed: AnalysedBill, rows: CostRows, view: CostView, bill: BillView) -> None:
    currency = bill.bill.currency
    number, until = month_and_day(analysed.rows, analysed.settled_day)
    found = month_change(rows, view, number, until)
    is_partial = until < month_days(number)[1]
    basis = analysis_words.basis_words(view, analysed.rows.credit_columns)
    st.markdown(f"##### {analysis_words.answer_sentence(found, currency, basis, is_partial=is_partial)}")
    _metrics(rows, view, bill, found, " so far" if is_partial else "")


def _metrics(rows: CostRows, view: CostView, bill: BillView, found: MonthChange, so_far: str) -> None:
    currency, chosen = bill.bill.currency, filtered(rows, {}, bill.bill.months)
    by_month = trend(rows, view, "month")
    first, second, third, fourth = st.columns(4)
    spark = [nanos * 1e-9 for nanos in by_month.values()]
    first.metric(
        f"{month(found.month)}{so_far}", headline_money(found.whole.after_nanos, currency),
        f"{headline_money(found.whole.change_nanos, currency)} against {month(found.before)}", delta_color="off",
        chart_data=spark, chart_type="area", border=True, height="stretch",
    )  # fmt: skip
    second.metric(months(bill.bill.months), headline_money(total(chosen, view), currency), "by invoice month",
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip
    largest = found.largest
    third.metric(
        "Largest service", analysis_words.named(largest.key) if largest else "—",
        f"{ratio(largest.share)} of {month(found.month)}" if largest else None, delta_color="off", delta_arrow="off",
        border=True, height="stretch",
    )  # fmt: skip
    projects = {part.key: part.nanos for part in breakdown(chosen, view, "project")}
    fourth.metric("Without a project", ratio(unassigned_share(projects)), "tax, support, fees that found no usage",
                  delta_color="off", delta_arrow="off", border=True, height="stretch")  # fmt: skip


def _over_time(analysed: AnalysedBill, rows: CostRows, view: CostView, bill: BillView) -> None:
    st.session_state.setdefault(GRAIN, "week")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Over time", anchor=False, width="stretch")
        grain = cast("Grain", st.segmented_control(
            "By", list(GRAINS), key=GRAIN, required=True, label_visibility="collapsed",
            format_func=lambda name: name.capitalize(),
        ) or "week")  # fmt: skip
    _, until = month_and_day(analysed.rows, analysed.settled_day)
    currency = bill.bill.currency
    periods = trend(rows, view, grain)
    drawn = analysis_words.trend_rows(periods, grain, currency, until, bill.bill.months)
    analysis_charts.show_trend(drawn, currency, grain)
    apart = undated(rows, view) if grain != "month" else 0
    rest = f" {headline_money(apart, currency)} stand on no day and are not drawn." if apart else ""
    measured = f"{EVIDENCE_MARKS['measured']} Measured: sums of billing rows by day of usage."
    st.caption(escaped(f"{measured} Pale: outside the months chosen above, or not settled.{rest}"))


def _section(analysed: AnalysedBill, rows: CostRows, view: CostView, bill: BillView) -> None:
    st.session_state.setdefault(SECTION, SECTIONS[0])
    section = st.segmented_control("Look at", list(SECTIONS), key=SECTION, required=True, label_visibility="collapsed")
    currency = bill.bill.currency
    chosen = filtered(rows, {}, bill.bill.months)
    with guarded(f"The part {section}"):
        if section == "Breakdown":
            analysis_details.show_breakdown(chosen, view, currency)
        elif section == "What changed":
            number, until = month_and_day(analysed.rows, analysed.settled_day)
            analysis_details.show_movers(rows, view, currency, full_month(rows, number, until))
        elif section == "Unit costs":
            analysis_details.show_units(rows, view, bill)
        elif section == "Budgets":
            show_budgets(analysed, view, bill)
        elif section == "Showback":
            analysis_details.show_showback(analysed, chosen, view, bill)
        elif section == "Cash and accrual":
            analysis_details.show_cash(rows, currency)
        else:
            analysis_details.show_advice(bill)
