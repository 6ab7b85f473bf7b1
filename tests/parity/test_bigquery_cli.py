"""The command line and the Data page over a table: the price first, then the same import."""

from __future__ import annotations

import json

import pytest
from bigquery_fake import FakeClient, Table
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest
from test_bigquery_import import DOTTED, URI, typed

from cli import cli
from data.workspace import Workspace
from pages.parts.import_job import ImportJob, tables_work
from tests.data.nasty_bill import SCHEMA, row

pytestmark = pytest.mark.xdist_group("zetasql")


@pytest.fixture
def client(monkeypatch):
    fake = FakeClient({DOTTED: Table(SCHEMA, typed([row(), row(cost=2.5)]))})
    monkeypatch.setattr("data.bigquery_import.connect_client", lambda project: fake)
    monkeypatch.setattr("pages.parts.data_table.connect_client", lambda project: fake)
    return fake


def run(*arguments: object) -> tuple[int, dict]:
    done = CliRunner().invoke(cli, ["import", *map(str, arguments), "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_price_then_the_import_then_nothing_new(client, tmp_path):
    code, document = run(URI, "--workspace", tmp_path, "--dry-run")
    assert (code, document["tables"][0]["bytes"], document["tables"][0]["price_as_of"]) == (0, 10000, "2026-09-28")
    assert all(config.dry_run for _, config, _ in client.jobs)
    code, document = run(URI, "--workspace", tmp_path)
    assert (code, document["sources"][0]["rows_accepted"], document["totals"]["EUR"]["cost"]) == (0, 2, "3.750000000")
    code, document = run(URI, "--workspace", tmp_path)
    assert (code, document["sources"][0]["already_loaded"]) == (0, True)


def test_a_budget_that_is_too_small_is_a_sentence_and_exit_1(client, tmp_path):
    code, document = run(URI, "--workspace", tmp_path, "--maximum-bytes", 100)
    assert code == 1
    assert "--maximum-bytes 10000" in document["error"]
    assert all(config.dry_run for _, config, _ in client.jobs)


def test_the_page_lists_tables_and_shows_the_price_before_it_offers_the_import(client, tmp_path):
    page = AppTest.from_function(_page, args=(str(tmp_path),), default_timeout=30).run()
    page.text_input(key="data_table_project").input("acme-billing")
    page.text_input(key="data_table_dataset").input("export")
    page.button[0].click().run()
    assert DOTTED.rpartition(".")[2] in page.markdown[-1].value
    page.text_input(key="data_table_name").input(DOTTED.rpartition(".")[2])
    page.button[0].click().run()
    assert "detailed export in EU" in page.info[0].value
    page.button(key="data_table_import").click().run()
    assert page.session_state["begun"] == f"Importing {URI}"
    assert not page.exception


def _page(folder):
    from pathlib import Path  # noqa: PLC0415 - the page runs by itself

    import streamlit as st  # noqa: PLC0415

    from data.workspace import Workspace  # noqa: PLC0415
    from pages.parts.data_table import offer_table  # noqa: PLC0415

    offer_table(Workspace(Path(folder)), lambda title, work: st.session_state.update(begun=title))


def test_a_job_of_the_page_imports_the_table(client, tmp_path):
    job = ImportJob("Importing", tables_work(Workspace(tmp_path), [URI], None))
    job.wait(60)
    assert (job.state, job.report.sources[0].rows_accepted) == ("finished", 2)
