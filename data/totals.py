"""Totals: exact sums of the committed loads over any combination of keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.allocation import allocate_fees
from data.charge import ALL_CREDIT_COLUMNS, CREDIT_COLUMNS
from data.load_reader import open_loads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.workspace import Workspace

KEY_SQL: Final[dict[str, str]] = {
    "invoice_month": "invoice_month",
    "usage_month": "year(day) * 100 + month(day)",
    "service": "sku.service",
    "product": "sku.product",
    "sku": "coalesce(sku.sku, sku.sku_id)",
    "project": "project",
    "region": "region",
    "cost_type": "cost_type",
    "credit_type": "credit_type",
    "currency": "currency",
}
"""Key of the command line → its expression; ``usage_month`` is Pacific."""

AMOUNTS: Final = ("cost", "credits", "list", "on_demand", "effective")

UNLISTED: Final = "OTHER"
"""Credit type of what stands in ``credit_other_nanos`` without a type of its own."""


class TotalsRefused(Exception):  # noqa: N818 - a wish that cannot be met
    """A key does not exist; the message names those that do."""


@dataclass(frozen=True)
class TotalRow:
    """One row of totals, in integer nanos of ``currency``; ``keys`` hold None where the bill has none."""

    keys: dict[str, int | str | None]
    currency: str
    cost_nanos: int
    credits_nanos: int
    net_nanos: int
    list_nanos: int
    on_demand_nanos: int
    effective_nanos: int
    row_count: int


@dataclass(frozen=True)
class CurrencyTotal:
    """What the workspace adds up to in one currency, in nanos."""

    currency: str
    cost_nanos: int
    credits_nanos: int
    net_nanos: int


def totals(workspace: Workspace, by: Sequence[str] = ()) -> list[TotalRow]:
    """Sums by the given keys (see KEY_SQL), ordered by them.

    Currencies never add, so every row is of one currency. Net = cost + credits (FOCUS rows have no credits: net =
    BilledCost). With ``credit_type``, cost, list and on-demand stand on the row without a type only, and each type
    has a row with its credits; net and effective still add up over the rows. Raises TotalsRefused for an unknown key.
    """
    unknown = [key for key in by if key not in KEY_SQL]
    if unknown:
        raise TotalsRefused(f"Totals cannot be taken by {', '.join(unknown)}: choose from {', '.join(KEY_SQL)}.")
    keys = list(dict.fromkeys(key for key in by if key != "currency"))
    with open_loads(workspace) as connection:
        if connection is None:
            return []
        allocate_fees(connection)
        rows = connection.execute(_query(keys)).fetchall()
    return [_total_row(keys, row, asked_for_currency="currency" in by) for row in rows]


def currency_totals(workspace: Workspace) -> list[CurrencyTotal]:
    """Cost, credits and net of the workspace per currency, ordered by it."""
    with open_loads(workspace, ["daily"]) as connection:
        if connection is None:
            return []
        rows = connection.execute(
            f"SELECT currency, CAST(sum(cost_nanos) AS VARCHAR), CAST(sum({_CREDITS}) AS VARCHAR) FROM daily "
            "GROUP BY currency ORDER BY currency"
        ).fetchall()
    amounts = [(str(currency), int(cost), int(credited)) for currency, cost, credited in rows]
    return [CurrencyTotal(currency, cost, credited, cost + credited) for currency, cost, credited in amounts]


def _query(keys: Sequence[str]) -> str:
    columns = "".join(f"{KEY_SQL[key]} AS {key}, " for key in keys)
    sums = ", ".join(f"CAST(sum({amount}_nanos) AS VARCHAR)" for amount in AMOUNTS)
    source = _by_credit_type() if "credit_type" in keys else _plain()
    order = "".join(f"{number}, " for number in range(1, len(keys) + 1))
    return (
        f"SELECT {columns}currency, {sums}, CAST(sum(row_count) AS BIGINT) "
        f"FROM ({source}) AS amounts LEFT JOIN sku USING (sku_key) GROUP BY {order}currency ORDER BY "
        f"{order}currency"
    )


_ROW: Final = "invoice_month, currency, day, sku_key, project, region, cost_type"
_CREDITS: Final = " + ".join(ALL_CREDIT_COLUMNS)


def _plain() -> str:
    return (
        f"SELECT {_ROW}, NULL AS credit_type, row_count, cost_nanos, {_CREDITS} AS credits_nanos, list_nanos, "
        f"on_demand_nanos, effective_nanos FROM daily UNION ALL {_shift()}"
    )


def _shift() -> str:
    return f"SELECT {_ROW}, NULL, 0, 0, 0, 0, 0, shift_nanos FROM effective_shift"


def _by_credit_type() -> str:
    parts = [
        (
            f"SELECT {_ROW}, NULL AS credit_type, row_count, cost_nanos, 0 AS credits_nanos, list_nanos, "
            f"on_demand_nanos, effective_nanos - ({_CREDITS}) AS effective_nanos FROM daily"
        ),
        _shift(),
    ]
    parts += [
        f"SELECT {_ROW}, '{name}', 0, 0, {column}, 0, 0, {column} FROM daily WHERE {column} <> 0"
        for name, column in CREDIT_COLUMNS.items()
    ]
    parts.append(f"SELECT {_ROW}, credit_type, 0, 0, amount_nanos, 0, 0, amount_nanos FROM other_credits")
    parts.append(
        f"SELECT {_ROW}, '{UNLISTED}', 0, 0, sum(rest) AS credits, 0, 0, sum(rest) FROM ("
        f"SELECT {_ROW}, credit_other_nanos AS rest FROM daily UNION ALL "
        f"SELECT {_ROW}, -amount_nanos FROM other_credits) AS unlisted GROUP BY ALL HAVING sum(rest) <> 0"
    )
    return " UNION ALL ".join(parts)


def _total_row(keys: Sequence[str], row: Sequence[int | str | None], *, asked_for_currency: bool) -> TotalRow:
    named: dict[str, int | str | None] = dict(zip(keys, row, strict=False))
    currency = str(row[len(keys)])
    cost, credited, listed, on_demand, effective = (int(amount or 0) for amount in row[len(keys) + 1 : -1])
    if asked_for_currency:
        named["currency"] = currency
    return TotalRow(named, currency, cost, credited, cost + credited, listed, on_demand, effective, int(row[-1] or 0))
