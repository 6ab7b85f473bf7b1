"""What the model is built from: a bill's lines in chosen months and one currency, hourly usage, and pools."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from data.allocation import allocate_fees
from data.charge import ALL_CREDIT_COLUMNS, DEFAULT_CONSUMPTION_MODEL, PACIFIC
from data.load_reader import open_loads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from data.workspace import Workspace

    Codes = dict[str, tuple[NDArray[np.int32], NDArray[np.object_]]]

SETTLING_DAYS: Final = 5
DEFAULT_MONTH_COUNT: Final = 3
LINE_TEXT: Final = (
    "account", "provider", "service", "product", "project", "region", "sku_key", "sku", "kind", "resource",
    "cost_type", "charge_class", "consumption_model", "pool", "rate_class", "fee_of", "pricing_unit",
)  # fmt: skip
LINE_MONEY: Final = ("list_nanos", "on_demand_nanos", "cost_nanos", "effective_nanos", *ALL_CREDIT_COLUMNS)


class NoBill(Exception):  # noqa: N818 - a state of the workspace
    """The workspace holds nothing for what was asked; the message is one sentence."""


@dataclass(frozen=True, eq=False)
class BillTables:
    """A bill in one currency over some invoice months, as parallel arrays.

    ``lines``: ``month`` (int64), the text columns LINE_TEXT (object arrays; '' where the bill has none),
    ``usage`` (physical unit where ``kind`` is set, else pricing units), ``row_count`` and LINE_MONEY (int64
    nanos; effective is allocated).
    ``hourly``: ``hour`` (UTC hours since 1970), month, account, project, region, product, resource, kind,
    usage (physical), on_demand_nanos, covered_nanos; only kinds whose rows span an hour at most. ``pools``:
    hour, month, account, pool, region, rate_class, eligible_nanos, covered_nanos, fee_nanos, offset_nanos.
    ``codes`` hold every text column of ``hourly`` and
    ``pools`` again as (int32 codes, categories), under 'hourly.project' and so on.
    ``is_demo``: whether any row is of the generated sample.
    ``one_offs``: service, SKU, lever kind, charge class, nanos (before promotions) of what is paid or given back once.
    ``kinds_without_hours``: lever kinds with rows that span more than an hour; their usage stands at the
    start of each row.
    """

    currency: str
    months: tuple[int, ...]
    accounts: tuple[str, ...]
    conversion_rate: float | None
    is_demo: bool
    snapshot: str
    settled_until: date | None
    lines: dict[str, NDArray[Any]]
    hourly: dict[str, NDArray[Any]]
    pools: dict[str, NDArray[Any]]
    codes: Codes = field(default_factory=dict)
    kinds_without_hours: tuple[str, ...] = ()
    pools_without_hours: tuple[str, ...] = ()
    unclassified: Mapping[str, str] = field(default_factory=dict)
    other_currencies: tuple[str, ...] = ()
    one_offs: tuple[tuple[str, str, str, str, int], ...] = ()


@dataclass(frozen=True)
class AvailableMonths:
    """Invoice months of the bill in one currency, and the day up to which usage is settled."""

    settled: tuple[int, ...]
    unsettled: tuple[int, ...]
    settled_until: date | None


def available_months(workspace: Workspace, currency: str | None = None) -> AvailableMonths:
    """The invoice months of the bill: settled and unsettled.

    A month is settled when the newest export_time is at least 5 days after the month's Pacific end, since
    late usage and corrections come within days; never by the clock. Without export times it is settled when
    usage reaches its last day.
    """
    with open_loads(workspace) as connection:
        if connection is None:
            return AvailableMonths((), (), None)
        return _available(connection, currency or main_currency(connection))


def default_months(
    workspace: Workspace, currency: str | None = None, count: int = DEFAULT_MONTH_COUNT
) -> tuple[int, ...]:
    """The last settled invoice months (3 unless told otherwise); without any, the last months there are."""
    return _default(available_months(workspace, currency), count)


def bill_tables(workspace: Workspace, months: Sequence[int] | None = None, currency: str | None = None) -> BillTables:
    """The bill of the chosen invoice months in one currency.

    Default: the last three settled months, and the currency with the largest net.
    Raises NoBill when the workspace is empty or has nothing in those months.
    """
    loads = workspace.loads()
    with open_loads(workspace) as connection:
        if connection is None:
            raise NoBill("The workspace holds no bill: import an export first.")
        chosen = currency or main_currency(connection)
        available = _available(connection, chosen)
        wanted = tuple(sorted(months)) if months else _default(available, DEFAULT_MONTH_COUNT)
        known = {*available.settled, *available.unsettled}
        missing = [str(month) for month in wanted if month not in known]
        if missing or not wanted:
            if not known:
                raise NoBill(f"The bill has no charges in {chosen}; `cli.py totals` shows its currencies.")
            there = ", ".join(map(str, sorted(known)))
            raise NoBill(
                f"The bill has no charges in {chosen} for {', '.join(missing) or 'any month'}: its months are {there}."
            )
        allocate_fees(connection)
        return _tables(connection, wanted, chosen, available, workspace.snapshot(), any(load.is_demo for load in loads))


def _tables(
    connection: duckdb.DuckDBPyConnection,
    months: tuple[int, ...],
    currency: str,
    available: AvailableMonths,
    snapshot: str,
    is_demo: bool,  # noqa: FBT001
) -> BillTables:
    given = {"months": list(months), "currency": currency}
    codes: Codes = {}
    lines = _lines(connection, given)
    hourly = _hourly(connection, given, codes)
    pools = _pools(connection, given, codes)
    return BillTables(
        currency=currency,
        months=months,
        accounts=tuple(sorted(set(lines["account"].tolist()))),
        conversion_rate=_conversion_rate(connection, given),
        is_demo=is_demo,
        snapshot=snapshot,
        settled_until=available.settled_until,
        lines=lines,
        hourly=hourly,
        pools=pools,
        codes=codes,
        kinds_without_hours=_texts(connection, "SELECT DISTINCT kind FROM sku WHERE kind <> '' AND NOT is_hourly"),
        pools_without_hours=_texts(connection, "SELECT DISTINCT pool FROM sku WHERE pool <> '' AND NOT is_hourly"),
        unclassified=dict(connection.execute("SELECT sku_key, reason FROM sku WHERE reason <> ''").fetchall()),
        one_offs=tuple(connection.execute(ONE_OFFS_SQL, given).fetchall()),
        other_currencies=tuple(each for each in _currencies(connection) if each != currency),
    )


_SUMS: Final = ", ".join(f"CAST(sum({column}) AS BIGINT) AS {column}" for column in LINE_MONEY)

LINES_SQL: Final = f"""
SELECT invoice_month AS month, coalesce(billing_account, '') AS account, coalesce(line.provider, '') AS
provider,
  coalesce(sku.service, '') AS service, coalesce(product, '') AS product, coalesce(project, '') AS project,
  coalesce(region, '') AS region, sku_key, coalesce(sku.sku, '') AS sku,
  IF(charge_class IN ('usage', 'adjustment'), kind, '') AS kind, coalesce(resource, '') AS resource,
  coalesce(cost_type, '') AS cost_type, coalesce(charge_class, '') AS charge_class,
  coalesce(consumption_model, '') AS consumption_model, pool, rate_class, fee_of,
  coalesce(max(pricing_unit), '') AS pricing_unit,
  CAST(sum(CAST(usage * IF(charge_class IN ('usage', 'adjustment'), factor, 1) AS DECIMAL(38, 9))) AS DOUBLE)
  AS usage, CAST(sum(row_count) AS BIGINT) AS row_count, {_SUMS}
