"""The Data page's third part: inventory and metrics, which tell what no bill says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import records
from data.own_prices import price_reading, save_own_prices
from data.sources.metrics import METRICS
from data.sources.queries import COLUMNS
from data.sources.refusal import SourceRefused
from pages.parts import data_state, data_words, session
from pages.parts.data_adding import spooled
from pages.parts.inventory_commands import list_commands
from pages.parts.price_session import price_book
from pages.parts.table_words import prices_in_use
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from data.facts import Fact
    from data.workspace import Workspace
    from pages.parts.data_state import FactMatch

ROUND: Final = "data_facts_round"
NOTICE: Final = "data_facts_notice"

SECRETS: Final = (
    "Only scaling, size, concurrency and similar settings are read. Environment values, secrets, images and labels are "
    "never read into the workspace, and the uploaded files are not kept."
)


def show_inventory(workspace: Workspace) -> None:
    """Inventory: the commands that list it, the upload, what was read, and what does not fit the bill."""
    match = data_state.fact_match(workspace)
    st.markdown("A bill does not say how services are set. Run these where `gcloud` is signed in and upload the files.")
    commands = list_commands(match)
    for tab, command in zip(st.tabs(list(commands)), commands.values(), strict=True):
        tab.code(command, language="bash", wrap_lines=True)
    st.caption(SECRETS)
    _offer("Inventory files (JSON)", "inventory", ["json"], workspace, session.add_inventory)
    _show_facts(workspace, match)


def show_metrics(workspace: Workspace) -> None:
    """Metrics: what may be given, and the upload."""
    st.markdown(
        "Series from Cloud Monitoring replace typed assumptions: latency, CPU time, start-up, burstiness, database "
        "load. Give its time series as JSON, or a CSV with the columns `time,product,resource,metric,unit,value`."
    )
    st.caption("Read: " + escaped(", ".join(METRICS)) + ". Other metrics in the file are left out.")
    _offer("Metric files (CSV or JSON)", "metrics", ["csv", "json"], workspace, session.add_metrics)


def show_queries(workspace: Workspace) -> None:
    """Queries: what may be given, and the upload."""
    st.markdown(
        "What a database is busy with: an export of `pg_stat_statements` as CSV, or a CSV with the columns "
        f"`{','.join(COLUMNS)}`. An `instance` column names the database, a row `other` all that is not listed."
    )
    st.caption("Only the text without its literals is kept, and it replaces what was read before.")
    _offer("Query files (CSV)", "queries", ["csv"], workspace, session.add_queries)


def show_commitments(workspace: Workspace) -> None:
    """Standing commitments: what may be given, and the upload."""
    st.markdown(
        "A bill shows what commitments cost, not when they end. Give the rows of `cud_subscriptions_export` as JSON or "
        "CSV, so that plans wait for what runs out."
    )
    st.caption("Read: amount, term, start, end, state and name. It replaces what was read before.")
    _offer(
        "Commitment files (JSON or CSV)", "commitments", ["json", "jsonl", "csv"], workspace, session.add_commitments
    )
    st.markdown(
        "Your own commitment prices: rows of `cloud_pricing_export` as JSON. Without them, discounts are off list. "
        "Both can be read from their tables too: *Add data*, *BigQuery*."
    )
    st.caption(escaped(prices_in_use(records.facts(workspace), price_book().name, price_reading(workspace))))
    _offer("Price files (JSON)", "prices", ["json", "jsonl"], workspace, session.add_prices)


def _offer(
    label: str,
    name: str,
    types: Sequence[str],
    workspace: Workspace,
    add: Callable[[Workspace, Sequence[Path]], list[Fact]],
) -> None:
    _show_notice(name)
    key = f"data_{name}_{st.session_state.get(ROUND, 0)}"
    files = st.file_uploader(label, type=types, accept_multiple_files=True, key=key)
    if st.button(f"Read the {name}", key=f"data_read_{name}", disabled=not files) and files:
        st.session_state[NOTICE] = (name, *_read(files, workspace, add))
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def _read(
    files: Sequence[UploadedFile], workspace: Workspace, add: Callable[[Workspace, Sequence[Path]], list[Fact]]
) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = add(workspace, spooled(Path(folder), files))
        except SourceRefused as refusal:
            return False, f"{refusal} What was read before is untouched."
        except OSError as error:
            return False, f"The upload could not be written ({error.strerror}): make room and try again."
    resources = len({each.key.rpartition(".")[0] for each in found})
    if not found:
        return False, "The files name nothing that Cloudlever reads, so nothing has changed."
    return True, f"{len(found)} values of {resources} resources were read. Newer values replaced older ones."


def _show_notice(name: str) -> None:
    of_name, is_good, sentence = st.session_state.get(NOTICE, ("", True, ""))
    if of_name == name:
        (st.success if is_good else st.error)(escaped(sentence))


def _show_facts(workspace: Workspace, match: FactMatch) -> None:
    facts = records.facts(workspace)
    if not facts:
        st.markdown("Nothing is read yet: settings show as “not known” on the What-if page until you type them.")
        return
    st.markdown(
        f"**{len(facts)} values are known.** Resources that inventory and bill both name: {len(match.matched)}."
    )
    if match.unnamed:
        levers = ", ".join(f"`{lever}`" for lever in match.unnamed)
        st.caption(f"This bill's rows of {levers} name no resource, so inventory cannot be held against them; Google's "
                   "detailed export names resources where it can.")  # fmt: skip
    if match.only_in_facts:
        st.warning(
            f"Not in this bill: {_names(match.only_in_facts)}. They cost nothing in these months, or their bill is not "
            "loaded."
        )
    if match.only_in_bill:
        st.warning(f"In the bill without inventory: {_names(match.only_in_bill)}. List and upload them to know their "
                   "settings.")  # fmt: skip
    st.dataframe([data_words.fact_row(fact) for fact in facts.values()], hide_index=True, height=320)
    with st.popover("Forget what was read…"):
        st.caption("Removes all values of inventory and metrics. The bill stays.")
        if st.button("Forget", key="data_forget_facts", type="primary"):
            records.forget_facts(workspace)
            save_own_prices(workspace, [], "")
            st.session_state.pop(NOTICE, None)
            st.rerun()


def _names(resources: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in resources[:12])
    return shown if len(resources) <= 12 else f"{shown} and {len(resources) - 12} more"
