"""The bar's first line, the same on every page: which bill, which months, which basis, and whether it is the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from model.plan import BASIS
from pages.parts import bill_state
from pages.parts.wording import day, escaped, month, months

if TYPE_CHECKING:
    from pages.parts.bill_state import BillView


def show_bill_bar(view: BillView) -> None:
    """One line of words, and the choice of months and currency folded beside it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bill_bar"):
        st.markdown(_line(view), width="stretch")
        with st.popover("Months", icon=":material/calendar_month:", type="tertiary"):
            _choose(view)


def _line(view: BillView) -> str:
    bill = view.bill
    accounts = ", ".join(f"`{account}`" for account in view.accounts if account) or "no billing account named"
    settled = f" · settled until {day(view.settled_until)}" if view.settled_until else ""
    return f"{_badge(view)}{accounts} · {months(bill.months)}{settled} · {escaped(bill.currency)} · {BASIS}"


def _badge(view: BillView) -> str:
    if view.mixes_demo_and_real:
        return ":orange-badge[Demo and real rows together: remove one of them on Data] "
    return ":violet-badge[Demo bill, generated] " if view.bill.is_demo else ""


def _choose(view: BillView) -> None:
    currency = view.bill.currency
    if len(view.currencies) > 1:
        st.session_state.setdefault(bill_state.CURRENCY_KEY, currency)
        st.selectbox("Currency (never mixed)", view.currencies, key=bill_state.CURRENCY_KEY)
    key = bill_state.months_key(currency)
    options = [*view.settled, *view.unsettled]
    st.session_state[key] = [each for each in st.session_state.get(key, view.bill.months) if each in options]
    st.multiselect(
        "Invoice months", options, key=key, placeholder="The last three settled months",
        format_func=lambda number: f"{month(number)}{'' if number in view.settled else ' (not settled)'}",
    )  # fmt: skip
    if bill_notes := view.bill.notes:
        st.caption(escaped(" ".join(bill_notes)))
