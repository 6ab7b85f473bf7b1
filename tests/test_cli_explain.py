"""``explain``: any figure with its formula, parts, inputs, prices, billing rows and the SQL that fetches them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.command_line import document, run
from tests.workspace_copies import copy_of

if TYPE_CHECKING:
    from pathlib import Path

WISH = ("--set", "cloud_run.api.min_instances=1")


@pytest.fixture(scope="module")
def demo(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(imported, tmp_path_factory.mktemp("explained") / "ws")


def test_the_whole_is_what_simulate_says(demo):
    trail = document("explain", *WISH, "--workspace", demo)
    simulated = document("simulate", *WISH, "--workspace", demo)
    assert trail["figure"] == "total"
    assert trail["fingerprint"] == simulated["fingerprint"]
    assert trail["before"] == simulated["baseline"]["total"]["headline"]
    assert trail["after"] == simulated["outcome"]["total"]["headline"]
    assert Decimal(trail["change"]) == -Decimal(simulated["saving"])


def test_a_service_in_a_month_adds_up_down_to_its_rows(demo):
    trail = document("explain", "product:Cloud Run", "month:202601", *WISH, "--workspace", demo, "--rows", 3)
    assert sum(Decimal(part["change"]) for part in trail["parts"]) == Decimal(trail["change"]) < 0
    assert sum(Decimal(line["amount"]) for line in trail["lines"]) == Decimal(trail["before"])
    assert Decimal(trail["rows"]["effective"]) == Decimal(trail["before"])
    assert trail["row_filters"][0]["invoice_month"] == [202601]
    assert len(trail["rows"]["first"]) == 3
    assert all(row["service"] == "Cloud Run" for row in trail["rows"]["first"])
    assert {part["price_source"] for part in trail["parts"]} == {"this bill's own rows"}
    assert "cloud_run.api.min_instances" in {each["key"] for each in trail["inputs"] if each["is_changed"]}
    assert "gcp_billing_export" in trail["rows"]["sql"]["bigquery"]
    with duckdb.connect() as connection:
        costs = connection.execute(f"SELECT cost FROM ({trail['rows']['sql']['duckdb']})").fetchall()
    assert [cost for (cost,) in costs] == [pytest.approx(float(row["cost"])) for row in trail["rows"]["first"]]


def test_a_lever_says_what_it_saves_alone_and_in_sequence(demo):
    simulated = document("simulate", *WISH, "--workspace", demo)
    trail = document("explain", "lever:cloud_run", *WISH, "--workspace", demo, "--rows", 0)
    (lever,) = simulated["levers"]
    assert Decimal(trail["change"]) == -Decimal(lever["in_sequence"])
    assert trail["saves_alone"] == lever["alone"]


def test_people_read_sentences_formulas_and_sql(demo):
    text = run("explain", "product:Cloud Run", *WISH, "--workspace", demo, "--rows", 1).stdout
    assert text.startswith("Cloud Run: now $")
    assert "change = Σ change of cost on these rows" in text
    assert "input cloud_run.api.min_instances = 1 instance" in text
    assert "FROM `PROJECT.DATASET.gcp_billing_export_resource_v1_" in text


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [("colour:red", "is no figure"), ("month:jan", "is not a month"), ("lever:cache", "is not moved by this scenario")],
)
def test_what_is_no_figure_is_a_sentence(demo, figure, sentence):
    done = run("explain", figure, *WISH, "--workspace", demo, "--json", code=1)
    assert sentence in done.stderr
    assert sentence in json.loads(done.stdout)["error"]
