"""Importing a table: what a file import of the same rows gives, capped, parameterised, and all or nothing."""

from __future__ import annotations

import ast
import inspect
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bigquery_fake import FakeClient, Partitioning, Table
from google.api_core import exceptions

from data.bigquery_import import TableOptions, import_table, price_table
from data.importing import import_paths
from data.load_reader import NAMES, open_loads
from data.sources.bigquery import LABELS, Jobs, TableName, list_data_sets, list_tables
from data.sources.refusal import SourceRefused
from data.totals import totals
from data.trail import TrailGone, charge_rows, row_queries
from data.watch import ImportCancelled
from data.workspace import Workspace
from tests.data.nasty_bill import NASTY_ROWS, SCHEMA, credit, row, write_parquet

pytestmark = pytest.mark.xdist_group("zetasql")
DOTTED = "acme-billing.export.gcp_billing_export_resource_v1_01AAAA_BBBBBB_CCCCCC"
URI = f"bq://{DOTTED}"
TIMES = ("usage_start_time", "usage_end_time", "export_time")
RUN = {"id": "152E-C115-5142", "description": "Cloud Run"}
CPU = row(sku={"id": "9E4F-7C4B-1C5D", "description": "Services CPU (Request-based billing)"},
          usage={"unit": "s", "pricing_unit": "second", "amount": 60.0, "amount_in_pricing_units": 60.0})  # fmt: skip


def typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {name: datetime.fromisoformat(one[name]) for name in TIMES if one[name]} for one in rows]


def client_of(rows: list[dict[str, Any]], **given: Any) -> FakeClient:
    return FakeClient({DOTTED: Table(SCHEMA, typed(rows), **given)})


def contents(workspace: Workspace) -> dict[str, list[tuple]]:
    """Every reduction of a workspace, without the names of its loads."""
    with open_loads(workspace) as connection:
        query = "SELECT COLUMNS(* EXCLUDE load_id)::VARCHAR FROM {} ORDER BY ALL"
        return {name: connection.sql(query.format(name)).fetchall() for name in NAMES}


def test_a_table_gives_the_load_that_its_file_gives(tmp_path):
    rows = [*NASTY_ROWS, CPU]
    client = client_of(rows)
    by_table, by_file = Workspace(tmp_path / "table"), Workspace(tmp_path / "file")
    report = import_table(by_table, URI, client=client)
    assert (report.refused, report.kind, report.rows_accepted) == (None, "detailed", len(rows))
    write_parquet(rows, tmp_path / "bill.parquet")
    import_paths(by_file, [tmp_path / "bill.parquet"])
    assert contents(by_table) == contents(by_file)
    assert contents(by_table)["hourly_resource"]
    assert totals(by_table, ["invoice_month"]) == totals(by_file, ["invoice_month"])


def test_every_job_is_capped_labelled_placed_and_free_of_values(tmp_path):
    client = client_of([*NASTY_ROWS, CPU])
    report = import_table(Workspace(tmp_path), URI, TableOptions(202601, 50_000), client=client)
    assert report.refused is None
    real = [config for _, config, _ in client.jobs if not config.dry_run]
    assert len(real) == len(client.jobs) / 2 == 10
    for sql, config, location in client.jobs:
        assert 0 < config.maximum_bytes_billed <= 50_000
        assert LABELS.items() <= config.labels.items()
        assert location == "EU"
        assert config.job_timeout_ms
        for value in ("Services CPU", "shop-prod", "01AAAA-BBBBBB", "202601", "9E4F-7C4B-1C5D"):
            assert value not in sql.replace(DOTTED, "")
    caps = [config.maximum_bytes_billed for config in real]
    assert caps == [50_000 - 1000 * number for number in range(10)]


