"""Parquet is not read beforehand for bad rows: what is met while reducing goes to quarantine as it always did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from data.importing import import_paths
from data.totals import totals
from data.trail import quarantine_rows
from data.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

BAD = {
    "a cost that is no number": ("cost", "'NaN'::DOUBLE"),
    "a cost beyond what can be held": ("cost", "1e12"),
    "no cost": ("cost", "NULL"),
    "an infinite usage": ("usage_amount_in_pricing_units", "'inf'::DOUBLE"),
    "a month that is none": ("invoice_month", "'209913'"),
    "no currency": ("currency", "''"),
    "no time": ("usage_start_time", "NULL"),
}


def _bill(path: Path, column: str, value: str) -> Path:
    """Nine good rows; where a column is given, the fifth has the value."""
    changed = f"REPLACE (CASE WHEN i = 4 THEN {value} ELSE {column} END AS {column})" if column else ""
    rows = (
        "SELECT i, 'A' AS billing_account_id, '202601' AS invoice_month, 'regular' AS cost_type, 'S' AS service_id,"
        " 'Cloud Run' AS service_description, 'K' AS sku_id, 'Requests' AS sku_description, 'USD' AS currency,"
        " TIMESTAMPTZ '2026-01-03 08:00:00+00' + to_hours(CAST(i AS INTEGER)) AS usage_start_time,"
        " usage_start_time + INTERVAL 1 HOUR AS usage_end_time, 'p' AS project_id, CAST(i + 0.5 AS DOUBLE) AS cost,"
        " CAST(1000 AS DOUBLE) AS usage_amount_in_pricing_units, 'count' AS usage_pricing_unit FROM range(9) AS r(i)"
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * EXCLUDE (i) FROM (SELECT * {changed} FROM ({rows}))) TO '{path}' (FORMAT parquet)"
        ).fetchall()
    return path


@pytest.mark.parametrize(("column", "value"), BAD.values(), ids=BAD)
def test_a_bad_row_among_good_ones_goes_to_quarantine(tmp_path: Path, column: str, value: str) -> None:
    workspace = Workspace(tmp_path / "workspace")
    (source,) = import_paths(workspace, [_bill(tmp_path / "bill.parquet", column, value)]).sources
    assert source.refused is None
    assert (source.rows_read, source.rows_accepted, source.rows_quarantined) == (9, 8, 1)
    (row,) = quarantine_rows(workspace)
    assert (row.row_number, row.column_name) == (5, column)
    assert sum(total.cost_nanos for total in totals(workspace)) == 36_000_000_000  # 0.5 + 1.5 + … + 8.5, without 4.5


def test_a_clean_file_is_never_looked_through_for_bad_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a clean file was checked beforehand")

    monkeypatch.setattr("data.sources.charges._view_in_place", refuse)
    workspace = Workspace(tmp_path / "workspace")
    (source,) = import_paths(workspace, [_bill(tmp_path / "bill.parquet", "", "")]).sources
    assert (source.rows_accepted, source.rows_quarantined) == (9, 0)
    assert sum(total.cost_nanos for total in totals(workspace)) == 40_500_000_000