FROM (
  SELECT load_id, billing_account, invoice_month, provider, sku_key, project, region, cost_type, charge_class,
    consumption_model, resource, usage, row_count, {", ".join(LINE_MONEY)}
  FROM detail WHERE currency = $currency AND list_contains($months, invoice_month)
  UNION ALL
  SELECT NULL, billing_account, invoice_month, provider, sku_key, project, region, cost_type, charge_class,
    consumption_model, resource, 0, 0, 0, 0, 0, shift_nanos{", 0" * len(ALL_CREDIT_COLUMNS)}
  FROM effective_shift WHERE currency = $currency AND list_contains($months, invoice_month)
) AS line
LEFT JOIN sku USING (sku_key) LEFT JOIN load_sku USING (load_id, sku_key)
GROUP BY invoice_month, billing_account, line.provider, sku.service, product, project, region, sku_key,
sku.sku, kind, resource,
  cost_type, charge_class, consumption_model, pool, rate_class, fee_of
ORDER BY ALL
"""

SERIES_SQL: Final = """
CREATE OR REPLACE TEMP TABLE series AS
SELECT *, dense_rank() OVER (ORDER BY month, account, of_project, of_region, product, resource, kind) - 1 AS series
FROM (
  SELECT DISTINCT load_id, billing_account, invoice_month AS month, project, hourly_resource.region, sku_key, resource,
    coalesce(billing_account, '') AS account, coalesce(project, '') AS of_project,
    coalesce(hourly_resource.region, '') AS of_region, sku.product, sku.kind, factor
  FROM hourly_resource JOIN sku USING (sku_key) JOIN load_sku USING (load_id, sku_key)
  WHERE currency = $currency AND list_contains($months, invoice_month) AND sku.kind <> '' AND sku.is_hourly
) AS found
"""
"""The few (month, account, project, region, product, resource, kind) of the many hours, numbered."""

SERIES_NAMES_SQL: Final = """
SELECT DISTINCT series, month, account, of_project AS project, of_region AS region, product, resource, kind
FROM series ORDER BY series
"""

HOURLY_SQL: Final = f"""
SELECT CAST(epoch(hour) AS BIGINT) // 3600 AS hour, series,
  CAST(sum(CAST(usage * factor AS DECIMAL(38, 9))) AS DOUBLE) AS usage,
  CAST(sum(on_demand_nanos) AS BIGINT) AS on_demand_nanos,
  CAST(sum(IF(consumption_model <> '{DEFAULT_CONSUMPTION_MODEL}', on_demand_nanos, -credit_spend_commitment_nanos))
    AS BIGINT) AS covered_nanos
