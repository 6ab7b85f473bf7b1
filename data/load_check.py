"""The law of a load: rows in = accepted + quarantined, and sums of rows = sums of reductions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from data.charge import ALL_CREDIT_COLUMNS, MONEY_COLUMNS
from data.reduction_files import rows_of_files

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from data.sources.charges import Rejects


class LoadDoesNotAddUp(Exception):  # noqa: N818 - said as it is
    """The reductions of a file do not add up to its rows; the load is not committed."""


class Checked(Protocol):
    """What a load was made of: where it is, which export, and how many rows it states itself."""

    @property
    def path(self) -> Path | str:
        """Where it is."""

    @property
    def kind(self) -> str:
        """Which export."""

    @property
    def row_count_hint(self) -> int | None:
        """Its own count of rows, where it has one."""


@dataclass(frozen=True)
class LoadCounts:
    """Rows of a file, what became of them, and the billing accounts that they name."""

    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    billing_accounts: tuple[str, ...]


def check_load(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: Checked, rejects: Rejects, hours_since: int = 0
) -> LoadCounts:
    """Hold the reductions in the folder against the rows; raises LoadDoesNotAddUp with what differs.

    The reader counts the rows that it meets; the reductions and the quarantine are counted from what was written.
    Parquet states its own count besides. Hours by resource are there from the invoice month ``hours_since`` on.
    """
    accepted = _one(connection, f"SELECT {_total('row_count')}", folder, "account_month")[0]
    quarantined = _one(connection, "SELECT count(DISTINCT row_number)", folder, "quarantine")[0]
    if source.row_count_hint is not None:
        _require(source, "rows that the file states against rows read", source.row_count_hint, rejects.row_count)
    _require(source, "rows read against accepted and quarantined", rejects.row_count, accepted + quarantined)
    _check_sums(connection, folder, source)
    _check_hours(connection, folder, source, hours_since)
    accounts = connection.execute(
        "SELECT DISTINCT coalesce(billing_account, '') FROM read_parquet($file) ORDER BY 1",
        {"file": str(folder / "account_month.parquet")},
    ).fetchall()
    return LoadCounts(rejects.row_count, accepted, quarantined, tuple(row[0] for row in accounts))


def literal_path(path: Path) -> str:
    """A path as a SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def _check_sums(connection: duckdb.DuckDBPyConnection, folder: Path, source: Checked) -> None:
    wanted = ("row_count", "cost_nanos", "effective_nanos")
    columns = ", ".join(_total(column) for column in wanted)
    rows = _one(connection, f"SELECT {columns}", folder, "account_month")
    daily = _one(connection, f"SELECT {columns}", folder, "daily")
    for column, expected, actual in zip(wanted, rows, daily, strict=True):
        _require(source, f"{column} of the rows against the daily sums", expected, actual)
    if source.kind != "focus":
        credited = _one(connection, f"SELECT {_total(' + '.join(ALL_CREDIT_COLUMNS))}", folder, "daily")[0]
        _require(source, "credits against effective minus cost", rows[2] - rows[1], credited)


def _check_hours(connection: duckdb.DuckDBPyConnection, folder: Path, source: Checked, hours_since: int) -> None:
    wanted = ("row_count", *MONEY_COLUMNS)
    columns = ", ".join(_total(column) for column in wanted)
    hours = _one(connection, f"SELECT {columns}", folder, "hourly_resource")
    classes = literal_path(folder / "sku_class.parquet")
    days = _one(
        connection,
        f"SELECT {columns}",
        folder,
        "daily",
        f"WHERE sku_key IN (SELECT sku_key FROM read_parquet({classes}) WHERE kind <> '') "
        "AND charge_class IN ('usage', 'adjustment') AND day IS NOT NULL "
        f"AND coalesce(invoice_month, 0) >= {hours_since}",
    )
    for column, expected, actual in zip(wanted, days, hours, strict=True):
        _require(source, f"{column} of lever SKUs by day against by hour", expected, actual)


def _total(column: str) -> str:
    return f"coalesce(sum({column}), 0)::HUGEINT::VARCHAR"


def _one(
    connection: duckdb.DuckDBPyConnection, select: str, folder: Path, name: str, where: str = ""
) -> tuple[int, ...]:
    rows = rows_of_files(connection, name, [folder / f"{name}.parquet"])
    row = connection.execute(f"{select} FROM ({rows}) AS written {where}").fetchall()[0]
    return tuple(int(each) if each is not None else 0 for each in row)


def _require(source: Checked, what: str, expected: int, actual: int) -> None:
    if expected != actual:
        raise LoadDoesNotAddUp(
            f"{source.path} does not add up ({what}: {expected} is not {actual}), so nothing of it was kept: "
            "please report this file's layout."
        )
