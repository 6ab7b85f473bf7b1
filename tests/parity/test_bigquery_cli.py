"""The command line and the Data page over a table: the price first, then the same import."""

from __future__ import annotations

import json

import pytest
from bigquery_fake import FakeClient, Table
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest
from test_bigquery_descriptions import PRICE_SCHEMA, PRICES, price
from test_bigquery_import import DOTTED, URI, typed

from cli import cli
from data import records
from data.workspace import Workspace
from pages.parts.import_job import ImportJob, tables_work
from pages.parts.table_words import prices_in_use
from tests.data.nasty_bill import SCHEMA, row

pytestmark = pytest.mark.xdist_group("zetasql")


@pytest.fixture
def client(monkeypatch):
    fake = FakeClient({DOTTED: Table(SCHEMA, typed([row(), row(cost=2.5)]))})
    monkeypatch.setattr("data.bigquery_import.connect_client", lambda project: fake)
    monkeypatch.setattr("data.bigquery_descriptions.connect_client", lambda project: fake)
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
    page.text_input(key="data_table_project").input("acme-billing").run()
    page.button(key="data_table_list").click().run()
    table = DOTTED.partition(".")[2]
    assert page.selectbox(key="data_table_name").options == [table]
    page.selectbox(key="data_table_name").select(table).run()
    page.text_input(key="data_table_since").input("2026-05").run()
    page.button(key="data_table_price").click().run()
    assert "detailed export in EU" in page.info[0].value
    assert "--since 202605" in page.code[0].value
    assert all(config.dry_run for _, config, _ in client.jobs)
    page.button(key="data_table_import").click().run()
    assert page.session_state["begun"] == f"Importing {URI}"
    assert not page.exception


def test_the_page_refuses_a_month_that_is_none_before_it_asks(client, tmp_path):
    page = AppTest.from_function(_page, args=(str(tmp_path),), default_timeout=30).run()
    page.text_input(key="data_table_project").input("acme-billing").run()
    page.button(key="data_table_list").click().run()
    page.selectbox(key="data_table_name").select(DOTTED.partition(".")[2]).run()
    page.text_input(key="data_table_since").input("2026-13").run()
    page.button(key="data_table_price").click().run()
    assert "2026-13 is no invoice month" in page.error[0].value
    assert not client.jobs


@pytest.mark.parametrize("project", ["acme`; DROP", "😀", "a" * 10_000])
def test_the_page_refuses_what_is_no_project_before_it_asks(client, tmp_path, project):
    page = AppTest.from_function(_page, args=(str(tmp_path),), default_timeout=30).run()
    page.text_input(key="data_table_project").input("acme-billing").run()
    page.button(key="data_table_list").click().run()
    page.selectbox(key="data_table_name").select(DOTTED.partition(".")[2]).run()
    page.text_input(key="data_table_project").input(project).run()
    page.button(key="data_table_price").click().run()
    assert "names no BigQuery table" in page.error[0].value
    assert not client.jobs
    assert not page.exception


def test_hours_of_chosen_months_by_page_and_command(client, tmp_path):
    page = AppTest.from_function(_page, args=(str(tmp_path / "page"),), default_timeout=30).run()
    page.text_input(key="data_table_project").input("acme-billing").run()
    page.button(key="data_table_list").click().run()
    page.selectbox(key="data_table_name").select(DOTTED.partition(".")[2]).run()
    page.text_input(key="data_table_hours").input("2026-06").run()
    page.button(key="data_table_price").click().run()
    assert "--hours-since 202606" in page.code[0].value
    code, _ = run(URI, "--hours-since", 202606, "--workspace", tmp_path / "command")
    assert code == 0
    assert [load.hours_since for load in Workspace(tmp_path / "command").loads()] == [202606]
    code, document = run(URI, "--hours-since", 202613, "--workspace", tmp_path / "command")
    assert (code, "202613 is no invoice month" in document["error"]) == (1, True)


def test_own_prices_come_from_their_table_on_the_page_and_by_command(client, tmp_path):
    client.tables[PRICES] = Table(PRICE_SCHEMA, [price(1, 0.04, 0.03)])
    uri = f"bq://{PRICES}"
    code, document = run(URI, "--prices", uri, "--workspace", tmp_path / "command", "--dry-run")
    assert (code, [each["kind"] for each in document["tables"]]) == (0, ["detailed", "prices"])
    assert run(URI, "--prices", uri, "--workspace", tmp_path / "command")[0] == 0
    page = AppTest.from_function(_page, args=(str(tmp_path / "page"),), default_timeout=30).run()
    page.text_input(key="data_table_project").input("acme").run()
    page.button(key="data_table_list").click().run()
    page.selectbox(key="data_table_name").select(PRICES.partition(".")[2]).run()
    page.button(key="data_table_price").click().run()
    page.button(key="data_table_import").click().run()
    assert "1 values were read" in page.success[0].value
    for folder in ("command", "page"):
        facts = records.facts(Workspace(tmp_path / folder))
        assert {key: fact.value for key, fact in facts.items()} == {"commitment_rates.cloud_sql.one_year": 0.25}
        assert "your own prices of cloud_sql" in prices_in_use(facts, "a dated book")
    assert prices_in_use({}, "a dated book").startswith("In use: a dated book.")


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