def test_the_price_comes_from_dry_runs_alone(tmp_path):
    client = client_of(NASTY_ROWS)
    price = price_table(Workspace(tmp_path), URI, client=client)
    assert all(config.dry_run for _, config, _ in client.jobs)
    assert (price.byte_count, price.usd_per_tib, price.location) == (10000, 6.25, "EU")
    assert price.usd == pytest.approx(10000 / 2**40 * 6.25)
    assert price.price_as_of


def test_an_import_beyond_its_budget_does_not_start(tmp_path):
    client = client_of(NASTY_ROWS)
    report = import_table(Workspace(tmp_path), URI, TableOptions(None, 9999), client=client)
    assert "--maximum-bytes 10000" in (report.refused or "")
    assert all(config.dry_run for _, config, _ in client.jobs)


def test_what_was_appended_since_counts_once(tmp_path):
    workspace = Workspace(tmp_path)
    client = client_of(NASTY_ROWS, time_partitioning=Partitioning("export_time"))
    assert import_table(workspace, URI, client=client).rows_accepted == len(NASTY_ROWS)
    again = import_table(workspace, URI, client=client)
    assert again.already_loaded
    late = [row(cost=5.0, export_time="2026-06-09T05:00:00Z", usage_start_time="2026-03-01T00:00:00Z")]
    unsettled = [row(cost=7.0, export_time=datetime.now(UTC).isoformat())]
    client.tables[DOTTED].rows += typed([*late, *unsettled])
    client.jobs.clear()
    added = import_table(workspace, URI, client=client)
    assert (added.refused, added.rows_accepted) == (None, 1)
    given = {one.name: one.value for one in client.jobs[-1][1].query_parameters if one.name == "partition_from"}
    assert given == {"partition_from": datetime(2026, 6, 1, 5, tzinfo=UTC) - timedelta(days=5)}
    assert sum(each.cost_nanos for each in totals(workspace, [])) == 5 * 10**9 + round(
        sum(one["cost"] for one in NASTY_ROWS) * 1e9
    )
    assert len(workspace.loads()) == 2


def test_two_imports_of_a_table_at_once_take_its_rows_once(tmp_path):
    workspace = Workspace(tmp_path)
    client = client_of(NASTY_ROWS)
    during: list[Any] = []

    def import_again(_: Any) -> None:
        if not during:
            during.append(import_table(Workspace(tmp_path), URI, client=client_of([*NASTY_ROWS, row()])))

    report = import_table(workspace, URI, on_progress=import_again, client=client)
    assert report.rows_accepted == len(NASTY_ROWS)
    assert "wait until that is done" in (during[0].refused or "")
    assert len(workspace.loads()) == 1
    assert import_table(workspace, URI, client=client).already_loaded


def test_rows_that_slip_in_below_the_mark_are_said(tmp_path):
    workspace = Workspace(tmp_path)
    client = client_of(NASTY_ROWS)
    import_table(workspace, URI, client=client)
    client.tables[DOTTED].rows += typed([row()])
    report = import_table(workspace, URI, client=client)
    assert "rows came in late" in (report.refused or "")


def test_older_months_stay_out_and_other_months_are_refused(tmp_path):
    workspace = Workspace(tmp_path)
    rows = [row(cost=1.0, invoice={"month": "202603"}), row(cost=2.0), row(cost=4.0, invoice={"month": "202606"})]
    client = client_of(rows, time_partitioning=Partitioning("usage_start_time"))
    assert import_table(workspace, URI, TableOptions(202605), client=client).rows_read == 2
    assert [each.cost_nanos for each in totals(workspace, [])] == [6 * 10**9]
    refused = import_table(workspace, URI, TableOptions(202603), client=client).refused
    assert "since 202605" in (refused or "")


