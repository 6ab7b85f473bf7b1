"""Times and months as programs write them: one instant, one invoice month, whatever the spelling."""

import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.importing import import_paths
from data.sources.charges import create_charge_view, inspect
from data.workspace import Workspace

INSTANT = "2026-05-31 23:00:00+00"
SECONDS = 1780268400


def charge(path, staging, column):
    with duckdb.connect() as connection:
        create_charge_view(connection, inspect(connection, path), staging)
        found = connection.execute(f"SELECT CAST({column} AS VARCHAR) FROM charge").fetchall()
        reasons = connection.execute("SELECT reason FROM quarantine").fetchall()
    return [value for (value,) in found], [reason for (reason,) in reasons]


def write_csv(path, time, month="202605"):
    path.write_text(f"cost,currency,usage_start_time,invoice.month\n1,USD,{time},{month}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-31 23:00:00 UTC",
        "2026-05-31T23:00:00.000Z",
        "2026-05-31 23:00",
        "2026-06-01T01:00:00+02:00",
        "2026-05-31 16:00:00 America/Los_Angeles",
        str(SECONDS),
        f"{SECONDS}.0",
        "1.7802684E9",
        str(SECONDS * 10**3),
        str(SECONDS * 10**6),
        str(SECONDS * 10**9),
    ],
)
def test_one_instant(tmp_path, written):
    assert charge(write_csv(tmp_path / "bill.csv", written), tmp_path, "usage_start") == ([INSTANT], [])


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_instants_as_numbers_of_parquet_and_json(tmp_path, kind):
    columns = {"cost": [1.0], "currency": ["USD"], "usage_start_time": pa.array([SECONDS * 10**6], kind)}
    pq.write_table(pa.table(columns), tmp_path / "bill.parquet")
    assert charge(tmp_path / "bill.parquet", tmp_path, "usage_start") == ([INSTANT], [])
    record = {"cost": 1, "currency": "USD", "usage_start_time": SECONDS * 10**3}
    (tmp_path / "bill.jsonl").write_text(json.dumps(record), encoding="utf-8")
    assert charge(tmp_path / "bill.jsonl", tmp_path, "usage_start") == ([INSTANT], [])


@pytest.mark.parametrize("written", ["20260531", "20260531230000", "05/31/2026", "12", "infinity", "-infinity"])
def test_what_is_no_time_is_not_guessed(tmp_path, written):
    values, (reason,) = charge(write_csv(tmp_path / "bill.csv", written), tmp_path, "usage_start")
    assert not values
    assert f"'{written}', which is not a time" in reason


def test_an_instant_without_end_in_parquet_goes_to_quarantine(tmp_path):
    with duckdb.connect() as connection:
        rows = (
            "SELECT 1.5 AS cost, 'USD' AS currency, CASE WHEN i = 1 THEN 'infinity' ELSE '2026-05-01' END::TIMESTAMPTZ"
            " AS usage_start_time FROM range(3) AS r(i)"
        )
        connection.execute(f"COPY ({rows}) TO '{tmp_path}/bill.parquet' (FORMAT parquet)").fetchall()
    (source,) = import_paths(Workspace(tmp_path / "workspace"), [tmp_path / "bill.parquet"]).sources
    assert (source.refused, source.rows_accepted, source.rows_quarantined) == (None, 2, 1)


@pytest.mark.parametrize("written", ["202605", "2026-05", "2026/05", "2026-05-01", "2026-05-01 00:00:00", "202605.0"])
def test_one_month(tmp_path, written):
    path = write_csv(tmp_path / "bill.csv", "2026-06-15", written)
    assert charge(path, tmp_path, "invoice_month") == (["202605"], [])


@pytest.mark.parametrize("written", ["May 2026", "2026-13", "05-2026", "2026"])
def test_what_is_no_month_is_not_guessed(tmp_path, written):
    values, (reason,) = charge(write_csv(tmp_path / "bill.csv", "2026-06-15", written), tmp_path, "invoice_month")
    assert not values
    assert "which is not a month" in reason


@pytest.mark.parametrize("nothing", ["NaN", "nan", "<NA>", "N/A", "None"])
def test_nothing_in_a_column_that_a_bill_may_lack(tmp_path, nothing):
    (tmp_path / "bill.csv").write_text(
        f"cost,currency,usage_start_time,cost_at_list,usage.amount_in_pricing_units,export_time\n"
        f"1.5,USD,2026-05-01,{nothing},{nothing},{nothing}\n",
        encoding="utf-8",
    )
    assert charge(tmp_path / "bill.csv", tmp_path, "list_nanos") == (["1500000000"], [])
