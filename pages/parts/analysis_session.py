"""Where analysed bill and model meet: rows of every cost, drivers and budgets of the workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from data import analysis_records
from data.cost_rows import cost_table
from data.sources.drivers import parse_drivers
from model.analysis import cost_rows, month_pairs, sums_of
from model.budgets import WHOLE, Budget
from model.daily_costs import day_number
from model.unit_cost import Driver
from pages.parts.session import SAMPLES
from pages.parts.watch_session import load_costs, save_settings, watch, watch_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from data.workspace import Workspace
    from model.analysis import CostRows
    from pages.parts.watch_session import Watched

SAMPLE_DRIVERS = SAMPLES / "drivers.csv"


@dataclass(frozen=True, eq=False)
class AnalysedBill:
    """The whole bill of a currency; ``settled_day`` in days since 1970; ``labels`` are parallel arrays by name."""

    rows: CostRows
    settled_day: int | None
    labels: dict[str, np.ndarray]

    @property
    def label_keys(self) -> tuple[str, ...]:
        """The keys of labels, in order of the alphabet."""
        return tuple(str(key) for key in np.unique(self.labels["label_key"].astype(np.str_)))

    def label_costs(self, key: str, services: Collection[str], months: Collection[int]) -> dict[str, int]:
        """Billed cost net of credits by value of a label key, of some services (empty: all) and invoice months."""
        mask = (self.labels["label_key"] == key) & np.isin(self.labels["invoice_month"], list(months))
        if services:
            mask &= np.isin(self.labels["service"].astype(np.str_), list(services))
        names, codes = np.unique(self.labels["label_value"][mask].astype(np.str_), return_inverse=True)
        sums = sums_of(codes, self.labels["effective_nanos"][mask].astype(np.int64), len(names))
        return dict(zip((str(name) for name in names), sums, strict=True))


def analysed_bill(workspace: Workspace, currency: str | None = None) -> AnalysedBill:
    """Read the bill for analysis; raises NoBill."""
    table = cost_table(workspace, currency)
    settled = day_number(table.settled_until) if table.settled_until else None
    return AnalysedBill(cost_rows(table.currency, table.leaves, table.rows), settled, table.labels)


def billed_months(workspace: Workspace, currency: str) -> dict[int, tuple[int, int]]:
    """By month of the whole bill: nanos that the invoice asks for, and that were used up; tax and credits included."""
    rows = analysed_bill(workspace, currency).rows
    return month_pairs(rows, rows.credit_columns)


def drivers(workspace: Workspace) -> list[Driver]:
    """The cost drivers of the workspace."""
    return [Driver(*row) for row in analysis_records.drivers(workspace)]


def save_drivers(workspace: Workspace, text: str, where: str) -> None:
    """Read a driver table and save it in place of the one before; raises SourceRefused."""
    analysis_records.save_drivers(workspace, parse_drivers(text, where))


def forget_sample_drivers(workspace: Workspace) -> None:
    """Take out the drivers that were invented for the demo, as far as they are unchanged."""
    sample = sorted(parse_drivers(SAMPLE_DRIVERS.read_text(encoding="utf-8"), SAMPLE_DRIVERS.name))
    if sorted(analysis_records.drivers(workspace)) == sample:
        analysis_records.save_drivers(workspace, [])


def budgets(workspace: Workspace, currency: str) -> list[Budget]:
    """The budgets of a currency; that of the whole bill is the one that the alert rules watch."""
    found = [Budget(*row) for row in analysis_records.budgets(workspace, currency)]
    whole = watch_settings(workspace).budget_nanos
    return found if whole is None else [Budget(WHOLE, "", whole), *found]


def save_budgets(workspace: Workspace, currency: str, typed: Iterable[Budget]) -> None:
    """Save the budgets of a currency in place of those before; raises RulesRefused."""
    amounts = {(each.scope, each.name): each.amount_nanos for each in typed}
    whole = amounts.pop((WHOLE, ""), None)
    settings = watch_settings(workspace)
    if settings.budget_nanos != whole:
        save_settings(workspace, replace(settings, budget_nanos=whole))
    analysis_records.save_budgets(workspace, currency, [(*place, nanos) for place, nanos in amounts.items()])


def watched_bill(workspace: Workspace, currency: str) -> Watched:
    """The bill judged by the workspace's alert rules; raises NoBill, RulesRefused."""
    return watch(load_costs(workspace, currency), watch_settings(workspace))