def test_bad_rows_are_set_aside_with_their_reason(tmp_path):
    workspace = Workspace(tmp_path)
    rows = [row(), row(currency=None), row(cost=float("nan")), row(credits=[credit("FREE_TIER", float("inf"))])]
    report = import_table(workspace, URI, client=client_of(rows))
    assert (report.refused, report.rows_read, report.rows_accepted, report.rows_quarantined) == (None, 4, 1, 3)
    with open_loads(workspace) as connection:
        file = workspace.load_folder(workspace.loads()[0].id) / "quarantine.parquet"
        found = connection.execute(f"SELECT column_name FROM '{file}' ORDER BY 1").fetchall()
    assert found == [("cost",), ("credits",), ("currency",)]


def test_a_standard_table_without_newer_columns_is_read(tmp_path):
    newer = {"resource", "cost_at_list", "price", "cost_at_effective_price_default", "consumption_model"}
    schema = pa.schema([one for one in SCHEMA if one.name not in newer])
    client = FakeClient({DOTTED: Table(schema, typed(NASTY_ROWS))})
    report = import_table(Workspace(tmp_path), URI, client=client)
    assert (report.refused, report.kind, report.rows_accepted) == (None, "standard", len(NASTY_ROWS))


def test_a_table_that_is_no_bill_is_refused_by_its_columns(tmp_path):
    schema = pa.schema([one for one in SCHEMA if one.name != "cost"])
    report = import_table(Workspace(tmp_path), URI, client=FakeClient({DOTTED: Table(schema, [])}))
    assert "lacks the column cost" in (report.refused or "")


DENIED = "Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme."
ERRORS = {
    "no right to run": (exceptions.Forbidden(DENIED), "roles/bigquery.jobUser"),
    "no right to read": (exceptions.Forbidden("Access Denied: Table t"), "roles/bigquery.dataViewer"),
    "no table": (exceptions.NotFound("Not found: Table t"), "bq ls acme-billing:export"),
    "wrong location": (exceptions.NotFound("Dataset d was not found in location US"), "bq show"),
    "quota": (exceptions.Forbidden("Quota exceeded: quotaExceeded"), "projects/runner"),
    "too many": (exceptions.TooManyRequests("rateLimitExceeded"), "quota"),
    "broken": (exceptions.ServiceUnavailable("try again"), "error 503"),
    "internal": (exceptions.InternalServerError("oops"), "error 500"),
    "time-out": (TimeoutError("deadline"), "did not answer in time"),
    "retries": (exceptions.RetryError("timeout", cause=None), "did not answer in time"),
    "network": (ConnectionError("reset"), "cannot be reached"),
    "changed columns": (exceptions.BadRequest("Unrecognized name: cost"), "unchanged billing export"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "step"), [
    *((name, step) for name in ERRORS for step in ("get_table", "watermark")),
    ("broken", "daily"), ("time-out", "labels"),
])  # fmt: skip
def test_an_error_is_one_sentence_and_leaves_nothing(tmp_path, name, step):
    error, mend = ERRORS[name]

    def fail(at: str, _: Any) -> None:
        if at == step:
            raise error

    workspace = Workspace(tmp_path)
    client = client_of([row()])
    client.fail = fail
    refused = import_table(workspace, URI, client=client).refused or ""
    assert refused.startswith(URI)
    assert mend in refused
    assert "\n" not in refused
    assert not workspace.loads()
    assert not list(workspace.loads_folder.iterdir())


def test_a_stop_in_the_middle_cancels_the_job_and_keeps_nothing(tmp_path):
    workspace, cancel, jobs = Workspace(tmp_path), threading.Event(), []

    def stop_at_daily(step: str, job: Any) -> None:
        if step == "daily":
            jobs.append(job)
            cancel.set()

    client = client_of([row()])
    client.fail = stop_at_daily
    with pytest.raises(ImportCancelled):
        import_table(workspace, URI, cancel=cancel, client=client)
    assert jobs[0].cancelled
    assert not list(workspace.loads_folder.iterdir())


