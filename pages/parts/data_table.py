"""The Data page's way in for a table of BigQuery: find it, see what reading it costs, then import it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.bigquery_descriptions import description_named, price_description
from data.bigquery_import import TableOptions, price_table
from data.own_prices import price_reading
from data.sources.bigquery import SCHEME, TableName, connect_client, list_data_sets, list_tables
from data.sources.refusal import SourceRefused
from data.workspace import LoadRefused
from pages.parts import session
from pages.parts.import_job import tables_work
from pages.parts.table_words import SCHEDULE, WHAT_HAPPENS, month_of, price_words, schedule_command
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.workspace import Workspace
    from pages.parts.import_job import Work

PRICED: Final = "data_table_priced"
"""The table whose price was shown last, with that price: only this one can be imported."""
FOUND: Final = "data_table_found"
"""The tables that the last listing found, as data_set.table."""
NOTICE: Final = "data_table_notice"
MOST_DATA_SETS: Final = 30
"""One request each; whoever has more types the table's name."""


@dataclass(frozen=True)
class Priced:
    """A table with its price, what may be read of it, from which months, and what it describes (None: it is a bill)."""

    uri: str
    words: str
    allowed_bytes: int
    since_month: int | None
    hours_since: int | None
    describes: str | None


def offer_table(workspace: Workspace, start: Callable[[str, Work], None]) -> None:
    """The form, the price of the table that it names, and the button that imports it."""
    st.caption(WHAT_HAPPENS)
    _show_notice()
    project = st.text_input("Project", key="data_table_project", placeholder="my-billing-project").strip()
    if st.button("List its tables", key="data_table_list", disabled=not project):
        _list(project)
    table = st.selectbox(
        "Table", st.session_state.get(FOUND, []), index=None, accept_new_options=True, key="data_table_name",
        placeholder="billing_export.gcp_billing_export_resource_v1_01ABCD_234567_89EFAB",
        help="As data_set.table: a billing export, cloud_pricing_export or cud_subscriptions_export.",
    )  # fmt: skip
    month = st.text_input(
        "From invoice month", key="data_table_since", placeholder="202601",
        help="Older months stay out; fewer months read fewer bytes. Empty: all months that the table holds.",
    )  # fmt: skip
    hours = st.text_input(
        "By hour and resource from", key="data_table_hours", placeholder="202604",
        help="Plans are made on months with hours by resource, which are most of what travels here; older months come "
        "by day, for analysis and forecast. Empty: all months.",
    )  # fmt: skip
    is_named = bool(project and table)
    if st.button("Test the connection and show the price", key="data_table_price", disabled=not is_named) and table:
        _price(workspace, project, table.strip(), (month, hours))
    priced: Priced | None = st.session_state.get(PRICED)
    if priced is not None:
        _offer(workspace, priced, start)


def _offer(workspace: Workspace, priced: Priced, start: Callable[[str, Work], None]) -> None:
    st.info(escaped(priced.words))
    if priced.describes is not None:
        if st.button(f"Read the {priced.describes}", key="data_table_import", type="primary"):
            _describe(workspace, priced, priced.describes)
        return
    if st.button("Import this table", key="data_table_import", type="primary"):
        del st.session_state[PRICED]
        options = TableOptions(priced.since_month, priced.allowed_bytes, priced.hours_since)
        start(f"Importing {priced.uri}", tables_work(workspace, [priced.uri], options))
    with st.expander("Refresh by the clock"):
        st.markdown(SCHEDULE)
        command = schedule_command(priced.uri, str(workspace.folder), priced.since_month, priced.hours_since)
        st.code(command, language="bash", wrap_lines=True)


def _describe(workspace: Workspace, priced: Priced, what: str) -> None:
    add = session.add_prices if what == "prices" else session.add_commitments
    try:
        with st.spinner("Asking BigQuery"):
            found = add(workspace, [priced.uri], priced.allowed_bytes)
    except SourceRefused as refusal:
        st.error(escaped(str(refusal)))
        return
    del st.session_state[PRICED]
    reading = price_reading(workspace) if what == "prices" else None
    units = f" and {reading.price_count:,} unit prices" if reading is not None else ""
    st.session_state[NOTICE] = f"{len(found)} values{units} were read from {priced.uri}; they replaced older ones."
    st.rerun()


def _show_notice() -> None:
    notice = st.session_state.pop(NOTICE, "")
    if notice:
        st.success(escaped(notice))


def _list(project: str) -> None:
    """Put the tables of the project into the choice; what is missing is said with the command that mends it."""
    st.session_state[FOUND] = []
    try:
        with st.spinner("Asking BigQuery"):
            client = connect_client(project)
            data_sets = list_data_sets(client, project)
            names = [name for one in data_sets[:MOST_DATA_SETS] for name in list_tables(client, project, one)]
    except SourceRefused as refusal:
        st.error(escaped(str(refusal)))
        return
    st.session_state[FOUND] = [f"{name.dataset}.{name.table}" for name in names]
    if not names:
        st.warning("These credentials see no table in this project: type data_set.table if you know its name.")
    if len(data_sets) > MOST_DATA_SETS:
        st.warning(f"Only the first {MOST_DATA_SETS} of {len(data_sets)} data sets were listed: type others by name.")


def _price(workspace: Workspace, project: str, table: str, months: tuple[str, str]) -> None:
    """Show the price, or what is missing and the command that mends it."""
    st.session_state.pop(PRICED, None)
    try:
        since, hours_since = (month_of(month) for month in months)
        name = TableName.parse(f"{SCHEME}{project}.{table}")
        what = description_named(name.table)
        with st.spinner("Asking BigQuery"):
            if what is None:
                price = price_table(workspace, name.uri, TableOptions(since_month=since, hours_since=hours_since))
            else:
                price = price_description(what, name.uri)
    except (SourceRefused, LoadRefused) as refusal:
        st.error(escaped(str(refusal)))
        return
    st.session_state[PRICED] = Priced(name.uri, price_words(price), price.allowed_bytes, since, hours_since, what)