FROM hourly_resource JOIN series
  ON hourly_resource.load_id = series.load_id AND hourly_resource.sku_key = series.sku_key
  AND hourly_resource.billing_account IS NOT DISTINCT FROM series.billing_account
  AND hourly_resource.project IS NOT DISTINCT FROM series.project
  AND hourly_resource.region IS NOT DISTINCT FROM series.region
  AND hourly_resource.resource = series.resource AND hourly_resource.invoice_month = series.month
WHERE currency = $currency
GROUP BY hour, series
"""

POOLS_SQL: Final = """
SELECT CAST(epoch(hour) AS BIGINT) // 3600 AS hour, invoice_month AS month, coalesce(billing_account, '') AS
account,
  pool, region, rate_class, CAST(sum(eligible_nanos) AS BIGINT) AS eligible_nanos,
  CAST(sum(covered_nanos) AS BIGINT) AS covered_nanos, CAST(sum(fee_nanos) AS BIGINT) AS fee_nanos,
  CAST(sum(offset_nanos) AS BIGINT) AS offset_nanos
FROM hourly_pool WHERE currency = $currency AND list_contains($months, invoice_month)
GROUP BY ALL ORDER BY ALL
"""


ONE_OFFS_SQL: Final = """
SELECT coalesce(sku.service, ''), coalesce(sku.sku, ''), kind, charge_class,
  CAST(sum(effective_nanos) - sum(credit_promotion_nanos) AS BIGINT) AS nanos
FROM daily JOIN sku USING (sku_key)
WHERE currency = $currency AND list_contains($months, invoice_month) AND fee_of = ''
  AND charge_class IN ('usage', 'adjustment') AND (is_correction OR charge_class = 'adjustment')
  AND (coalesce(usage, 0) = 0 OR day IS NULL OR NOT list_contains($months, year(day) * 100 + month(day)))
