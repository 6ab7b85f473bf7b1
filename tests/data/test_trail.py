"""Lines behind a figure: alternatives, sums, pages, and SQL texts that fetch the very same lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot

from data.importing import import_paths
from data.sources.demo import write_demo
from data.trail import charge_rows, charge_sums, row_queries
from data.trail_sql import google_sql
from data.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

JANUARY_API = [{"currency": ["USD"], "invoice_month": [202601], "resource": ["api"]}]
HEADER = (
    "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,"
    "project.id,cost,currency,currency_conversion_rate,invoice.month,cost_type,export_time\n"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("trail")
    workspace = Workspace(folder / "ws")
    import_paths(workspace, [write_demo(folder / "demo").bill])
    return workspace


def text_bill(folder: Path, *lines: tuple[str, str]) -> Workspace:
    rows = "".join(
        f"01-AA-BB,1,Cloud Run,A,CPU,2026-01-01 00:00:00 UTC,2026-01-01 01:00:00 UTC,{project},{cost},USD,1,202601,"
        "regular,2026-02-20 00:00:00 UTC\n"
        for project, cost in lines
    )
    (folder / "bill.csv").write_text(HEADER + rows)
    import_paths(workspace := Workspace(folder / "ws"), [folder / "bill.csv"])
    return workspace


def test_pages_follow_each_other_without_gap(demo):
    first, second = charge_rows(demo, JANUARY_API, 7), charge_rows(demo, JANUARY_API, 5, offset=7)
    assert charge_rows(demo, JANUARY_API, 12) == [*first, *second]
    costs = [abs(row.columns["cost_nanos"]) for row in (*first, *second)]
    assert costs == sorted(costs, reverse=True)


def test_sums_are_those_of_all_rows(demo):
    sums = charge_sums(demo, JANUARY_API)
    rows = charge_rows(demo, JANUARY_API, sums.count + 10)
    assert len(rows) == sums.count > 1000
    assert sum(row.columns["cost_nanos"] for row in rows) == sums.cost_nanos
    assert sum(row.columns["effective_nanos"] for row in rows) == sums.effective_nanos


def test_alternatives_join_and_the_empty_text_finds_what_has_none(tmp_path):
    workspace = text_bill(tmp_path, ("p", "1"), ("it's", "2"), ("", "4"), ("q", "8"))
    found = charge_rows(workspace, [{"project": ["", "it's"]}, {"project": ["q"], "currency": ["USD"]}])
    assert [row.columns["cost_nanos"] for row in found] == [8_000_000_000, 4_000_000_000, 2_000_000_000]
    assert charge_rows(workspace, []) == []
    assert charge_sums(workspace, [{}]).count == 4


def test_the_text_for_a_parquet_export_fetches_the_same_rows(demo):
    queries = row_queries(demo, JANUARY_API, 20)
    assert "read_parquet" in queries.duckdb
    assert queries.other_file_count == 0
    with duckdb.connect() as elsewhere:
        costs = [cost for (cost,) in elsewhere.execute(f"SELECT cost FROM ({queries.duckdb})").fetchall()]
    expected = [row.columns["cost_nanos"] / 1e9 for row in charge_rows(demo, JANUARY_API, 20)]
    assert costs == pytest.approx(expected)


def test_the_text_for_a_text_file_runs_as_it_stands(tmp_path):
    workspace = text_bill(tmp_path, ("p", "1"), ("q", "2"))
    queries = row_queries(workspace, [{"project": ["q"]}])
    with duckdb.connect() as elsewhere:
        elsewhere.execute(queries.duckdb)
        assert [row[13] for row in elsewhere.fetchall()] == [2_000_000_000]


def test_the_text_for_bigquery_is_googlesql_over_the_table_that_google_names(demo):
    text = row_queries(demo, [{"sku_key": ["a/b"], "project": ["", "it's\\"]}], 9).google
    tree = sqlglot.parse_one(text, read="bigquery")
    assert text.count("gcp_billing_export_resource_v1_") == 1
    assert r"'it\'s\\'" in text
    assert tree.args["limit"].expression.this == "9"


def test_a_standard_export_is_not_asked_for_resources():
    text = google_sql([{"resource": ["api"], "invoice_month": [202601]}], "01-A", 5, is_detailed=False)
    assert "resource" not in text
    assert "`PROJECT.DATASET.gcp_billing_export_v1_01_A`" in text
