"""An import through the real client and an emulator of BigQuery in a process of its own.

The emulator (PyPI ``bqemulator`` 1.4.0 with ``duckdb`` 1.5.5 and its spatial extension) needs libraries that the
project's environment must not have: give its command in CLOUDLEVER_BQEMULATOR. It ignores caps and counts no bytes,
keeps three decimals of NUMERIC, and reads ``array[OFFSET(column)]`` one place off, which is why the classes of SKUs are
read by ``ORDINAL``: no row here costs less than a thousandth.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from bigquery_table import fields_of
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from test_bigquery_import import contents
from test_reductions_parity import EXPORTED

from data.bigquery_import import import_table
from data.importing import import_paths
from data.workspace import Workspace
from tests.data.nasty_bill import SCHEMA, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = os.environ.get("CLOUDLEVER_BQEMULATOR", "")
PROJECT, TABLE = "acme", "acme.billing.gcp_billing_export_resource_v1_01AAAA"
pytestmark = [
    pytest.mark.xdist_group("zetasql"),
    pytest.mark.skipif(
        not COMMAND,
        reason="no emulator: set CLOUDLEVER_BQEMULATOR to the command of bqemulator 1.4.0 in an environment of its own",
    ),
]


@pytest.fixture(scope="module")
def client() -> Iterator[bigquery.Client]:
    rest, grpc = (_free_port() for _ in range(2))
    command = [*shlex.split(COMMAND), "start", "--rest-port", str(rest), "--grpc-port", str(grpc), "--project", PROJECT]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{rest}"
    try:
        _wait_for(f"{endpoint}/bigquery/v2/projects/{PROJECT}/datasets")
        yield bigquery.Client(PROJECT, AnonymousCredentials(), client_options={"api_endpoint": endpoint})
    finally:
        process.terminate()
        process.wait(20)


def test_an_import_through_the_emulator_is_that_of_the_file(client, tmp_path, monkeypatch):
    monkeypatch.setattr("data.sources.bigquery.connect_storage", lambda client: None)
    monkeypatch.setattr("data.sources.bigquery.RETRY_SECONDS", 8.0)
    rows = [one for one in EXPORTED if one["cost"] != 1e-10]
    client.create_dataset("billing", exists_ok=True)
    fields = [_field(one) for one in fields_of(SCHEMA)]
    table = bigquery.Table(TABLE, fields)
    table.time_partitioning = bigquery.TimePartitioning(field="export_time")
    client.create_table(table)
    text = "".join(json.dumps(one) + "\n" for one in rows).encode()
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=fields)
    client.load_table_from_file(io.BytesIO(text), TABLE, job_config=config).result(timeout=60)
    by_table, by_file = Workspace(tmp_path / "table"), Workspace(tmp_path / "file")
    report = import_table(by_table, f"bq://{TABLE}", client=client)
    assert (report.refused, report.rows_accepted) == (None, len(rows))
    assert import_table(by_table, f"bq://{TABLE}", client=client).already_loaded
    write_parquet(rows, tmp_path / "bill.parquet")
    import_paths(by_file, [tmp_path / "bill.parquet"])
    assert contents(by_table) == contents(by_file)
    assert contents(by_table)["hourly_resource"]
    assert contents(by_table)["hourly_pool"]


def _field(one: Any) -> bigquery.SchemaField:
    return bigquery.SchemaField(one.name, one.field_type, one.mode, fields=[_field(each) for each in one.fields])


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            return
