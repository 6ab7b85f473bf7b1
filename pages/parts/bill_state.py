"""The bill that all pages look at: chosen in the bar, read once per content of the workspace, held in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import records
from data.bill_months import DEFAULT_MONTH_COUNT
from data.own_prices import price_reading
from data.workspace import Workspace
from pages.parts import data_state, session

if TYPE_CHECKING:
    from datetime import date

    from model.bill import Bill

KEPT_BILLS: Final = 4
CURRENCY_KEY: Final = "bill_currency"


@dataclass(frozen=True)
class BillView:
    """What may be chosen, what is chosen, and the bill itself; months are invoice months as 202601."""

    bill: Bill
    folder: Path
    currencies: tuple[str, ...]
    settled: tuple[int, ...]
    unsettled: tuple[int, ...]
    settled_until: date | None
    accounts: tuple[str, ...]
    mixes_demo_and_real: bool


def bill_view() -> BillView | None:
    """The bill as the bar's widgets say; None while the workspace holds none. Raises NoBill, LoadRefused."""
    workspace = Workspace(session.default_workspace())
    loads = workspace.loads()
    if not loads:
        return None
    found = data_state.overview(workspace)
    currencies = tuple(total.currency for total in found.totals)
    currency = st.session_state.get(CURRENCY_KEY)
    currency = currency if currency in currencies else currencies[0]
    settled, unsettled = (
        tuple(month for month in months[currency] if month not in found.without_hours[currency])
        for months in (found.settled, found.unsettled)
    )
    wanted = st.session_state.get(months_key(currency)) or default_months(settled, unsettled)
    months = tuple(sorted(month for month in wanted if month in (*settled, *unsettled)))
    facts = repr((sorted(records.facts(workspace).items()), price_reading(workspace)))
    bill = _bill(str(workspace.folder), workspace.snapshot(), facts, months, currency)
    return BillView(
        bill, workspace.folder, currencies, settled, unsettled, found.settled_until[currency], _accounts(bill),
        mixes_demo_and_real=len({load.is_demo for load in loads}) > 1,
    )  # fmt: skip


def months_key(currency: str) -> str:
    """The key of the widget that chooses the months of a currency."""
    return f"bill_months_{currency}"


def default_months(settled: tuple[int, ...], unsettled: tuple[int, ...]) -> tuple[int, ...]:
    """The last three settled months, as the command line takes them; without any, the last there are."""
    return (settled or unsettled)[-DEFAULT_MONTH_COUNT:]


@st.cache_resource(show_spinner="Reading the bill…", max_entries=KEPT_BILLS)
def _bill(folder: str, snapshot: str, facts: str, months: tuple[int, ...], currency: str) -> Bill:  # noqa: ARG001
    return session.load_bill(Workspace(Path(folder)), months, currency)


def _accounts(bill: Bill) -> tuple[str, ...]:
    return tuple(sorted(set(bill.lines.text["account"].tolist())))
