"""What people add to a workspace beside loads: scenarios, facts (inventory, metrics) and invoice totals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from data.facts import Fact
from data.workspace import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.workspace import Workspace


@dataclass(frozen=True)
class ScenarioRecord:
    """A saved scenario as text; ``fingerprint`` binds it to its figures. Saving a name again keeps the older ones."""

    name: str
    toml: str
    fingerprint: str
    saved_at: str
    deleted_at: str | None = None


@dataclass(frozen=True)
class InvoiceTotal:
    """The amount of an invoice in currency units. ``kind`` is 'total', or the part that it states (tax, credits, …)."""

    invoice_month: int
    currency: str
    amount: Decimal
    kind: str = "total"


def save_scenario(workspace: Workspace, name: str, toml: str, fingerprint: str) -> ScenarioRecord:
    """Save a scenario under a name; an earlier one of that name is kept as deleted, so nothing is overwritten."""
    record = ScenarioRecord(name, toml, fingerprint, utc_now())
    with workspace.transaction() as database:
        database.execute(
            "UPDATE scenario SET deleted_at = ? WHERE name = ? AND deleted_at IS NULL", (record.saved_at, name)
        )
        database.execute(
            "INSERT INTO scenario (name, toml, fingerprint, saved_at) VALUES (?, ?, ?, ?)",
            (name, toml, fingerprint, record.saved_at),
        )
    return record


def scenarios(workspace: Workspace, *, with_deleted: bool = False) -> list[ScenarioRecord]:
    """The saved scenarios by name; with ``with_deleted`` also what was deleted or replaced, oldest first."""
    condition = "" if with_deleted else "WHERE deleted_at IS NULL"
    with workspace.database() as database:
        rows = database.execute(
            f"SELECT name, toml, fingerprint, saved_at, deleted_at FROM scenario {condition} ORDER BY name, id"
        ).fetchall()
    return [ScenarioRecord(*row) for row in rows]


def scenario(workspace: Workspace, name: str) -> ScenarioRecord | None:
    """The living scenario of that name, if there is one."""
    return next((each for each in scenarios(workspace) if each.name == name), None)


def delete_scenario(workspace: Workspace, name: str) -> bool:
    """Mark a scenario as deleted; False when there is none of that name."""
    with workspace.transaction() as database:
        changed = database.execute(
            "UPDATE scenario SET deleted_at = ? WHERE name = ? AND deleted_at IS NULL", (utc_now(), name)
        ).rowcount
    return changed > 0


def save_facts(workspace: Workspace, records: Iterable[Fact]) -> None:
    """Save facts; a newer fact of the same key replaces the older."""
    rows = [(each.key, json.dumps(each.value), each.evidence, each.source) for each in records]
    with workspace.transaction() as database:
        database.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?)", rows)


def facts(workspace: Workspace) -> dict[str, Fact]:
    """All facts by key."""
    with workspace.database() as database:
        rows = database.execute("SELECT key, value, evidence, source FROM fact ORDER BY key").fetchall()
    return {key: Fact(key, json.loads(value), evidence, source) for key, value, evidence, source in rows}


def forget_facts(workspace: Workspace, source: str | None = None) -> int:
    """Remove the facts of one source, or all; returns how many."""
    with workspace.transaction() as database:
        if source is None:
            return database.execute("DELETE FROM fact").rowcount
        return database.execute("DELETE FROM fact WHERE source = ?", (source,)).rowcount


def remove_facts(workspace: Workspace, keys: Iterable[str]) -> int:
    """Remove the facts under these keys; returns how many there were."""
    with workspace.transaction() as database:
        return database.executemany("DELETE FROM fact WHERE key = ?", [(key,) for key in keys]).rowcount


def replace_facts(workspace: Workspace, prefix: str, found: list[Fact]) -> list[Fact]:
    """Put facts in place of all whose keys begin so; returns them."""
    remove_facts(workspace, [key for key in facts(workspace) if key.startswith(prefix)])
    save_facts(workspace, found)
    return found


def save_invoices(workspace: Workspace, totals: Iterable[InvoiceTotal]) -> None:
    """Save invoice totals; a newer one of the same month, currency and kind replaces the older."""
    rows = [(each.invoice_month, each.currency, each.kind, str(each.amount)) for each in totals]
    with workspace.transaction() as database:
        database.executemany(
            "INSERT OR REPLACE INTO invoice (invoice_month, currency, kind, amount) VALUES (?, ?, ?, ?)", rows
        )


def invoices(workspace: Workspace) -> list[InvoiceTotal]:
    """The invoice totals by month, currency and kind."""
    with workspace.database() as database:
        rows = database.execute(
            "SELECT invoice_month, currency, amount, kind FROM invoice ORDER BY invoice_month, currency, kind"
        ).fetchall()
    return [InvoiceTotal(month, currency, Decimal(amount), kind) for month, currency, amount, kind in rows]


def remove_invoices(workspace: Workspace, totals: Iterable[InvoiceTotal]) -> int:
    """Remove the totals of these months, currencies and kinds; returns how many there were."""
    keys = [(each.invoice_month, each.currency, each.kind) for each in totals]
    with workspace.transaction() as database:
        return database.executemany(
            "DELETE FROM invoice WHERE invoice_month = ? AND currency = ? AND kind = ?", keys
        ).rowcount
