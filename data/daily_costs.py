"""Cost by day with the day on which each part of it became known: what forecasts and alert rules are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from data.bill_months import NoBill, available_months, main_currency
from data.load_check import literal_path
from data.load_reader import open_loads
from data.reduction_files import rows_of_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from data.workspace import Workspace

USAGE, FEE, TAX, ONE_OFF, OTHER = "usage", "fee", "tax", "one_off", "other"

GROUP_SQL: Final = (
    f"CASE WHEN sku.fee_of <> '' THEN '{FEE}' WHEN charge_class = 'tax' THEN '{TAX}' "
    f"WHEN charge_class = 'purchase' THEN '{ONE_OFF}' WHEN charge_class = 'usage' THEN '{USAGE}' ELSE '{OTHER}' END"
)
"""Commitment fees, tax and one-off purchases are held apart; adjustments and rounding are ``other``."""

COSTS_SQL: Final = f"""
SELECT epoch(day)::BIGINT // 86400 AS day, coalesce(epoch(known_day)::BIGINT // 86400, -1) AS known_day,
  coalesce(nullif(sku.product, ''), sku.service, '') AS service, {GROUP_SQL} AS cost_group,
  CAST(sum(effective_nanos) - sum(credit_promotion_nanos) AS BIGINT) AS nanos
FROM arrivals LEFT JOIN sku USING (sku_key)
WHERE currency = $currency AND day IS NOT NULL
GROUP BY ALL HAVING sum(effective_nanos) <> 0 OR sum(credit_promotion_nanos) <> 0
ORDER BY ALL
"""
"""Billed cost after credits, before promotions: a promotion that ends is no anomaly of usage."""


RATE_SQL: Final = (
    "SELECT max_by((conversion_rate_low + conversion_rate_high) / 2, invoice_month) FROM account_month "
    "WHERE currency = $1 AND conversion_rate_low IS NOT NULL"
)


@dataclass(frozen=True, eq=False)
class DailyCostTable:
    """Cost of every day of a bill, by service and group, split by the day on which it became known.

    Parallel arrays: ``day`` and ``known_day`` (days since 1970, Pacific; −1 where no export time says it),
    ``service``, ``cost_group`` (usage, fee, tax, one_off, other), ``nanos``.
    ``conversion_rate`` is currency units per USD, None where the bill does not say.
    """

    currency: str
    conversion_rate: float | None
    settled_until: date | None
    columns: dict[str, NDArray[np.generic]]


def daily_costs(workspace: Workspace, currency: str | None = None) -> DailyCostTable:
    """The whole bill of one currency (default: the one with the largest net) by day; raises NoBill."""
    with open_loads(workspace) as connection:
        if connection is None:
            raise NoBill("The workspace holds no bill: import an export first.")
        chosen = currency or main_currency(connection)
        connection.execute(f"CREATE VIEW arrivals AS {_arrivals(connection, workspace)}").fetchall()
        columns = _columns(connection, chosen)
        if not len(columns["day"]):
            raise NoBill(f"The bill has no dated charges in {chosen}: there is nothing to watch or to forecast.")
        rate = connection.execute(RATE_SQL, [chosen]).fetchall()[0][0]
    settled = available_months(workspace, chosen).settled_until
    return DailyCostTable(chosen, None if rate is None else float(rate), settled, columns)


def _columns(connection: duckdb.DuckDBPyConnection, currency: str) -> dict[str, Any]:
    try:
        return dict(connection.execute(COSTS_SQL, {"currency": currency}).fetchnumpy())
    except duckdb.ConversionException as error:
        raise NoBill(
            f"A service costs more than 9,223,372,036 {currency} on one day, the most that can be watched exactly."
        ) from error


def _arrivals(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> str:
    """The reduction over all loads; a load from before there was one is known by its days alone."""
    columns = "currency, day, coalesce(sku_key, '') AS sku_key, charge_class, effective_nanos, credit_promotion_nanos"
    parts: Sequence[str] = [
        f"SELECT {columns}, known_day FROM read_parquet({literal_path(folder / 'arrivals.parquet')})"
        if (folder / "arrivals.parquet").exists()
        else f"SELECT {columns}, CAST(NULL AS DATE) AS known_day FROM "
        f"({rows_of_files(connection, 'daily', [folder / 'daily.parquet'])}) AS days"
        for folder in (workspace.load_folder(load.id) for load in workspace.loads())
    ]
    return " UNION ALL ".join(parts)
