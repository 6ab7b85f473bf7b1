"""The real client over HTTP on loopback: loads equal those of files, a fault is a sentence and leaves nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from bigquery_fake import Table
from bigquery_rest import Fault, RestBigQuery
from test_bigquery_import import DOTTED, URI, contents, typed
from test_reductions_parity import EXPORTED

from data.bigquery_import import TableOptions, import_table, price_table
from data.importing import import_paths
from data.sources.bigquery import list_data_sets, list_tables
from data.sources.refusal import SourceRefused
from data.watch import ImportCancelled
from data.workspace import Workspace
from tests.data.nasty_bill import SCHEMA, row, write_parquet

pytestmark = pytest.mark.xdist_group("zetasql")


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    monkeypatch.setattr("data.sources.bigquery.RETRY_SECONDS", 0.5)
    monkeypatch.setattr("data.sources.bigquery.SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr("data.sources.bigquery.connect_storage", lambda client: None)


def server_of(rows: list[dict[str, Any]], **given: Any) -> RestBigQuery:
    return RestBigQuery({DOTTED: Table(SCHEMA, typed(rows))}, **given)


def test_the_real_client_gives_the_load_that_the_file_gives(tmp_path):
    rows = EXPORTED
    by_table, by_file = Workspace(tmp_path / "table"), Workspace(tmp_path / "file")
    with server_of(rows) as server:
        report = import_table(by_table, URI, client=server.client())
    assert (report.refused, report.rows_accepted) == (None, len(rows))
    write_parquet(rows, tmp_path / "bill.parquet")
    import_paths(by_file, [tmp_path / "bill.parquet"])
    assert contents(by_table) == contents(by_file)
    assert len(server.real_jobs()) == len(server.jobs) / 2
    assert {job.location for job in server.jobs.values()} == {"EU"}
    assert {job.project for job in server.jobs.values()} == {"runner"}
    assert by_table.loads()[0].byte_count == server.bytes_of_a_query * len(server.real_jobs())


def test_a_price_reads_nothing_and_a_cap_too_low_fails_the_job_itself(tmp_path):
    with server_of([row()]) as server:
        price = price_table(Workspace(tmp_path), URI, client=server.client())
        assert not server.real_jobs()
        assert price.byte_count == server.bytes_of_a_query * len(server.jobs)
        server.bytes_of_a_query *= 2  # the table grew between the price and the run
        options = TableOptions(maximum_bytes=price.byte_count)
        server.fault = lambda place, step: None
        report = import_table(Workspace(tmp_path), URI, options, client=server.client())
    assert "--maximum-bytes" in (report.refused or "")
    assert not Workspace(tmp_path).loads()


def test_data_sets_and_tables_are_found_by_listing():
    with server_of([]) as server:
        client = server.client()
        assert list_data_sets(client, "acme-billing") == ["export"]
        assert [name.uri for name in list_tables(client, "acme-billing", "export")] == [URI]
        server.fault = lambda place, step: Fault(403, "Permission bigquery.tables.list denied on dataset export")
        with pytest.raises(SourceRefused, match=r"tables\.list\).*GRANT `roles/bigquery.dataViewer` ON SCHEMA"):
            list_tables(client, "acme-billing", "export")


DENIED = "Access Denied: Project runner: User does not have bigquery.jobs.create permission in project runner."
FAULTS = {
    "no right to run": (Fault(403, DENIED), "projects add-iam-policy-binding runner --member=user:YOU"),
    "no right to read": (
        Fault(403, "Permission bigquery.tables.getData denied on table t"),
        "GRANT `roles/bigquery.data",
    ),
    "API off": (Fault(403, "BigQuery API has not been used in project 1", "accessNotConfigured"), "services enable"),
    "no billing": (
        Fault(403, "Billing has not been enabled for this project", "billingNotEnabled"),
        "billing projects",
    ),
    "no table": (Fault(404, "Not found: Table acme-billing:export.t"), "bq ls acme-billing:export"),
    "wrong location": (Fault(404, "Not found: Dataset d was not found in location US"), "bq show acme-billing:export"),
    "quota": (Fault(403, "Quota exceeded: Your project exceeded quota", "quotaExceeded"), "projects/runner"),
    "too many": (Fault(429, "Exceeded rate limits", "rateLimitExceeded"), "quota"),
    "broken": (Fault(503, "Visibility check was unavailable"), "error 503"),
    "internal": (Fault(500, "An internal error occurred"), "error 500"),
    "cut off": (Fault(0), "cannot be reached"),
    "changed columns": (Fault(400, "Unrecognized name: cost at [1:8]"), "(Unrecognized name: cost at [1:8])"),
}
PLACES = [
    *((name, place, "") for name in FAULTS for place in ("get_table", "insert")),
    *((name, place, step) for name, place, step in (("broken", "look", "skus"), ("cut off", "rows", "skus"),
                                                        ("too many", "rows", "skus"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "step"), PLACES)
def test_a_fault_is_one_sentence_and_leaves_nothing(tmp_path, name, place, step):
    fault, mend = FAULTS[name]
    workspace = Workspace(tmp_path)
    with server_of([row()]) as server:
        server.fault = lambda at, of: fault if at == place and step in ("", of) else None
        refused = import_table(workspace, URI, client=server.client()).refused or ""
    assert refused.startswith(URI)
    assert mend in refused
    assert "\n" not in refused
    assert not workspace.loads()
    assert not list(workspace.loads_folder.iterdir())


def test_what_passes_by_itself_is_not_noticed(tmp_path):
    seen = []

    def once(place: str, step: str) -> Fault | None:
        is_first = (place, step) not in seen
        seen.append((place, step))
        return Fault(503, "try again") if is_first and step in ("", "daily") else None

    with server_of([row()], fault=once) as server:
        monkey_patience = pytest.MonkeyPatch()
        monkey_patience.setattr("data.sources.bigquery.RETRY_SECONDS", 20.0)
        report = import_table(Workspace(tmp_path), URI, client=server.client())
        monkey_patience.undo()
    assert (report.refused, report.rows_accepted) == (None, 1)


def test_a_table_elsewhere_than_its_description_says_is_said(tmp_path):
    with server_of([row()]) as server:
        described = server._described
        server._described = lambda parts: described(parts) | {"location": "US"}
        report = import_table(Workspace(tmp_path), URI, client=server.client())
    assert "not in the location" in (report.refused or "")


def test_a_stop_reaches_the_job_that_runs(tmp_path):
    cancel = threading.Event()
    with server_of([row()], looks_until_done=10_000) as server:
        server.fault = lambda place, step: cancel.set() if place == "look" else None
        with pytest.raises(ImportCancelled):
            import_table(Workspace(tmp_path), URI, cancel=cancel, client=server.client())
        assert [job.is_cancelled for job in server.real_jobs()] == [True]
    assert not Workspace(tmp_path).loads()
