"""Promises: what was approved, and what later months of the bill show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from data import ledger_records, records
from data.workspace import LoadRefused, Workspace
from model.promise import LedgerRefused
from model.scenario import Scenario, ScenarioError
from pages.parts import ledger_session, ledger_state, ledger_words
from pages.parts.guard import guarded
from pages.parts.outcome_words import basis_line
from pages.parts.tables import text_table
from pages.parts.wording import escaped, month

if TYPE_CHECKING:
    from pathlib import Path

    from model.bill import Bill
    from pages.parts.bill_state import BillView
    from pages.parts.ledger_session import Held

NOTICE: Final = "promise_notice"
NOTHING: Final = (
    "Nothing is approved yet. Save a scenario on What-if, approve it here, and every month that is billed afterwards "
    "is held against it: what was saved, what grew, what prices did."
)


def render(view: BillView) -> None:
    """Draw the page; approving and withdrawing redraw this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("The promises"):
        st.title("Did we get what we approved?", anchor=False)
        found = ledger_state.held(view.folder)
        st.markdown(f"##### {escaped(ledger_words.whole_sentence(found, view.bill.currency))}" if found else NOTHING)
        notice = st.session_state.pop(NOTICE, None)
        if notice:
            st.info(escaped(notice))
        for each in reversed(found):
            _show(each, view.folder)
        _show_approving(view.bill, view.folder)
        st.caption(escaped(ledger_words.METHOD))


def _show(held: Held, folder: Path) -> None:
    approval, ledger = held.approval, held.ledger
    with st.container(border=True):
        st.markdown(f"**{escaped(approval.name)}** · `{approval.fingerprint}` · {escaped(_approved(held))}")
        st.markdown(escaped(ledger_words.standing_sentence(held)))
        if ledger.months:
            text_table(ledger_words.LEVER_COLUMNS, ledger_words.lever_rows(ledger))
            text_table(ledger_words.MONTH_COLUMNS, ledger_words.month_rows(ledger))
            newest = ledger.months[-1]
            st.markdown(escaped(ledger_words.variance_sentence(newest, ledger.promise.currency)))
            with st.expander(f"How {month(newest.month)} came about", key=f"promise_bridge_{approval.id}"):
                text_table(ledger_words.BRIDGE_COLUMNS, ledger_words.bridge_rows(newest, ledger.promise.currency))
                text_table(ledger_words.USAGE_COLUMNS, ledger_words.usage_rows(newest, ledger.promise.currency))
                for note in newest.notes:
                    st.caption(escaped(note))
        if approval.is_live:
            _show_withdrawing(held, folder)


def _approved(held: Held) -> str:
    approval = held.approval
    note = f": {approval.note}" if approval.note else ""
    return f"approved by {approval.approver} on {approval.approved_at[:10]}{note}"


def _show_withdrawing(held: Held, folder: Path) -> None:
    number, name = held.approval.id, held.approval.name
    with st.popover("Withdraw"):
        who = st.text_input("Who withdraws", key=f"promise_by_{number}")
        why = st.text_input("Why", key=f"promise_why_{number}", help="It stays in the ledger.")
        if st.button("Withdraw the approval", key=f"promise_withdraw_{number}"):
            try:
                ledger_records.withdraw(Workspace(folder), name, who, why)
            except LoadRefused as problem:
                st.error(escaped(str(problem)))
                return
            st.session_state[NOTICE] = f"The approval of {name} is withdrawn; it stays in the ledger."
            st.rerun()


def _show_approving(bill: Bill, folder: Path) -> None:
    st.subheader("Approve a scenario", anchor=False)
    saved = {each.name: each for each in records.scenarios(Workspace(folder))}
    if not saved:
        st.markdown("No scenario is saved yet: move something on What-if, then save it in the bar above it.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Scenario", list(saved), key="promise_scenario", width=280)
        who = st.text_input("Approved by", key="promise_approver", width=220)
        note = st.text_input("Note", key="promise_note", width=280, placeholder="Why, or where it was decided")
        is_asked = st.button("Approve", key="promise_approve", type="primary")
    st.caption(escaped(f"Promised on {basis_line(bill)}; what is approved is never changed, only withdrawn."))
    if not is_asked or name is None:
        return
    try:
        scenario = Scenario.from_toml(saved[name].toml, f"the saved scenario {name!r}").renamed(name)
        ledger_session.approve(Workspace(folder), bill, scenario, who, note)
    except (LedgerRefused, LoadRefused, ScenarioError) as problem:
        st.error(escaped(str(problem)))
        return
    st.session_state[NOTICE] = f"{name} is approved: later months will be held against it."
    st.rerun()