def test_a_table_and_a_file_of_one_account_do_not_both_count(tmp_path):
    workspace = Workspace(tmp_path / "both")
    write_parquet([row()], tmp_path / "bill.parquet")
    import_paths(workspace, [tmp_path / "bill.parquet"])
    refused = import_table(workspace, URI, client=client_of([row()])).refused
    assert "remove that load first" in (refused or "")
    other = client_of([row(billing_account_id="02DDDD")])
    assert import_table(workspace, URI, client=other).refused is None
    assert len(workspace.loads()) == 2


def test_rows_of_a_table_stay_there_and_their_query_names_it(tmp_path):
    workspace = Workspace(tmp_path)
    import_table(workspace, URI, client=client_of([row()]))
    filters = [{"service": ["Cloud Run"]}]
    with pytest.raises(TrailGone, match="stay in BigQuery"):
        charge_rows(workspace, filters)
    queries = row_queries(workspace, filters)
    assert f"FROM `{DOTTED}`" in queries.google
    assert queries.duckdb == ""


@pytest.mark.parametrize("wrong", [
    "bq://a.b", "bq://acme.data.t`; DROP TABLE t; --", "bq://acme.da ta.t", "bq:///x.y.z", "bq://acme.d.t' OR 1=1",
    "bq://acme.a.b.c", "bq://acme.d.t\nFROM x", "bq://acme.d.t*", "bq://acme.d.t$20260101", "bq://😀me.d.t",
    "bq://acme.d.t😀", "bq://acme.<script>.t", f"bq://{'a' * 10_000}.d.t", f"bq://acme.{'d' * 10_000}.t", "bq://Acme.d.t",
])  # fmt: skip
def test_what_is_no_table_name_is_refused_in_a_short_sentence(wrong):
    with pytest.raises(SourceRefused, match=r"PROJECT\.DATASET\.TABLE") as refused:
        TableName.parse(wrong)
    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)


def test_a_project_may_stand_in_the_domain_of_an_organisation():
    name = TableName.parse("bq://example.com:billing.export.t-1")
    assert (name.project, name.sql) == ("example.com:billing", "`example.com:billing.export.t-1`")


@pytest.mark.parametrize("project", ["acme`", "😀", "a" * 10_000, "acme/../other"])
def test_what_is_no_project_is_not_asked_for(project):
    def never(*_: Any) -> None:
        raise AssertionError

    with pytest.raises(SourceRefused, match="names no BigQuery table"):
        list_data_sets(FakeClient({}, fail=never), project)


def test_tables_of_a_data_set_are_listed():
    names = list_tables(client_of([]), "acme-billing", "export")
    assert [name.uri for name in names] == [URI]


def test_no_job_is_started_but_by_the_one_function_that_caps_it():
    """A job anywhere else would have no cap: the client's ways to start one are called in ``Jobs._start`` alone."""
    starts = {"query", "query_and_wait", "extract_table", "copy_table", "create_job"}
    root = Path(__file__).parents[2]
    found = []
    for path in [*root.glob("data/**/*bigquery*.py"), *root.glob("pages/**/*.py")]:
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
                found += [function.name for one in calls if isinstance(one, ast.Attribute) and one.attr in starts]
    assert found == ["_start"]
    start = inspect.getsource(Jobs._start)
    assert "maximum_bytes_billed=max(1, self.maximum_bytes - self.billed_bytes)" in start


def test_two_accounts_of_two_tables_stand_side_by_side(tmp_path):
    workspace = Workspace(tmp_path)
    other = DOTTED.replace("01AAAA", "02DDDD")
    rows = {DOTTED: [row()], other: [row(billing_account_id="02DDDD", currency="USD", cost=2.0)]}
    client = FakeClient({name: Table(SCHEMA, typed(each)) for name, each in rows.items()})
    for name in rows:
        assert import_table(workspace, f"bq://{name}", client=client).refused is None
    found = {each.currency: each.cost_nanos for each in totals(workspace, ["currency"])}
    assert found == {"EUR": 1_250_000_000, "USD": 2_000_000_000}
