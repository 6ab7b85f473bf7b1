"""The Data page's way in for a table of BigQuery: name it, see what reading it costs, then import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from data.bigquery_import import TableOptions, price_table
from data.sources.bigquery import SCHEME, TableName, connect_client, list_billing_tables
from data.sources.refusal import SourceRefused
from data.workspace import LoadRefused
from pages.parts.import_job import tables_work
from pages.parts.table_words import price_words
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.workspace import Workspace
    from pages.parts.import_job import Work

PRICED: Final = "data_table_priced"
"""The table whose price was shown last, with that price: only this one can be imported."""
WHAT_HAPPENS: Final = (
    "The queries run in BigQuery with this machine's Google credentials (`gcloud auth application-default login`); "
    "only sums travel here. Nothing runs before its price is shown, and no query may exceed it."
)


def offer_table(workspace: Workspace, start: Callable[[str, Work], None]) -> None:
    """The form, the price of the table that it names, and the button that imports it."""
    st.caption(WHAT_HAPPENS)
    with st.form("data_table_form", border=False):
        project = st.text_input("Project", key="data_table_project", placeholder="my-billing-project")
        dataset = st.text_input("Data set", key="data_table_dataset", placeholder="billing_export")
        table = st.text_input(
            "Table", key="data_table_name", placeholder="gcp_billing_export_resource_v1_01ABCD_234567_89EFAB",
            help="Leave it empty to list the tables of the data set.",
        )  # fmt: skip
        wanted = st.form_submit_button("Test the connection and show the price", key="data_table_price")
    if wanted:
        _look(workspace, project.strip(), dataset.strip(), table.strip())
    priced = st.session_state.get(PRICED)
    if priced is None:
        return
    uri, words, byte_count = priced
    st.info(escaped(words))
    if st.button("Import this table", key="data_table_import", type="primary"):
        del st.session_state[PRICED]
        start(f"Importing {uri}", tables_work(workspace, [uri], TableOptions(maximum_bytes=byte_count)))


def _look(workspace: Workspace, project: str, dataset: str, table: str) -> None:
    """Show the price, or the tables to choose from, or what is missing and the command that mends it."""
    st.session_state.pop(PRICED, None)
    try:
        with st.spinner("Asking BigQuery"):
            if not table:
                names = list_billing_tables(connect_client(project), project, dataset)
                st.markdown("  \n".join(f"`{name.table}`" for name in names) or "The data set holds no table.")
                return
            name = TableName.parse(f"{SCHEME}{project}.{dataset}.{table}")
            price = price_table(workspace, name.uri)
    except (SourceRefused, LoadRefused) as refusal:
        st.error(escaped(str(refusal)))
        return
    st.session_state[PRICED] = (name.uri, price_words(price), price.allowed_bytes)
