"""Budgets: what is typed, what is spent of it, and where the month is going."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.workspace import Workspace
from model.analysis import breakdown
from model.budgets import EACH, RULE, WHOLE, Budget, budget_states, month_and_day
from model.daily_costs import day_of
from model.dashboard import UNIT_OF_DRIVER
from model.money import NANOS, as_decimal
from pages.parts import analysis_session, analysis_words, scenario_state
from pages.parts.analysis_words import TITLES
from pages.parts.tables import text_table
from pages.parts.wording import day, escaped, month

if TYPE_CHECKING:
    from model.analysis import CostRows, CostView
    from pages.parts.analysis_session import AnalysedBill
    from pages.parts.bill_state import BillView

COLUMNS: Final = ("Scope", "Budget a month", "Spent", "Used", "Month end", "Status")
SCOPES: Final = (WHOLE, "service", "project", "sku", EACH)
LARGEST: Final = Decimal(10) ** 9
SCOPE, NAME, AMOUNT = "analysis_budget_scope", "analysis_budget_name", "analysis_budget_amount"


def show_budgets(analysed: AnalysedBill, view: CostView, bill: BillView) -> None:
    """The state of every budget in the last month that is known, and the form that adds one."""
    rows, currency = analysed.rows, bill.bill.currency
    workspace = Workspace(bill.folder)
    typed = analysis_session.budgets(workspace, currency)
    if typed:
        number, until = month_and_day(rows, analysed.settled_day)
        states = budget_states(rows, view, typed, number, until)
        text_table(COLUMNS, analysis_words.budget_rows(states, currency))
        st.caption(
            escaped(
                f"{month(number)}, known until {day(day_of(until))}; the cost chosen above. {RULE} "
                "The whole bill's budget is the one that alerts watch, before tax and promotions."
            )
        )
    else:
        st.markdown("No budget is typed yet: type an amount a month for the whole bill, a service, a project or a SKU.")
    _offer(rows, view, workspace, typed, currency)


def _offer(rows: CostRows, view: CostView, workspace: Workspace, typed: list[Budget], currency: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        scope = st.selectbox("Budget for", SCOPES, key=SCOPE, format_func=_scope_title, width=180)
        if scope != WHOLE:
            names = _names(rows, view, scope)
            st.selectbox("Named", names, key=NAME, width=260)
        st.text_input(f"Amount ({currency})", key=AMOUNT, placeholder="12000", width=180)
        st.button("Set this budget", key="analysis_budget_set", on_click=_set, args=(workspace, typed, currency))
        if typed:
            with st.popover("Take one away"):
                for each in typed:
                    st.button(
                        _title(each), key=f"analysis_budget_drop_{each.scope}_{each.name}", on_click=_drop,
                        args=(workspace, typed, each, currency),
                    )  # fmt: skip


def _names(rows: CostRows, view: CostView, scope: str) -> list[str]:
    return list(UNIT_OF_DRIVER) if scope == EACH else [part.key for part in breakdown(rows, view, scope) if part.key]


def _scope_title(scope: str) -> str:
    return {WHOLE: "Whole bill", EACH: "Cost of one"}.get(scope) or TITLES[scope]


def _title(budget: Budget) -> str:
    return escaped(f"{_scope_title(budget.scope)} {budget.name}: {as_decimal(budget.amount_nanos).normalize():,f}")


def _set(workspace: Workspace, typed: list[Budget], currency: str) -> None:
    state: Any = st.session_state
    text = str(state.get(AMOUNT) or "").strip()
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 < amount <= LARGEST):
        scenario_state.say(f"{text!r} is no budget: type an amount above 0 such as 12000, without separators.",
                           is_good=False)  # fmt: skip
        return
    scope = str(state[SCOPE])
    name = "" if scope == WHOLE else str(state.get(NAME) or "")
    budget = Budget(scope, name, int(amount * NANOS))
    analysis_session.save_budgets(workspace, currency, [*typed, budget])
    scenario_state.say("The budget is set.", is_good=True)


def _drop(workspace: Workspace, typed: list[Budget], gone: Budget, currency: str) -> None:
    analysis_session.save_budgets(workspace, currency, [each for each in typed if each != gone])
