"""Columns that a file leaves out come back for a reader, whatever files stand beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from charge_rows import charge, read, reduce_to

from data.reduction_files import FILE_OF_LOAD, WITH_METADATA, metadata_option, rows_of_files
from data.reductions import REDUCTIONS

if TYPE_CHECKING:
    from pathlib import Path

BILLS = {
    "plain": [charge(1.5, hour=hour) for hour in range(3)],
    "credited": [charge(2, hour=0, credited={"FREE_TIER": -0.5}), charge(3, hour=1, currency="EUR", list_nanos=9)],
    "nameless": [charge(0.25, hour=5, project=None, region=None, billing_account="nul\0inside", cost_type="o'neil")],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {name: tmp_path_factory.mktemp(name) for name in BILLS}
    for name, folder in made.items():
        reduce_to(folder, BILLS[name])
    return made


@pytest.mark.parametrize("name", WITH_METADATA)
def test_files_of_many_shapes_are_read_as_each_alone(folders: dict[str, Path], tmp_path: Path, name: str) -> None:
    alone = [row for folder in folders.values() for row in read(folder, name)]
    files = [folder / f"{name}.parquet" for folder in folders.values()]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        whole = tmp_path / "whole.parquet"  # as an older version, or an import from BigQuery, writes it
        plain = rows_of_files(connection, name, files[:1])
        connection.execute(f"COPY (SELECT * EXCLUDE ({FILE_OF_LOAD}) FROM ({plain})) TO '{whole}'").fetchall()
        query = rows_of_files(connection, name, [*files, whole])
        found = connection.execute(f"SELECT COLUMNS(* EXCLUDE ({FILE_OF_LOAD}))::VARCHAR FROM ({query})")
        columns = [each[0] for each in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        counted = connection.execute(f"SELECT count(DISTINCT {FILE_OF_LOAD}) FROM ({query})").fetchall()
    keys, measures = REDUCTIONS[name]
    assert tuple(columns) == (*keys, *measures)
    assert sorted(map(repr, rows)) == sorted(map(repr, alone + read(folders["plain"], name)))
    assert counted == [(4,)]


def test_only_what_says_the_same_in_every_row_is_left_out(folders: dict[str, Path]) -> None:
    with duckdb.connect() as connection:
        written = {
            name: {row[0] for row in connection.execute(f"DESCRIBE FROM '{folder / 'daily.parquet'}'").fetchall()}
            for name, folder in folders.items()
        }
    assert written["plain"].isdisjoint({"currency", "list_nanos", "effective_nanos", "credit_free_tier_nanos"})
    assert {"currency", "list_nanos", "effective_nanos", "credit_free_tier_nanos"} <= written["credited"]
    assert "billing_account" in written["nameless"]  # no SQL could show it
    assert written["nameless"].isdisjoint({"project", "cost_type"})
    assert all({"day", "sku_key", "row_count", "usage", "cost_nanos"} <= columns for columns in written.values())


def test_a_file_without_such_columns_says_nothing() -> None:
    assert metadata_option({}) == ""
    assert (
        metadata_option({"currency": "o'neil"}) == """, KV_METADATA {columns_of_one_value: '{"currency": "o''neil"}'}"""
    )
