"""What analysis remembers in the workspace: cost drivers by month, and budgets by scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.sources.drivers import DriverRow
    from data.workspace import Workspace


SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cost_driver (
  month INTEGER NOT NULL, driver TEXT NOT NULL, quantity REAL NOT NULL, PRIMARY KEY (month, driver)
) STRICT;
CREATE TABLE IF NOT EXISTS cost_budget (
  currency TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, nanos INTEGER NOT NULL,
  PRIMARY KEY (currency, scope, name)
) STRICT;
"""
"""Made when analysis first needs it."""


def save_drivers(workspace: Workspace, rows: Iterable[DriverRow]) -> None:
    """Save drivers in place of all those before."""
    with workspace.transaction(SCHEMA) as database:
        database.execute("DELETE FROM cost_driver")
        database.executemany("INSERT INTO cost_driver VALUES (?, ?, ?)", list(rows))


def drivers(workspace: Workspace) -> list[DriverRow]:
    """All drivers by name and month."""
    with workspace.database(SCHEMA) as database:
        found = database.execute("SELECT month, driver, quantity FROM cost_driver ORDER BY driver, month").fetchall()
    return [(int(month), str(driver), float(quantity)) for month, driver, quantity in found]


def save_budgets(workspace: Workspace, currency: str, rows: Iterable[tuple[str, str, int]]) -> None:
    """Save the budgets (scope, name, nanos) of a currency in place of those before."""
    with workspace.transaction(SCHEMA) as database:
        database.execute("DELETE FROM cost_budget WHERE currency = ?", (currency,))
        database.executemany("INSERT INTO cost_budget VALUES (?, ?, ?, ?)", [(currency, *row) for row in rows])


def budgets(workspace: Workspace, currency: str) -> list[tuple[str, str, int]]:
    """The budgets of a currency: scope, name, nanos a month."""
    with workspace.database(SCHEMA) as database:
        found = database.execute(
            "SELECT scope, name, nanos FROM cost_budget WHERE currency = ? ORDER BY scope, name", (currency,)
        ).fetchall()
    return [(str(scope), str(name), int(nanos)) for scope, name, nanos in found]
