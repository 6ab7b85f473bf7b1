"""Answers by the Storage API: the same load, REST where it is not allowed, and nothing kept of a stream that breaks."""

from __future__ import annotations

import pytest
from bigquery_fake import Table
from bigquery_rest import RestBigQuery
from storage_fake import StorageServer
from test_bigquery_import import CPU, DOTTED, URI, contents, typed

from data.bigquery_import import import_table
from data.importing import import_paths
from data.workspace import Workspace
from tests.data.nasty_bill import SCHEMA, row, write_parquet

pytestmark = pytest.mark.xdist_group("zetasql")
ROWS = [row(cost=1.0 + number, project={"id": f"p{number}", "name": None}) for number in range(5)] + [CPU]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("data.sources.bigquery.RETRY_SECONDS", 0.5)
    monkeypatch.setattr("data.sources.bigquery.SECONDS_BETWEEN_LOOKS", 0.01)
    with RestBigQuery({DOTTED: Table(SCHEMA, typed(ROWS))}, page_rows=2) as rest, StorageServer(rest) as storage:
        monkeypatch.setattr("data.sources.bigquery.connect_storage", lambda client: storage.client())
        yield rest, storage


@pytest.mark.parametrize("denies", [False, True])
def test_both_ways_give_the_load_of_the_file(server, tmp_path, denies):
    rest, storage = server
    storage.denies = denies
    by_table, by_file = Workspace(tmp_path / "table"), Workspace(tmp_path / "file")
    report = import_table(by_table, URI, client=rest.client())
    assert (report.refused, report.rows_accepted) == (None, len(ROWS))
    assert bool(storage.sessions) is not denies
    assert storage.refusals == int(denies), "what is refused once is not asked again"
    write_parquet(ROWS, tmp_path / "bill.parquet")
    import_paths(by_file, [tmp_path / "bill.parquet"])
    assert contents(by_table) == contents(by_file)


def test_a_stream_that_breaks_in_the_middle_leaves_nothing(server, tmp_path):
    rest, storage = server
    storage.breaks_after = 1
    workspace = Workspace(tmp_path)
    refused = import_table(workspace, URI, client=rest.client()).refused or ""
    assert storage.sessions
    assert refused.startswith(URI)
    assert "error 500" in refused
    assert not list(workspace.loads_folder.iterdir())
