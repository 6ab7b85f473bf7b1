"""Days by arithmetic are the calendar's own, on both sides of each change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.charge import PACIFIC
from data.pacific_days import pacific_day_sql

INSTANTS = st.lists(st.datetimes(datetime(1965, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)), min_size=1)  # noqa: DTZ001
SPRING, AUTUMN = datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)
AROUND_BOTH = [change + timedelta(minutes=minutes) for change in (SPRING, AUTUMN) for minutes in range(-900, 901, 59)]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


@settings(max_examples=60, deadline=None)
@given(INSTANTS)
@example(AROUND_BOTH)
@example([datetime(2026, 7, 1, 6, 59, 59, 999999, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC)])
def test_days_are_those_of_the_calendar(connection, instants):
    connection.execute("CREATE OR REPLACE TABLE t AS SELECT unnest($1::TIMESTAMPTZ[]) AS seen_at", [[*instants, None]])
    day = pacific_day_sql(connection, "seen_at", "t")
    found = connection.execute(f"SELECT epoch_us(seen_at), {day} FROM t").fetchall()
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    for micros, actual in found:
        if micros is None:
            assert actual is None
        else:
            assert actual == (begin + timedelta(microseconds=micros)).astimezone(ZoneInfo(PACIFIC)).date()


def test_a_bill_of_a_year_asks_no_calendar_per_row(connection):
    connection.execute("CREATE OR REPLACE TABLE t AS SELECT unnest($1::TIMESTAMPTZ[]) AS seen_at", [AROUND_BOTH])
    assert "TIME ZONE" not in pacific_day_sql(connection, "seen_at", "t")


def test_no_instant_at_all_has_no_day(connection):
    connection.execute("CREATE OR REPLACE TABLE t AS SELECT CAST(NULL AS TIMESTAMPTZ) AS seen_at")
    assert connection.execute(f"SELECT {pacific_day_sql(connection, 'seen_at', 't')} FROM t").fetchall() == [(None,)]