GROUP BY ALL HAVING nanos <> 0
ORDER BY ALL
"""
"""Corrections and adjustments that belong to no usage of the window: without usage, or of usage in other months. What
corrects usage of the window makes it what it really cost."""


def _arrays(connection: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, object]) -> dict[str, NDArray[Any]]:
    return dict(connection.execute(sql, given).fetchnumpy())


def _lines(connection: duckdb.DuckDBPyConnection, given: Mapping[str, object]) -> dict[str, NDArray[Any]]:
    try:
        return _arrays(connection, LINES_SQL, given)
    except duckdb.ConversionException as error:
        raise NoBill(
            "One line of this bill (a SKU, project and resource in one month) is beyond ±9,223,372,036 "
            f"{given['currency']}, the most that can be repriced exactly: choose other months."
        ) from error


def _hourly(
    connection: duckdb.DuckDBPyConnection, given: Mapping[str, object], codes: Codes
) -> dict[str, NDArray[Any]]:
    """Hours by series: text is looked up once per series, and rows stand by series and hour on every reading."""
    connection.execute(SERIES_SQL, given).fetchall()
    names = _arrays(connection, SERIES_NAMES_SQL, {})
    found = _arrays(connection, HOURLY_SQL, {"currency": given["currency"]})
    series = found.pop("series")
    order = np.lexsort((found["hour"], series))
    series = series[order]
    arrays = {"hour": found["hour"][order], "month": names["month"][series]}
    for column in ("account", "project", "region", "product", "resource", "kind"):
        arrays[column] = _coded(f"hourly.{column}", names[column], codes, series)
    return arrays | {name: found[name][order] for name in ("usage", "on_demand_nanos", "covered_nanos")}


def _coded(
    name: str, values: NDArray[Any], codes: Codes, places: NDArray[np.int64] | None = None
) -> NDArray[np.object_]:
    """Remember a text column as codes and categories, and return its values (at the places, where given)."""
    categories, of_values = np.unique(values.astype(str), return_inverse=True)
    texts = categories.astype(object)
    of_rows = of_values.astype(np.int32) if places is None else of_values.astype(np.int32)[places]
    codes[name] = (of_rows, texts)
    return texts[of_rows]


def _pools(connection: duckdb.DuckDBPyConnection, given: Mapping[str, object], codes: Codes) -> dict[str, NDArray[Any]]:
    arrays = _arrays(connection, POOLS_SQL, given)
    for column in ("account", "pool", "region", "rate_class"):
        arrays[column] = _coded(f"pools.{column}", arrays[column], codes)
    return arrays


def _available(connection: duckdb.DuckDBPyConnection, currency: str) -> AvailableMonths:
    rows = connection.execute(
        "SELECT DISTINCT invoice_month FROM account_month WHERE currency = $1 AND invoice_month IS NOT NULL ORDER BY 1",
        [currency],
    ).fetchall()
    newest, last_day = connection.execute(
        "SELECT max(epoch(newest_export_time)), max(last_day) FROM account_month WHERE currency = $1", [currency]
    ).fetchall()[0]
    until = _settled_until(newest, last_day)
    months = [row[0] for row in rows]
    settled = tuple(month for month in months if until is not None and _last_day(month) <= until)
    return AvailableMonths(settled, tuple(month for month in months if month not in settled), until)


def _settled_until(newest_export_second: float | None, last_usage_day: date | None) -> date | None:
    """The last Pacific day that is settled: the day before (newest export − 5 days), else the last with usage."""
    if newest_export_second is None:
        return last_usage_day
    newest = datetime.fromtimestamp(newest_export_second, UTC) - timedelta(days=SETTLING_DAYS)
    return newest.astimezone(ZoneInfo(PACIFIC)).date() - timedelta(days=1)


def _last_day(month: int) -> date:
    year, of_year = divmod(month, 100)
    return date(year + of_year // 12, of_year % 12 + 1, 1) - timedelta(days=1)


def _default(available: AvailableMonths, count: int) -> tuple[int, ...]:
    return (available.settled or available.unsettled)[-count:]


def _currencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Currencies of the bill, the one with the largest net first."""
    return list(
        _texts(connection, "SELECT currency FROM daily GROUP BY 1 ORDER BY sum(effective_nanos) DESC, currency")
    )


def main_currency(connection: duckdb.DuckDBPyConnection) -> str:
    """The currency with the largest net of the open loads; raises NoBill where nothing could be read."""
    found = _currencies(connection)
    if not found:
        raise NoBill("The workspace's files hold no readable rows (all are in quarantine): mend them and import again.")
    return found[0]


def _texts(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(sql).fetchall())


def _conversion_rate(connection: duckdb.DuckDBPyConnection, given: Mapping[str, object]) -> float | None:
    """Currency units per USD of the newest chosen month: the middle of its lowest and highest rate."""
    rows = connection.execute(
        "SELECT (min(conversion_rate_low) + max(conversion_rate_high)) / 2 FROM account_month "
        "WHERE currency = $currency AND list_contains($months, invoice_month) AND conversion_rate_low IS NOT NULL "
        "GROUP BY invoice_month ORDER BY invoice_month DESC LIMIT 1",
        given,
    ).fetchall()
    return float(rows[0][0]) if rows else None
