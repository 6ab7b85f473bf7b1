"""Finance on the command line: flow tables, and the months ahead of a simulation."""

import json
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from model.finance import judge
from model.uncertainty import Quantiles, TornadoBar, Uncertainty
from pages.parts import terminal_finance
from tests.command_line import run

STORY = Path(__file__).parent / "golden" / "tiny_service"
MONEY = re.compile(r"^-?\d+\.\d{9}$")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    run("import", STORY / "bill.csv", "--inventory", STORY / "inventory", "--workspace", folder)
    return folder


def test_flows_are_judged_as_the_model_judges_them(tmp_path):
    table = tmp_path / "flows.csv"
    table.write_text("month,amount\n12,30\n0,-100\n6,90.5\n")
    told = json.loads(run("finance", "--flows", table, "--rate", "0.08", "--json").stdout)
    flows = [-100.0, *[0.0] * 5, 90.5, *[0.0] * 5, 30.0]
    figures = judge(flows, 0.08)
    assert {"npv", "irr_annual", "payback_months", "discounted_payback_months", "roi", "convention"} <= set(told)
    assert MONEY.match(told["npv"])
    assert float(told["npv"]) == pytest.approx(figures.npv, abs=1e-8)
    assert (told["irr_annual"], told["payback_months"], told["roi"]) == (
        figures.irr_annual, figures.payback_months, figures.roi,
    )  # fmt: skip
    assert told["version"] == 1
    text = run("finance", "--flows", table, "--rate", "0.08").stdout
    assert "NPV" in text
    assert "Payback after" in text


def test_the_sample_reads(tmp_path):
    sample = Path(__file__).parents[1] / "data" / "samples" / "flows.csv"
    told = json.loads(run("finance", "--flows", sample, "--rate", "0.08", "--workspace", tmp_path, "--json").stdout)
    assert 12.0 < told["payback_months"] < told["discounted_payback_months"] < 18.0


@pytest.mark.parametrize(
    ("text", "rate", "words"),
    [
        ("month,amount\n0,-1\nx,3\n", "0.1", ("line 3", "column month")),
        ("month,amount\n0,-1\n1,1;5\n", "0.1", ("line 3", "column amount")),
        ("month,amount\n0,-1\n", "-1", ("0.08",)),
        ("month,amount\n0,-1e308\n1,1e308\n2,1e308\n", "0.1", ("month 0 is beyond",)),
    ],
)
def test_what_is_wrong_ends_in_one_sentence_and_exit_1(tmp_path, text, rate, words):
    table = tmp_path / "flows.csv"
    table.write_text(text)
    done = run("finance", "--flows", table, f"--rate={rate}", "--json", code=1)
    assert all(word in done.stderr for word in words)
    assert json.loads(done.stdout)["error"] == done.stderr.strip()
    run("finance", "--flows", table, code=2)


def test_a_simulation_holds_the_figures_and_the_months_ahead(shop):
    changes = ("--set", "cloud_run.api.min_instances=1", "--set", "finance.one_off_cost=1.5")
    told = json.loads(run("simulate", *changes, "--workspace", shop, "--json").stdout)
    ahead = told["projection"]["by_month"]
    assert len(ahead) == 36
    average = Decimal(told["baseline"]["total"]["headline"]) / len(told["months"])
    assert all(abs(Decimal(row["baseline"]) - average) < Decimal("1e-8") for row in ahead)
    flows = [-1.5, *(float(row["flow"]) for row in ahead)]
    assert float(told["finance"]["npv"]) == pytest.approx(judge(flows, 0.08).npv, abs=1e-6)
    assert all(MONEY.match(row[key]) for row in ahead for key in ("baseline", "after_usage", "flow", "discounted"))
    assert told["uncertainty"] is None


def test_draws_are_told_with_their_seed_and_come_out_the_same(shop):
    changes = ("--set", "cloud_run.api.min_instances=1", "--draws", "1000", "--workspace", shop)
    first, again = (json.loads(run("simulate", *changes, "--json").stdout)["uncertainty"] for _ in range(2))
    assert first == again
    assert (first["draws"], len(first["by_month"])) == (1000, 36)
    assert Decimal(first["npv"]["p10"]) <= Decimal(first["npv"]["p50"]) <= Decimal(first["npv"]["p90"])
    text = run("simulate", *changes).stdout
    assert "P10" in text
    assert "probability of loss" in text


def test_a_bar_says_whose_assumption_it_is():
    bar = TornadoBar("cloud_run.api.burstiness", "Burstiness", 0.0, 4.0, 90.0, 110.0)
    spread = Quantiles(1.0, 2.0, 3.0)
    drawn = Uncertainty(10, 1, spread, spread, np.zeros((36, 3)), 0.0, (bar,), None, ())
    assert "  api: Burstiness: NPV $90.00 at 0, $110.00 at 4" in terminal_finance.drawn_lines(drawn, "USD")
