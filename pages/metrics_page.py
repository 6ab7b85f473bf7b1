"""Metrics: the eight figures of the dashboard with sparkline, status and target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.workspace import Workspace
from model.analysis import DRILL, months_of
from model.budgets import WHOLE, budget_states, month_and_day
from model.daily_costs import day_of
from model.dashboard import (
    UNIT_OF_DRIVER,
    anomaly_figure,
    budget_figure,
    monthly_figure,
    service_figures,
    unit_figure,
    with_billed_requests,
)
from model.month_change import full_month
from pages.parts import analysis_session, analysis_state, ledger_state, metrics_words
from pages.parts.analysis_controls import show_controls
from pages.parts.analysis_words import basis_words, named
from pages.parts.guard import guarded
from pages.parts.wording import amount_format, day, escaped, month

if TYPE_CHECKING:
    from pathlib import Path

    from model.dashboard import DashboardFigure
    from pages.parts.bill_state import BillView
    from pages.parts.watch_session import Watched

KEPT: Final = 3


@dataclass(frozen=True)
class Dashboard:
    """The eight figures (the last, savings so far, comes from promises), by service, and what they are of."""

    monthly: DashboardFigure
    services: tuple[DashboardFigure, ...]
    units: tuple[DashboardFigure, ...]
    anomalies: DashboardFigure
    budget: DashboardFigure
    month: int
    current_month: int
    until_day: int


def render(view: BillView) -> None:
    """Draw the page; choices redraw this part only."""
    _desk(view)


@st.fragment
def _desk(bill: BillView) -> None:
    with guarded("The metrics"):
        rows = analysis_state.analysed(bill).rows
        analysis_state.write_link()
        st.title("How are we doing?", anchor=False)
        if not len(analysis_state.within(rows).leaf):
            st.markdown("Nothing of the bill fits these filters.")
            show_controls(rows)
            return
        board, currency = _dashboard(bill), bill.bill.currency
        titled = _titled(board)
        st.markdown(f"##### {escaped(metrics_words.status_sentence(titled))}")
        show_controls(rows)
        _cards(titled, currency, bill.folder)
        _services(board, currency)
        is_full = board.month == board.current_month
        known = "" if is_full else f", the last full month; the budget is of {month(board.current_month)}"
        known += f"; known until {day(day_of(board.until_day))}"
        basis = basis_words(analysis_state.cost_view(rows), rows.credit_columns)
        told = f"{month(board.month)}{known}; {basis}. Percentages are against the month before."
        st.caption(escaped(f"{told} {metrics_words.WHERE_TYPED}"))


def _dashboard(bill: BillView) -> Dashboard:
    analysed = analysis_state.analysed(bill)
    rows, view = analysis_state.within(analysed.rows), analysis_state.cost_view(analysed.rows)
    workspace, currency = Workspace(bill.folder), bill.bill.currency
    current, until = month_and_day(analysed.rows, analysed.settled_day)
    number = full_month(rows, current, until)
    typed = analysis_session.budgets(workspace, currency)
    states = budget_states(analysed.rows, view, typed, current, until)
    whole = next((each for each in states if each.budget.scope == WHOLE), None)
    is_whole = not any(analysis_state.held()[name] for name in DRILL)
    targets = typed if is_whole else []
    monthly = monthly_figure(rows, view, number, whole.budget.amount_nanos if whole and is_whole else None)
    whole_monthly = monthly_figure(analysed.rows, view, current, None)
    drivers = with_billed_requests(rows, analysis_session.drivers(workspace))
    units = tuple(
        unit_figure(rows, view, number, drivers, name, metrics_words.unit_target(targets, name))
        for name in UNIT_OF_DRIVER
    )
    watched = _watched(bill.folder, workspace.snapshot(), currency)
    anomalies = anomaly_figure(watched.incidents, months_of(analysed.rows), watched.costs.known_until)
    return Dashboard(monthly, service_figures(rows, view, number, targets), units, anomalies,
                     budget_figure(whole, whole_monthly), number, current, until)  # fmt: skip


@st.cache_resource(show_spinner="Watching the bill…", max_entries=KEPT)
def _watched(folder: Path, snapshot: str, currency: str) -> Watched:  # noqa: ARG001 - part of the cache's key
    return analysis_session.watched_bill(Workspace(folder), currency)


def _titled(board: Dashboard) -> tuple[tuple[str, DashboardFigure], ...]:
    largest = board.services[0]
    requests, users, transactions = board.units
    return (
        (f"Cost of {month(board.month)}", board.monthly),
        (f"Largest service: {named(largest.key)}", largest),
        ("Cost per request", requests),
        ("Cost per user", users),
        ("Cost per transaction", transactions),
        ("Anomalies", board.anomalies),
        ("Budget against actual", board.budget),
    )


def _cards(titled: tuple[tuple[str, DashboardFigure], ...], currency: str, folder: Path) -> None:
    columns = [*st.columns(4), *st.columns(4)]
    for column, (title, figure) in zip(columns, titled, strict=False):
        column.metric(
            title, metrics_words.value_words(figure, currency), metrics_words.status_words(figure, currency),
            delta_color="orange" if figure.status == "missed" else "gray", delta_arrow="off", border=True,
            height="stretch", chart_data=list(figure.history) or None, chart_type="area",
        )  # fmt: skip
    value, status = metrics_words.savings_words(ledger_state.held(folder), currency)
    columns[-1].metric("Savings so far", value, status, delta_color="gray", delta_arrow="off", border=True,
                       height="stretch", help=metrics_words.NO_PROMISE)  # fmt: skip


def _services(board: Dashboard, currency: str) -> None:
    st.subheader("Cost by service", anchor=False)
    config = {
        "Cost": st.column_config.NumberColumn(f"{month(board.month)} ({currency})", format=amount_format(currency)),
        "By month": st.column_config.BarChartColumn("By month", y_min=0, color="gray"),
    }
    st.dataframe(metrics_words.service_rows(board.services), hide_index=True, column_config=config, height="content")
