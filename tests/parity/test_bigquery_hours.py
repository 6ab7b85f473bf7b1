"""Hours by resource of chosen months alone: sums by day are there of all, plans are made on those with hours."""

from __future__ import annotations

import pytest
from bigquery_fake import Partitioning
from test_bigquery_import import CPU, URI, client_of

from data.bigquery_import import TableOptions, import_table
from data.bill_months import NoBill, available_months
from data.bill_tables import bill_tables
from data.cost_rows import cost_table
from data.importing import import_paths
from data.load_reader import open_loads
from data.reconcile import reconcile
from data.totals import totals
from data.workspace import Workspace
from tests.data.nasty_bill import row, write_parquet

pytestmark = pytest.mark.xdist_group("zetasql")


def cpu(month: str, cost: float, **changes):
    day = f"2026-{month[4:]}-10"
    times = {"usage_start_time": f"{day}T07:00:00Z", "usage_end_time": f"{day}T08:00:00Z"}
    return CPU | times | {"invoice": {"month": month}, "cost": cost} | changes


ROWS = [cpu("202603", 1.0), cpu("202604", 2.0), cpu("202605", 4.0), row(cost=8.0, invoice={"month": "202603"})]
HOURS_FROM_APRIL = TableOptions(hours_since=202604)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("loaded"))
    client = client_of(ROWS, time_partitioning=Partitioning("usage_start_time"))
    assert import_table(workspace, URI, HOURS_FROM_APRIL, client=client).refused is None
    return workspace, client


def test_only_chosen_months_come_by_hour_and_only_their_partitions_are_read(loaded):
    workspace, client = loaded
    with open_loads(workspace) as connection:
        found = connection.sql("SELECT DISTINCT invoice_month FROM hourly_resource ORDER BY 1").fetchall()
    assert found == [(202604,), (202605,)]
    given = {
        config.labels["step"]: {one.name: one.value for one in config.query_parameters if hasattr(one, "value")}
        for _, config, _ in client.jobs
    }
    assert given["hourly_resource"]["since_month"] == 202604
    assert given["hourly_resource"]["partition_from"].isoformat() == "2026-01-29T00:00:00+00:00"
    assert "since_month" not in given["daily"]


def test_no_cent_of_the_other_months_is_lost(loaded, tmp_path):
    workspace, _ = loaded
    whole = Workspace(tmp_path / "whole")
    write_parquet(ROWS, tmp_path / "bill.parquet")
    import_paths(whole, [tmp_path / "bill.parquet"])
    keys = ["invoice_month", "sku"]
    assert totals(workspace, keys) == totals(whole, keys)
    rows = [cost_table(each, None) for each in (workspace, whole)]
    effective = [sum(table.rows["effective_nanos"].tolist()) for table in rows]
    assert effective[0] == effective[1] == 15 * 10**9
    checks = [[(check.name, check.passed, check.residual) for check in reconcile(each)] for each in (workspace, whole)]
    assert checks[0] == checks[1]


def test_plans_are_made_on_months_with_hours(loaded):
    workspace, _ = loaded
    assert available_months(workspace).without_hours == (202603,)
    assert bill_tables(workspace).months == (202604,), "the last one is not settled"
    with pytest.raises(NoBill, match=r"Of 202603 this bill holds no hours by resource.*choose later months"):
        bill_tables(workspace, [202603, 202604])


def test_the_next_import_asks_for_the_same_months(loaded):
    workspace, client = loaded
    assert import_table(workspace, URI, HOURS_FROM_APRIL, client=client).already_loaded
    refused = import_table(workspace, URI, client=client).refused
    assert "with hours since 202604 and is now asked for with hours since all months" in (refused or "")
