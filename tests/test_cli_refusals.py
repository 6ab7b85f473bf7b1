"""Wrong input on the command line: one sentence, exit code 1, never a traceback."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli

STORY = Path(__file__).parent / "golden" / "tiny_service"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    arguments = ["import", STORY / "bill.csv", "--inventory", STORY / "inventory", "--workspace", folder]
    assert CliRunner().invoke(cli, [str(each) for each in arguments]).exit_code == 0
    return folder


def refused(*arguments):
    done = CliRunner().invoke(cli, [*(str(each) for each in arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 1, done.output
    sentence = json.loads(done.stdout)["error"]
    assert done.stderr.splitlines()[-1] == sentence
    return sentence


def test_what_cannot_be_written_is_said(shop, tmp_path):
    (tmp_path / "file").write_text("in the way")
    taken = tmp_path / "file" / "plan"
    assert "cannot be written" in refused("export", "--out", taken, "--workspace", shop)
    assert "cannot be written" in refused("recommend", "--out", taken, "--workspace", shop)


def test_a_scenario_that_is_no_text_is_said(shop, tmp_path):
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe\x00a=1")
    for arguments in (("simulate",), ("scenarios", "save")):
        sentence = refused(*arguments, "--scenario", tmp_path / "plan.toml", "--workspace", shop)
        assert "is not a text that can be read" in sentence


def test_a_currency_that_the_bill_has_not_is_said(shop):
    assert "has no charges in GBP; `cli.py totals` shows" in refused(
        "simulate", "--currency", "GBP", "--workspace", shop
    )


def test_a_missing_name_is_said(shop):
    assert "scenarios show needs the name" in refused("scenarios", "show", "--workspace", shop)
    assert "scenarios delete needs the name" in refused("scenarios", "delete", "--workspace", shop)


def test_a_bigquery_table_is_told_from_a_missing_file(shop):
    assert "bq://a.b.c names no BigQuery table" in refused("import", "bq://a.b.c", "--workspace", shop)


def test_a_dry_run_prices_tables_only(shop):
    assert "bill.parquet is none" in refused("import", "bill.parquet", "--dry-run", "--workspace", shop)


def test_a_rate_beyond_reason_is_said(tmp_path):
    (tmp_path / "flows.csv").write_text("month,amount\n0,-100\n1,60\n2,60\n")
    assert "1e+300 cannot be used" in refused("finance", "--flows", tmp_path / "flows.csv", "--rate", "1e300")


def test_a_figure_without_a_name_is_not_the_whole_bill(shop):
    for condition in ("product:", "lever:", "resource:", "month:"):
        assert "behind the colon" in refused("explain", condition, "--workspace", shop)


def test_an_empty_workspace_passes_no_check(tmp_path):
    (tmp_path / "loads").mkdir()
    for command in ("totals", "reconcile"):
        assert "holds no bill" in refused(command, "--workspace", tmp_path)


def test_a_mistyped_workspace_is_told_and_not_made(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for place in (tmp_path / "none", other):
        for command in (["totals"], ["settings"], ["scenarios", "list"], ["simulate"], ["explain"]):
            assert f"no workspace at {place}" in refused(*command, "--workspace", place)
        CliRunner().invoke(cli, ["doctor", "--workspace", str(place)])
    assert not (tmp_path / "none").exists()
    assert list(other.iterdir()) == []
