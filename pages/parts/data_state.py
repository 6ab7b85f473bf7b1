"""What the Data page knows of a workspace: overview, checks, facts against the bill; each computed once per content."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import records
from data.bill_months import NoBill, available_months
from data.reconcile import reconcile
from data.sources.inventory import read_inventory
from data.sources.invoices import read_invoices
from data.sources.metrics import read_metrics
from data.sources.queries import read_queries
from data.sources.refusal import SourceRefused
from data.totals import currency_totals, totals
from data.workspace import Workspace
from pages.parts import analysis_session, session
from pages.parts.import_job import ImportDesk

if TYPE_CHECKING:
    from datetime import date

    from data.facts import Fact
    from data.reconcile import Check
    from data.totals import CurrencyTotal, TotalRow

NO_RESOURCE: Final = ("queries.", "commitments.", "commitment_rates.")
"""Facts under these keys are of no resource that a bill could name."""
KEPT: Final = 8
"""Workspace states kept in memory, over all tabs."""


@dataclass(frozen=True)
class Overview:
    """The bill in short: totals per currency, the months and the settled day of each, net per invoice month.

    ``without_hours``: months that can be looked at, but not planned on.
    """

    totals: tuple[CurrencyTotal, ...]
    settled: dict[str, tuple[int, ...]]
    unsettled: dict[str, tuple[int, ...]]
    settled_until: dict[str, date | None]
    without_hours: dict[str, tuple[int, ...]]
    by_month: tuple[TotalRow, ...]


@dataclass(frozen=True)
class FactMatch:
    """Resources that inventory and bill both name, or only one of them; projects and regions of the bill's.

    ``unnamed`` are the levers whose rows carry no resource: nothing can be told about theirs.
    """

    matched: tuple[str, ...]
    only_in_facts: tuple[str, ...]
    only_in_bill: tuple[str, ...]
    unnamed: tuple[str, ...]
    projects: tuple[str, ...]
    regions: tuple[str, ...]


@st.cache_resource(show_spinner=False)
def desk_of(folder: str) -> ImportDesk:  # noqa: ARG001 - the key of the cache
    """The import desk of a workspace, shared by all tabs."""
    return ImportDesk()


def overview(workspace: Workspace) -> Overview:
    """The bill in short."""
    return _overview(str(workspace.folder), workspace.snapshot())


def checks(workspace: Workspace) -> list[Check]:
    """The checks of the bill, with the invoices given so far."""
    return _checks(str(workspace.folder), workspace.snapshot(), repr(records.invoices(workspace)))


def fact_match(workspace: Workspace) -> FactMatch:
    """Which resources of the facts are in the bill, and which of the bill's have facts."""
    found = records.facts(workspace)
    named = {_resource(key) for key in found if not key.startswith(NO_RESOURCE)}
    return _fact_match(str(workspace.folder), workspace.snapshot(), tuple(sorted(named)))


def remove_demo(workspace: Workspace) -> None:
    """Take out the demo's loads with the facts and invoice totals that came with them, as far as they are unchanged."""
    folder = workspace.folder / "demo"
    _remove_demo_records(workspace, folder)
    analysis_session.forget_sample_drivers(workspace)
    for load in workspace.loads():
        if load.is_demo:
            workspace.remove_load(load.id)
    shutil.rmtree(folder, ignore_errors=True)


@st.cache_data(show_spinner=False, max_entries=KEPT)
def _overview(folder: str, snapshot: str) -> Overview:  # noqa: ARG001 - part of the cache's key
    workspace = Workspace(Path(folder))
    found = tuple(sorted(currency_totals(workspace), key=lambda total: -total.net_nanos))
    months = {total.currency: available_months(workspace, total.currency) for total in found}
    return Overview(
        totals=found,
        settled={currency: each.settled for currency, each in months.items()},
        unsettled={currency: each.unsettled for currency, each in months.items()},
        settled_until={currency: each.settled_until for currency, each in months.items()},
        without_hours={currency: each.without_hours for currency, each in months.items()},
        by_month=tuple(totals(workspace, ["invoice_month"])),
    )


@st.cache_data(show_spinner=False, max_entries=KEPT)
def _checks(folder: str, snapshot: str, invoices: str) -> list[Check]:  # noqa: ARG001 - parts of the cache's key
    return reconcile(Workspace(Path(folder)))


@st.cache_data(show_spinner=False, max_entries=KEPT)
def _fact_match(folder: str, snapshot: str, in_facts: tuple[str, ...]) -> FactMatch:  # noqa: ARG001 - part of the key
    try:
        bill = session.load_bill(Workspace(Path(folder)))
    except NoBill:
        return FactMatch((), in_facts, (), (), (), ())
    resources = [each for group in bill.resources.values() for each in group]
    of_bill = {_short(f"{each.lever}.{each.name}"): f"{each.lever}.{each.name}" for each in resources}
    known = {_short(name) for name in in_facts}
    unnamed = {each.lever for each in resources if each.name == "all"}
    in_bill = {name for name in in_facts if _short(name) in of_bill}
    not_in_bill = {name for name in in_facts if name not in in_bill and name.partition(".")[0] not in unnamed}
    return FactMatch(
        matched=tuple(sorted(in_bill)),
        only_in_facts=tuple(sorted(not_in_bill)),
        only_in_bill=tuple(sorted(of_bill[each] for each in set(of_bill) - known if not _is_unnamed(each))),
        unnamed=tuple(sorted(unnamed)),
        projects=tuple(sorted({each.project for each in resources if each.project})),
        regions=tuple(sorted({each.region for each in resources if each.region})),
    )


def _resource(key: str) -> str:
    return key.rpartition(".")[0]


def _is_unnamed(resource: str) -> bool:
    return resource.endswith(".all")


def _short(resource: str) -> str:
    return resource.partition("@")[0]


def _remove_demo_records(workspace: Workspace, folder: Path) -> None:
    records.remove_facts(workspace, _demo_keys(workspace, folder))
    try:
        given = read_invoices(folder / "invoice.csv")
    except SourceRefused:
        return
    standing = records.invoices(workspace)
    records.remove_invoices(workspace, [total for total in given if total in standing])


def _demo_keys(workspace: Workspace, folder: Path) -> list[str]:
    standing = records.facts(workspace)
    return [fact.key for fact in _read_demo_facts(folder) if standing.get(fact.key) == fact]


def _read_demo_facts(folder: Path) -> list[Fact]:
    try:
        inventory = read_inventory([folder / "inventory"])
        vcpu = {each.key.split(".")[1]: float(each.value) for each in inventory if each.key.endswith(".vcpu")}
        return inventory + read_metrics([folder / "metrics.csv"], vcpu) + read_queries([folder / "queries.csv"])
    except SourceRefused:
        return []
