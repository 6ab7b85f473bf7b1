"""Pacific days of many instants by integer arithmetic: the offset changes twice a year, a calendar per row is slow."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from data.charge import PACIFIC

if TYPE_CHECKING:
    import duckdb

MOST_HOURS: Final = 20 * 8784
"""Twenty years; a bill that spans more has its days asked for row by row."""
FIRST_HOUR: Final = 24
"""Division truncates: hours of 1970 and before are asked for row by row."""

_OFFSETS: Final = f"""
SELECT hour, shift FROM (
  SELECT hour, shift, lag(shift) OVER (ORDER BY hour) AS shift_before FROM (
    SELECT hour, CAST(epoch(timezone('{PACIFIC}', to_timestamp(hour * 3600))) AS BIGINT) // 3600 - hour AS shift
    FROM range($low, $high + 1) AS hours(hour)
  ) AS shifted
) AS compared WHERE shift IS DISTINCT FROM shift_before ORDER BY hour
"""


def hour_sql(instant: str) -> str:
    """The UTC hours since 1970 of an instant."""
    return f"epoch_us({instant}) // 3600000000"


def pacific_day_sql(connection: duckdb.DuckDBPyConnection, instant: str, relation: str) -> str:
    """The Pacific day of a column of instants, as SQL that holds for the instants which the relation has.

    day = (hour + offset of the hour) ÷ 24; Pacific offsets are whole hours and change at whole hours. The offsets are
    those of the engine's own calendar.
    """
    bounds = f"SELECT {hour_sql(f'min({instant})')}, {hour_sql(f'max({instant})')} FROM {relation}"
    low, high = connection.execute(bounds).fetchall()[0]
    if low is None or high is None or low < FIRST_HOUR or high - low > MOST_HOURS:
        return f"CAST({instant} AT TIME ZONE '{PACIFIC}' AS DATE)"
    offsets = connection.execute(_OFFSETS, {"low": low, "high": high}).fetchall()
    changes = "".join(
        f" WHEN {hour_sql(instant)} < {start} THEN {shift}" for (_, shift), (start, _) in pairwise(offsets)
    )
    offset = f"CASE{changes} ELSE {offsets[-1][1]} END" if changes else str(offsets[0][1])
    return f"CAST('1970-01-01' AS DATE) + CAST(({hour_sql(instant)} + {offset}) // 24 AS INTEGER)"
