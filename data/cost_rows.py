"""The bill as analysis reads it: its five costs and each credit by day and by what was bought, for whom and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from data.allocation import allocate_fees
from data.bill_months import NoBill, available_months, main_currency
from data.charge import MONEY_COLUMNS
from data.load_reader import open_loads
from data.sku_classes import classify

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from data.workspace import Workspace

    Columns = dict[str, NDArray[np.generic]]

FEE, APART = "commitment fee", "marketplace or support"
LEAF_TEXTS: Final = ("service", "sku", "project", "resource", "nature", "unit")
_KEYS: Final = "invoice_month, currency, day, sku_key, project, resource, charge_class"

LEAVES_SQL: Final = f"""
CREATE TABLE cost_row AS
WITH unit_of AS (
  SELECT sku_key, IF(count(DISTINCT pricing_unit) = 1, any_value(pricing_unit), '') AS unit
  FROM load_sku GROUP BY sku_key
), every AS (
  SELECT {_KEYS}, usage, {", ".join(MONEY_COLUMNS)} FROM detail
  UNION ALL
  SELECT {_KEYS}, 0, {", ".join("shift_nanos" if each == "effective_nanos" else "0" for each in MONEY_COLUMNS)}
  FROM effective_shift
)
SELECT invoice_month, coalesce(epoch(day)::BIGINT // 86400, -1) AS day,
  coalesce(nullif(sku.product, ''), sku.service, '') AS service, coalesce(sku.sku, sku.sku_id, '') AS sku,
  coalesce(project, '') AS project, coalesce(resource, '') AS resource,
  CASE WHEN sku.fee_of <> '' THEN '{FEE}' WHEN apart.sku_key IS NOT NULL THEN '{APART}' ELSE charge_class END AS nature,
  coalesce(unit, '') AS unit, usage, {", ".join(MONEY_COLUMNS)}
FROM every LEFT JOIN sku USING (sku_key) LEFT JOIN unit_of USING (sku_key)
LEFT JOIN (SELECT unnest($apart::VARCHAR[]) AS sku_key) AS apart USING (sku_key)
WHERE currency = $currency
"""
"""Rows of a SKU that several pricing units count carry no unit: their quantities are never added."""

LEAF_SQL: Final = f"""
CREATE TABLE leaf AS
SELECT row_number() OVER (ORDER BY {", ".join(LEAF_TEXTS)}) - 1 AS leaf, *
FROM (SELECT DISTINCT {", ".join(LEAF_TEXTS)} FROM cost_row)
"""

ROWS_SQL: Final = f"""
SELECT leaf, day, invoice_month, coalesce(sum(usage), 0) AS usage,
  {", ".join(f"CAST(sum({each}) AS BIGINT) AS {each}" for each in MONEY_COLUMNS)}
FROM cost_row JOIN leaf USING ({", ".join(LEAF_TEXTS)})
GROUP BY leaf, day, invoice_month ORDER BY leaf, day, invoice_month
"""

LABEL_SQL: Final = """
SELECT invoice_month, label_key, coalesce(label_value, '') AS label_value,
  coalesce(nullif(sku.product, ''), sku.service, '') AS service,
  CAST(sum(cost_nanos) AS BIGINT) AS cost_nanos, CAST(sum(effective_nanos) AS BIGINT) AS effective_nanos
FROM labels LEFT JOIN sku USING (sku_key)
WHERE currency = $currency GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, eq=False)
class CostTable:
    """The whole bill of one currency.

    ``leaves``: object arrays (L,) LEAF_TEXTS, '' where the bill has none. ``rows``: ``leaf`` (0..L−1), ``day`` (days
    since 1970, Pacific; −1 undated), ``invoice_month``, ``usage`` (in the leaf's pricing unit) and MONEY_COLUMNS in
    nanos, effective cost after the allocation of fees. ``labels``: invoice_month, label_key, label_value, service,
    cost_nanos (before credits) and effective_nanos (before the allocation of fees); a charge with two labels stands
    under both keys.
    """

    currency: str
    settled_until: date | None
    leaves: Columns
    rows: Columns
    labels: Columns


def cost_table(workspace: Workspace, currency: str | None = None) -> CostTable:
    """The bill of one currency (default: the one with the largest net); raises NoBill."""
    with open_loads(workspace) as connection:
        if connection is None:
            raise NoBill("The workspace holds no bill: import an export first.")
        chosen = currency or main_currency(connection)
        allocate_fees(connection)
        try:
            leaves, rows, labels = _read(connection, chosen)
        except duckdb.ConversionException as error:
            raise NoBill(
                f"One line of the bill costs more than 9,223,372,036 {chosen} on one day, the most that can be "
                "analysed exactly."
            ) from error
    return CostTable(chosen, available_months(workspace, chosen).settled_until, leaves, rows, labels)


def _read(connection: duckdb.DuckDBPyConnection, currency: str) -> tuple[Columns, Columns, Columns]:
    given: dict[str, Any] = {"currency": currency, "apart": _apart(connection)}
    connection.execute(LEAVES_SQL, given).fetchall()
    connection.execute(LEAF_SQL).fetchall()
    leaves = connection.execute(f"SELECT {', '.join(LEAF_TEXTS)} FROM leaf ORDER BY leaf").fetchnumpy()
    rows = connection.execute(ROWS_SQL).fetchnumpy()
    labels = connection.execute(LABEL_SQL, {"currency": currency}).fetchnumpy()
    return dict(leaves), dict(rows), dict(labels)


def _apart(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """SKU keys of marketplace and support: nothing that a setting moves."""
    found = connection.execute("SELECT sku_key, service, sku_id, sku FROM sku").fetchall()
    return [
        key for key, service, sku_id, sku in found if classify(None, service, sku_id, sku).is_marketplace_or_support
    ]
