"""Which rows of a table an import reads: those appended after the last import, of months that are wanted.

Google's exports only append, and say when (``export_time``). Partitions prune what is read, widened by LATE_DAYS, since
a partition tells when rows were loaded or used and either may lag; the exact window is that of the export times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from data.sources.bigquery import Query
from data.sources.bigquery_charges import charges_of, month_condition, schema_of_fields
from data.workspace import HOURS_MARK, LoadRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sources.bigquery import TableName
    from data.sources.bigquery_charges import TableCharges
    from data.workspace import Load

LATE_DAYS: Final = 5
"""How much later than its usage, or earlier than its export time says, a row's partition may be by load time."""
LATE_USAGE_DAYS: Final = 62
"""How much older than its invoice month the usage of a row may be that is billed late."""
SETTLED_MINUTES: Final = 60
"""Rows of an export that is being written have one export time; after an hour they are all there."""
START_OF_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
BEFORE_ALL: Final = datetime(1900, 1, 1, tzinfo=UTC)
LOAD_TIME: Final = "_PARTITIONTIME"


@dataclass(frozen=True)
class Window:
    """Rows of a table with ``after`` < export time ≤ ``until``, from the invoice month ``since_month`` on.

    ``hours_since`` is the first invoice month that is wanted by hour and resource, None where all are.
    ``partition`` is the column that the table is partitioned by and its type, None where it is not. ``loads`` are those
    that the workspace has of the table.
    """

    table: TableName
    read: TableCharges
    since_condition: str
    partition: tuple[str, str] | None
    since_month: int | None
    after: datetime
    until: datetime
    loads: Sequence[Load]
    hours_since: int | None = None

    @property
    def uri(self) -> str:
        """The table as the user writes it."""
        return self.table.uri

    @property
    def kind(self) -> str:
        """Which export it is."""
        return self.read.kind

    @property
    def identity(self) -> str:
        """The content of a load: equal windows of one table are the same rows."""
        asked = f"{self.uri}|since={self.since_month}" + (f"{HOURS_MARK}{self.hours_since}" if self.hours_since else "")
        if self.read.export_time is None:
            return f"{asked}|whole"
        return f"{asked}|after={self.after.isoformat()}|until={self.until.isoformat()}"

    @property
    def parameters(self) -> tuple[tuple[str, str, Any], ...]:
        """The values that the queries' texts name."""
        found: list[tuple[str, str, Any]] = []
        if self.read.export_time is not None:
            found += [("after", "TIMESTAMP", self.after), ("until", "TIMESTAMP", self.until)]
        return (*found, *self.bounds)

    @property
    def bounds(self) -> tuple[tuple[str, str, Any], ...]:
        """The values that say which months and partitions are read."""
        found: list[tuple[str, str, Any]] = []
        if self.since_month is not None:
            found.append(("since_month", "INT64", self.since_month))
        if self.partition is not None:
            found.append(("partition_from", "TIMESTAMP", self._partition_from()))
        return tuple(found)

    def of_hours(self) -> Window:
        """The same window without the invoice months that are not wanted by hour and resource."""
        if self.hours_since is None:
            return self
        return replace(self, since_month=max(self.hours_since, self.since_month or 0))

    def up_to(self, until: datetime | None) -> Window:
        """The same window with its end."""
        return self if until is None else replace(self, until=until)

    def charges(self, *, only_good: bool) -> str:
        """The relation ``charge`` of the window."""
        return self.read.charges(self._rows(), only_good=only_good)

    def bad_rows(self) -> str:
        """The rows of the window that cannot be read."""
        return self.read.bad_rows(self._rows())

    def watermark_query(self) -> Query:
        """How many rows are new, how many lie before the window, and the newest export time that has settled."""
        where = self._where([self.since_condition] if self.since_month is not None else [])
        if self.read.export_time is None:
            counts = "0 AS new_count, COUNT(*) AS old_count" if self.loads else "COUNT(*) AS new_count, 0 AS old_count"
            sql = f"SELECT {counts}, CAST(NULL AS TIMESTAMP) AS newest FROM {self.table.sql} AS s{where}"
            return Query("watermark", sql, self.bounds)
        settled = f"TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {SETTLED_MINUTES} MINUTE)"
        sql = (
            f"SELECT COUNTIF(appended > @after AND appended <= {settled}) AS new_count,"
            f" COUNTIF(appended <= @after) AS old_count, MAX(IF(appended <= {settled}, appended, NULL)) AS newest"
            f" FROM (SELECT {self._exported_at()} AS appended FROM {self.table.sql} AS s{where}) AS seen"
        )
        whole = replace(self, after=BEFORE_ALL)
        return Query("watermark", sql, (("after", "TIMESTAMP", self.after), *whole.bounds))

    def _rows(self) -> str:
        conditions = [self.since_condition] if self.since_month is not None else []
        if self.read.export_time is not None:
            conditions.append(f"{self._exported_at()} > @after AND {self._exported_at()} <= @until")
        return f"{self.table.sql} AS s{self._where(conditions)}"

    def _exported_at(self) -> str:
        return f"COALESCE({self.read.export_time}, TIMESTAMP_SECONDS(0))"

    def _where(self, conditions: list[str]) -> str:
        if self.partition is not None:
            column, kind = self.partition
            bound = f"s.`{column}` >= CAST(@partition_from AS {kind})"
            conditions = [*conditions, f"({bound} OR s.`{column}` IS NULL)"]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _partition_from(self) -> datetime:
        """The first partition that can hold a row of the window."""
        bound = START_OF_TIME
        tells_load_time = self.partition is not None and self.partition[0].lower() in (LOAD_TIME.lower(), "export_time")
        if tells_load_time and self.after > START_OF_TIME:
            bound = self.after - timedelta(days=LATE_DAYS)
        if self.since_month is not None:
            month = datetime(self.since_month // 100, self.since_month % 100, 1, tzinfo=UTC)
            days = LATE_DAYS if tells_load_time else LATE_USAGE_DAYS
            bound = max(bound, month - timedelta(days=days))
        return bound


def window_of(
    table: TableName, described: Any, since_month: int | None, loads: Sequence[Load], hours_since: int | None = None
) -> Window:
    """The window after the loads that the workspace has of a table.

    Raises SourceRefused where it is no billing table, LoadRefused where the loads were made of other months.
    """
    schema = schema_of_fields(described.schema)
    read = charges_of(table.uri, schema)
    after = BEFORE_ALL
    for load in loads:
        parts = dict(part.partition("=")[::2] for part in load.identity.split("|")[1:])
        _refuse_other_months(table, parts.get("since", "None"), since_month, "since")
        _refuse_other_months(table, parts.get("hours", "None"), hours_since, "with hours since")
        if "until" in parts:
            after = max(after, datetime.fromisoformat(parts["until"]))
    far = datetime(9999, 1, 1, tzinfo=UTC)
    condition = month_condition(schema, read.kind)
    return Window(
        table, read, condition, _partition(described), since_month, after, far, tuple(loads), hours_since
    )  # fmt: skip


def _refuse_other_months(table: TableName, loaded: str, wanted: int | None, since: str) -> None:
    if loaded != str(wanted):
        had, asked = ("all months" if month == "None" else month for month in (loaded, str(wanted)))
        raise LoadRefused(
            f"{table.uri} was imported {since} {had} and is now asked for {since} {asked}: give the same month, or "
            "remove its loads first."
        )


def _partition(described: Any) -> tuple[str, str] | None:
    partitioning = getattr(described, "time_partitioning", None)
    if partitioning is None:
        return None
    if partitioning.field is None:
        return LOAD_TIME, "TIMESTAMP"
    kinds = {str(one.name): str(one.field_type) for one in described.schema}
    return str(partitioning.field), kinds.get(str(partitioning.field), "TIMESTAMP")
