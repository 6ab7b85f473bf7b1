"""Which invoice months and currencies a bill has, and up to which day it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from data.charge import PACIFIC
from data.load_reader import open_loads

if TYPE_CHECKING:
    import duckdb

    from data.workspace import Workspace

SETTLING_DAYS: Final = 5
DEFAULT_MONTH_COUNT: Final = 3


class NoBill(Exception):  # noqa: N818 - a state of the workspace
    """The workspace holds nothing for what was asked; the message is one sentence."""


@dataclass(frozen=True)
class AvailableMonths:
    """Invoice months of the bill in one currency, and the day up to which usage is settled.

    ``without_hours`` are those of which a table's load holds no hours by resource: to look at, not to plan on.
    """

    settled: tuple[int, ...]
    unsettled: tuple[int, ...]
    settled_until: date | None
    without_hours: tuple[int, ...] = ()

    @property
    def plannable(self) -> AvailableMonths:
        """The months that a plan can be made on."""
        settled, unsettled = (
            tuple(month for month in months if month not in self.without_hours)
            for months in (self.settled, self.unsettled)
        )
        return AvailableMonths(settled, unsettled, self.settled_until)


def available_months(workspace: Workspace, currency: str | None = None) -> AvailableMonths:
    """The invoice months of the bill: settled and unsettled.

    A month is settled when the newest export_time is at least 5 days after the month's Pacific end, since
    late usage and corrections come within days; never by the clock. Without export times it is settled when
    usage reaches its last day.
    """
    with open_loads(workspace, ["account_month", "daily"]) as connection:
        if connection is None:
            return AvailableMonths((), (), None)
        return months_of(connection, currency or main_currency(connection))


def default_months(
    workspace: Workspace, currency: str | None = None, count: int = DEFAULT_MONTH_COUNT
) -> tuple[int, ...]:
    """The last settled invoice months (3 unless told otherwise); without any, the last months there are."""
    return last_months(available_months(workspace, currency), count)


def months_of(connection: duckdb.DuckDBPyConnection, currency: str) -> AvailableMonths:
    """The invoice months of the open loads in one currency."""
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
    unsettled = tuple(month for month in months if month not in settled)
    return AvailableMonths(settled, unsettled, until, _without_hours(connection, currency))


def _without_hours(connection: duckdb.DuckDBPyConnection, currency: str) -> tuple[int, ...]:
    rows = connection.execute(
        "SELECT DISTINCT invoice_month FROM account_month JOIN load_hours USING (load_id) "
        "WHERE currency = $1 AND invoice_month < hours_since ORDER BY 1",
        [currency],
    ).fetchall()
    return tuple(row[0] for row in rows)


def _settled_until(newest_export_second: float | None, last_usage_day: date | None) -> date | None:
    """The last Pacific day that is settled: the day before (newest export − 5 days), else the last with usage."""
    if newest_export_second is None:
        return last_usage_day
    newest = datetime.fromtimestamp(newest_export_second, UTC) - timedelta(days=SETTLING_DAYS)
    return newest.astimezone(ZoneInfo(PACIFIC)).date() - timedelta(days=1)


def _last_day(month: int) -> date:
    year, of_year = divmod(month, 100)
    return date(year + of_year // 12, of_year % 12 + 1, 1) - timedelta(days=1)


def last_months(available: AvailableMonths, count: int) -> tuple[int, ...]:
    """The last settled months; without any, the last months there are."""
    return (available.settled or available.unsettled)[-count:]


def currencies_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Currencies of the bill, the one with the largest net first."""
    rows = connection.execute("SELECT currency FROM daily GROUP BY 1 ORDER BY sum(effective_nanos) DESC, currency")
    return [row[0] for row in rows.fetchall()]


def main_currency(connection: duckdb.DuckDBPyConnection) -> str:
    """The currency with the largest net of the open loads; raises NoBill where nothing could be read."""
    found = currencies_of(connection)
    if not found:
        raise NoBill("The workspace's files hold no readable rows (all are in quarantine): mend them and import again.")
    return found[0]
