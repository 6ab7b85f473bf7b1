"""What the model is built from: a bill's lines in chosen months and one currency, hourly usage, and pools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np

from data.allocation import allocate_fees
from data.bill_months import DEFAULT_MONTH_COUNT, NoBill, currencies_of, last_months, main_currency, months_of
from data.bill_queries import HOURLY_SQL, LINES_SQL, ONE_OFFS_SQL, POOLS_SQL, SERIES_NAMES_SQL, SERIES_SQL
from data.load_reader import open_loads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from data.bill_months import AvailableMonths
    from data.workspace import Workspace

    Codes = dict[str, tuple[NDArray[np.int32], NDArray[np.object_]]]

LINE_TEXT: Final = (
    "account", "provider", "service", "product", "project", "region", "sku_key", "sku", "kind", "resource",
    "cost_type", "charge_class", "consumption_model", "pool", "rate_class", "fee_of", "pricing_unit",
)  # fmt: skip


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


def bill_tables(workspace: Workspace, months: Sequence[int] | None = None, currency: str | None = None) -> BillTables:
    """The bill of the chosen invoice months in one currency.

    Default: the last three settled months, and the currency with the largest net.
    Raises NoBill when the workspace is empty, has nothing in those months, or no hours of them.
    """
    loads = workspace.loads()
    with open_loads(workspace) as connection:
        if connection is None:
            raise NoBill("The workspace holds no bill: import an export first.")
        chosen = currency or main_currency(connection)
        available = months_of(connection, chosen)
        wanted = tuple(sorted(months)) if months else last_months(available.plannable, DEFAULT_MONTH_COUNT)
        hourless = [str(month) for month in wanted or available.without_hours if month in available.without_hours]
        if hourless:
            raise NoBill(
                f"Of {', '.join(hourless)} this bill holds no hours by resource, since a table was imported with "
                "`--hours-since`: choose later months, or remove that table's loads and import it without."
            )
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
        other_currencies=tuple(each for each in currencies_of(connection) if each != currency),
    )


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
