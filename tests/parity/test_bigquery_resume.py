"""An import that is killed in the middle goes on: nothing is asked twice, and nothing counts twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bigquery_fake import Table
from bigquery_rest import Fault, RestBigQuery
from test_bigquery_import import CPU, DOTTED, URI, client_of, contents, typed

from data.bigquery_import import TableOptions, import_table, price_table
from data.importing import import_paths
from data.kept_answers import SECONDS_KEPT, TABLES
from data.workspace import Workspace
from tests.data.nasty_bill import NASTY_ROWS, SCHEMA, row, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("zetasql")
ROWS = [*NASTY_ROWS, CPU]
STEPS = 10
DONE_BEFORE_DAILY = 4
"""watermark, quarantine, skus, account_month."""
IMPORT = """
import sys
from pathlib import Path
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
import data.sources.bigquery as source
from data.bigquery_import import import_table
from data.workspace import Workspace
source.connect_storage = lambda client: None
client = bigquery.Client("runner", AnonymousCredentials(), client_options={"api_endpoint": sys.argv[1]})
import_table(Workspace(Path(sys.argv[2])), sys.argv[3], client=client)
"""


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    monkeypatch.setattr("data.sources.bigquery.RETRY_SECONDS", 0.5)
    monkeypatch.setattr("data.sources.bigquery.SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr("data.sources.bigquery.connect_storage", lambda client: None)


@pytest.fixture
def server() -> Iterator[RestBigQuery]:
    with RestBigQuery({DOTTED: Table(SCHEMA, typed(ROWS))}) as server:
        yield server


def kept_files(workspace: Workspace, suffix: str) -> list[Path]:
    return sorted((workspace.folder / TABLES).glob(f"*/*{suffix}"))


def test_what_is_killed_in_the_middle_goes_on_without_asking_or_counting_twice(server, tmp_path):
    workspace, by_file = Workspace(tmp_path / "table"), Workspace(tmp_path / "file")
    command = [sys.executable, "-c", IMPORT, server.endpoint, str(workspace.folder), URI]
    child = subprocess.Popen(command, cwd=Path(__file__).parents[2])

    def kill_at_daily(place: str, step: str) -> Fault | None:
        if (place, step) == ("look", "daily"):
            child.kill()
            return Fault(0)
        return None

    server.fault = kill_at_daily
    assert child.wait(120) == -signal.SIGKILL
    server.fault = lambda place, step: None
    assert not workspace.loads()
    assert len(kept_files(workspace, ".job")) == DONE_BEFORE_DAILY + 1
    missing = STEPS - DONE_BEFORE_DAILY
    assert price_table(workspace, URI, client=server.client()).byte_count == server.bytes_of_a_query * missing
    before = len(server.real_jobs())
    report = import_table(workspace, URI, client=server.client())
    assert (report.refused, report.rows_accepted) == (None, len(ROWS))
    assert (before, len(server.real_jobs())) == (DONE_BEFORE_DAILY + 1, STEPS), "the job of daily was found again"
    write_parquet(ROWS, tmp_path / "bill.parquet")
    import_paths(by_file, [tmp_path / "bill.parquet"])
    assert contents(workspace) == contents(by_file)
    assert not kept_files(workspace, "*")
    assert import_table(workspace, URI, client=server.client()).already_loaded
    assert len(workspace.loads()) == 1


def test_rows_that_arrive_in_between_wait_for_the_next_import(server, tmp_path):
    workspace = Workspace(tmp_path)
    server.fault = lambda place, step: Fault(500, "oops") if (place, step) == ("rows", "labels") else None
    assert "error 500" in (import_table(workspace, URI, client=server.client()).refused or "")
    server.fault = lambda place, step: None
    server.tables[DOTTED].rows += typed([row(cost=3.0, export_time="2026-06-09T05:00:00Z")])
    assert import_table(workspace, URI, client=server.client()).rows_accepted == len(ROWS)
    assert import_table(workspace, URI, client=server.client()).rows_accepted == 1


def test_a_job_that_failed_or_is_gone_is_started_anew(server, tmp_path):
    workspace = Workspace(tmp_path)
    server.fault = lambda place, step: Fault(0) if (place, step) == ("look", "daily") else None
    import_table(workspace, URI, client=server.client())
    server.fault = lambda place, step: None
    noted = next(file for file in kept_files(workspace, ".job") if file.name.startswith("daily"))
    server.jobs[noted.read_text()].error = {"reason": "stopped", "message": "Job execution was cancelled"}
    assert import_table(workspace, URI, client=server.client()).rows_accepted == len(ROWS)


def test_other_months_meet_no_answer_of_these(server, tmp_path):
    workspace = Workspace(tmp_path)
    server.fault = lambda place, step: Fault(500, "oops") if (place, step) == ("rows", "daily") else None
    import_table(workspace, URI, client=server.client())
    server.fault = lambda place, step: None
    before = len(server.real_jobs())
    assert import_table(workspace, URI, TableOptions(202605), client=server.client()).refused is None
    assert len(server.real_jobs()) - before == STEPS


def test_old_answers_are_asked_anew_and_removed(tmp_path):
    workspace = Workspace(tmp_path)
    client = client_of(ROWS)

    def fail(step: str, _: object) -> None:
        if step == "daily":
            raise TimeoutError

    client.fail = fail
    import_table(workspace, URI, client=client)
    kept = kept_files(workspace, ".parquet")
    assert kept
    old = time.time() - SECONDS_KEPT - 60
    for place in (*kept, kept[0].parent):
        os.utime(place, (old, old))
    import_table(workspace, URI, client=client)
    assert all(file.stat().st_mtime > old + 60 for file in kept_files(workspace, ".parquet"))
