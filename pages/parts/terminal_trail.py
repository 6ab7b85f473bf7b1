"""What ``cli.py explain`` prints: the trail in lines, its billing rows, and the SQL that fetches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.trail import charge_rows, charge_sums, row_queries
from model.kind_words import kind_words
from model.money import as_text
from pages.parts.wording import EVIDENCE_MARKS, money, number, quantity

if TYPE_CHECKING:
    from data.trail import ChargeRow
    from data.workspace import Workspace
    from model.explain import Trail

MOST_LINES = 15


def rows_document(workspace: Workspace, trail: Trail, limit: int) -> dict[str, Any]:
    """How many billing rows stand under a figure, their sums, the first of them, and the SQL; raises TrailGone."""
    sums, queries = charge_sums(workspace, trail.rows), row_queries(workspace, trail.rows, limit)
    return {
        "count": sums.count,
        "cost": as_text(sums.cost_nanos),
        "on_demand": as_text(sums.on_demand_nanos),
        "effective": as_text(sums.effective_nanos),
        "sql": {
            "bigquery": queries.google or None, "duckdb": queries.duckdb or None,
            "other_files_alike": queries.other_file_count,
        },
        "first": [row_document(row) for row in charge_rows(workspace, trail.rows, limit)],
    }  # fmt: skip


def row_document(row: ChargeRow) -> dict[str, Any]:
    """One billing row: its file, its time, its columns; money as decimal text."""
    columns = {
        name.removesuffix("_nanos"): as_text(int(value or 0)) if name.endswith("_nanos") else value
        for name, value in row.columns.items()
    }
    return {"file": row.path, "usage_start": row.usage_start, **columns}


def trail_lines(trail: Trail, currency: str, rows: dict[str, Any]) -> list[str]:
    """The trail for people."""
    alone = "" if trail.alone_nanos is None else f" (alone it saves {money(trail.alone_nanos, currency)})"
    change, mark = money(trail.change_nanos, currency), EVIDENCE_MARKS[trail.evidence]
    return [
        f"{trail.title}: now {money(trail.before_nanos, currency)}, then {money(trail.after_nanos, currency)}",
        f"  a change of {change}{alone}, {mark} {trail.evidence}",
        f"  now = {trail.formula}",
        *(f"    {money(line.nanos, currency)}  {line.product} · {line.sku} · {line.resource or line.project or '—'}: "
          f"{number(line.usage)} {line.unit}" for line in trail.lines[:MOST_LINES]),
        *_rest(len(trail.lines), "lines of the bill"),
        f"  change = {trail.change_formula}",
        *(f"    {money(part.change_nanos, currency)}  {part.resource or part.product} · {kind_words(part.kind)}: "
          f"{part.formula} [{EVIDENCE_MARKS[part.evidence]} {part.price_source}]" for part in trail.parts[:MOST_LINES]),
        *_rest(len(trail.parts), "changes"),
        *(f"  input {each.key} = {quantity(each.value, each.unit)} ({each.source})"
          for each in trail.inputs if each.is_changed),
        f"  rows: {rows['count']:,}, cost {rows['cost']}, effective {rows['effective']} {currency}",
        *(f"  {line}" for line in str(rows["sql"]["bigquery"] or rows["sql"]["duckdb"] or "").splitlines()),
    ]  # fmt: skip


def _rest(count: int, what: str) -> list[str]:
    return [f"    … and {count - MOST_LINES} more {what}; --json has them all"] if count > MOST_LINES else []
