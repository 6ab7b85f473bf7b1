"""The command line as pipelines rely on it: exit codes, one JSON document, money as text, sentences on stderr."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli
from data.workspace import Workspace
from exports.outcome_json import outcome_document
from model.outcome import evaluate
from pages.parts import session
from tests.command_line import document, run
from tests.workspace_copies import copy_of

ROOT = Path(__file__).resolve().parents[1]
STORY = ROOT / "tests" / "golden" / "tiny_service"
PHASE4 = ROOT / "data" / "samples" / "phase4_scenario.toml"
MONEY = re.compile(r"^-?\d+\.\d{9}$")
COSTS = ("list", "on_demand", "cost", "credits", "net", "effective", "headline")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A workspace with the tiny service."""
    folder = tmp_path_factory.mktemp("shop")
    run("import", STORY / "bill.csv", "--inventory", STORY / "inventory", "--workspace", folder)
    return folder


@pytest.fixture(scope="module")
def demo(imported, tmp_path_factory):
    return copy_of(imported, tmp_path_factory.mktemp("demo") / "ws")


def refused(*arguments, sentence):
    """Exit 1, the same single sentence on stderr and as "error"."""
    done = run(*arguments, "--json", code=1)
    told = json.loads(done.stdout)["error"]
    assert sentence in told
    assert done.stderr.strip().splitlines()[-1] == told


# ------------------------------------------------------------------------------------------ every command
@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help_with_an_example_of_itself(name):
    text = run(name, "--help").stdout
    assert re.search(rf"Example:\s+cli\.py\s+{name}", text), f"{name} has no example"
    assert cli.commands[name].help
    assert "--workspace" in text
    assert "--json" in text
    assert all(p.help for p in cli.commands[name].params if getattr(p, "opts", [""])[0].startswith("--")), name


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["import"], ["simulate", "--nope"], ["export"], ["scenarios", "burn"]]
)
def test_wrong_usage_is_exit_2(arguments):
    assert run(*arguments, code=2).stderr


def test_in_a_process_of_its_own_a_problem_is_a_sentence_and_never_a_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "cli.py", "simulate", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "CLOUDLEVER_WORKSPACE": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == json.loads(done.stdout)["error"]
    assert "import" in done.stderr
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------------- import
def test_import_says_what_it_read_and_counts_a_file_once(tmp_path):
    first = document("import", STORY / "bill.csv", "--workspace", tmp_path)
    source = first["sources"][0]
    assert source["kind"] == "detailed"
    assert (source["rows_read"], source["rows_accepted"], source["rows_quarantined"]) == (40, 40, 0)
    assert source["already_loaded"] is False
    assert first["totals"] == {"USD": {"cost": "5.340000000", "credits": "0.000000000", "net": "5.340000000"}}
    again = document("import", STORY / "bill.csv", "--workspace", tmp_path)
    assert again["sources"][0]["already_loaded"] is True
    assert again["totals"] == first["totals"]


@pytest.mark.parametrize("how", ["folder", "glob", "gz"])
def test_import_of_a_folder_a_glob_and_a_packed_file(how, tmp_path):
    bills = tmp_path / "bills"
    bills.mkdir()
    packed = bills / "bill.csv.gz"
    packed.write_bytes(gzip.compress((STORY / "bill.csv").read_bytes()))
    wish = {"folder": bills, "glob": bills / "*.csv.gz", "gz": packed}[how]
    found = document("import", wish, "--workspace", tmp_path / "workspace")
    assert found["totals"]["USD"]["net"] == "5.340000000"


def test_what_is_no_bill_is_refused_by_a_sentence_and_the_others_count(tmp_path):
    (tmp_path / "note.csv").write_text("a,b\n1,2\n")
    shutil.copy(STORY / "bill.csv", tmp_path)
    done = run("import", tmp_path / "note.csv", tmp_path / "bill.csv", "--workspace", tmp_path / "w", "--json", code=1)
    told = json.loads(done.stdout)
    assert "note.csv" in told["error"]
    assert told["error"] in done.stderr
    assert told["totals"]["USD"]["cost"] == "5.340000000"


def test_import_of_nothing_names_what_is_missing(tmp_path):
    refused("import", tmp_path / "none.csv", "--workspace", tmp_path, sentence="none.csv")
    refused(
        "import", STORY / "bill.csv", "--inventory", tmp_path / "no.json", "--workspace", tmp_path, sentence="no.json"
    )


def test_if_empty_leaves_a_bill_alone(shop):
    assert document("import", "demo", "--if-empty", "--workspace", shop)["sources"] == []
    assert document("totals", "--workspace", shop)["rows"][0]["net"] == "5.340000000"


# ------------------------------------------------------------------------------------- totals, reconcile
@pytest.mark.parametrize(
    "by", ["", "invoice_month", "product,region", "sku,project,cost_type", "credit_type", "usage_month"]
)
def test_totals_by_any_keys_add_up(shop, by):
    rows = document("totals", "--by", by, "--workspace", shop)["rows"]
    assert sum(Decimal(row["net"]) for row in rows) == Decimal("5.34")
    for row in rows:
        assert set(filter(None, by.split(","))) <= set(row)
        assert all(MONEY.match(row[name]) for name in ("cost", "credits", "net", "list", "on_demand", "effective"))


def test_totals_refuse_an_unknown_key(shop):
    refused("totals", "--by", "colour", "--workspace", shop, sentence="colour")


def test_reconcile_passes_fails_and_stays_open(shop, tmp_path):
    copy = tmp_path / "w"
    shutil.copytree(shop, copy)
    checks = {c["name"]: c for c in document("reconcile", "--workspace", copy)["checks"]}
    assert all(check["passed"] is not False for check in checks.values())
    assert any(check["passed"] is None for check in checks.values()), "no invoice given: not reconciled"
    (tmp_path / "right.csv").write_text("invoice_month,currency,amount\n202601,USD,5.34\n")
    right = document("reconcile", "--invoice", tmp_path / "right.csv", "--workspace", copy)["checks"]
    assert all(check["passed"] for check in right if "invoice" in check["name"])
    (tmp_path / "wrong.csv").write_text("invoice_month,currency,amount\n202601,USD,6.34\n")
    wrong = document("reconcile", "--invoice", tmp_path / "wrong.csv", "--workspace", copy, code=1)["checks"]
    failed = [check for check in wrong if check["passed"] is False]
    assert [abs(Decimal(check["residual"])) for check in failed] == [Decimal(1)]


# ------------------------------------------------------------------------------------ settings, simulate
def test_settings_list_every_parameter_as_declared(shop):
    told = document("settings", "--workspace", shop)
    found = {p["key"]: p for p in told["parameters"]}
    fields = {"key", "title", "unit", "kind", "current", "minimum", "maximum", "choices", "default_from", "configures",
              "evidence"}  # fmt: skip
    assert all(fields <= set(p) for p in told["parameters"])
    assert found["cloud_run.api.min_instances"]["current"] == 3
    assert found["cloud_sql.db.vcpu"]["current"] == 8
    assert {p["kind"] for p in told["parameters"]} <= {"setting", "assumption", "fact"}
    assert {p["evidence"] for p in told["parameters"]} <= {"measured", "modelled", "asserted"}
    assert found["finance.one_off_cost"]["unit"] == "USD"
    assert "tasks" in told["not_in_this_bill"]


def test_simulate_holds_what_the_contract_names(shop):
    told = document("simulate", "--scenario", STORY / "scenario.toml", "--workspace", shop)
    assert told["basis"] == "effective cost before tax, promotions and rounding"
    assert told["months"] == ["202601"]
    assert re.fullmatch(r"[0-9a-f]{12}", told["fingerprint"])
    for side in ("baseline", "outcome"):
        for by in ("by_month", "by_product", "by_project"):
            for name in COSTS:
                assert MONEY.match(told[side]["total"][name])
                parts = sum(Decimal(costs[name]) for costs in told[side][by].values())
                assert parts == Decimal(told[side]["total"][name])
        assert told[side]["total"]["currency"] == "USD"
    assert sum(Decimal(lever["in_sequence"]) for lever in told["levers"]) == Decimal(told["saving"])
    assert {"name", "limit", "value", "passed", "sentence"} <= set(told["guardrails"][0])
    assert {"shortfall_hours", "rejected_share", "p95_wait_s", "cold_starts_per_day"} <= set(told["risks"][0])
    assert {"finance", "calibration", "interaction"} <= set(told)


@pytest.mark.parametrize("method", ["causal", "shapley"])
def test_simulate_shares_the_saving_out_to_the_nano(demo, method):
    told = document("simulate", "--scenario", PHASE4, "--set", "commitments.compute_flexible.term=1y",
                    "--attribution", method, "--workspace", demo)  # fmt: skip
    shared = told["attribution"]
    assert shared["method"] == method
    assert sum(Decimal(cell["saving"]) for cell in shared["cells"]) == Decimal(told["saving"])
    assert sum(Decimal(amount) for amount in shared["by_lever"].values()) == Decimal(told["saving"])
    pairs = sum(Decimal(pair["interaction"]) for pair in shared["interactions"])
    assert pairs + Decimal(shared["interaction_of_three_and_more"]) == Decimal(told["interaction"])


def test_recommend_holds_what_the_contract_names_and_keeps_the_plan(shop, tmp_path):
    target = tmp_path / "plan.toml"
    told = document("recommend", "--risk", "careful", "--save", "Best", "--out", target, "--workspace", shop)
    assert {"scenario", "outcome", "frontier", "binding", "evaluations", "missing", "left_alone"} <= set(told)
    assert told["evaluations"] > 1
    assert all(guardrail["passed"] is not False for guardrail in told["outcome"]["guardrails"])
    worths = [Decimal(point["npv"]) for point in told["frontier"]]
    assert worths == sorted(worths)
    again = document("simulate", "--scenario", target, "--workspace", shop)
    assert again["fingerprint"] == told["scenario"]["fingerprint"] == told["outcome"]["fingerprint"]
    assert again["saving"] == told["outcome"]["saving"]
    assert "Best" in {row["name"] for row in document("scenarios", "list", "--workspace", shop)["scenarios"]}
    run("scenarios", "delete", "Best", "--workspace", shop)
    refused("recommend", "--set", "cloud_run.nope.vcpu=1", "--workspace", shop, sentence="names nothing in this bill")


def test_set_wins_over_the_file_and_a_star_reaches_every_service(demo):
    told = document("simulate", "--set", "cloud_run.*.min_instances=2", "--set", "cloud_run.api.min_instances=3",
                    "--workspace", demo)  # fmt: skip
    after = {change["key"]: change["after"] for change in told["changes"]}
    assert after == {f"cloud_run.{name}.min_instances": n for name, n in (("api", 3), ("renderer", 2), ("worker", 2))}


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ("cloud_run.api.mininstances=1", "Did you mean cloud_run.api.min_instances?"),
        ("nothing.like=1", "names nothing in this bill"),
        ("cloud_run.api.min_instances=-1", "outside"),
        ("cloud_run.api.min_instances=many", "needs a number"),
        ("cloud_run.api.billing_mode=free", "choose one of"),
        ("cloud_run.api.min_instances", "needs KEY=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_mending(shop, wish, sentence):
    refused("simulate", "--set", wish, "--workspace", shop, sentence=sentence)


def test_months_and_currency(demo):
    told = document("simulate", "--months", "202512,202511", "--workspace", demo)
    assert told["months"] == ["202511", "202512"]
    assert set(told["baseline"]["by_month"]) == {"202511", "202512"}
    refused("simulate", "--months", "199901", "--workspace", demo, sentence="199901")
    refused("simulate", "--months", "soon", "--workspace", demo, sentence="'soon' is not a month")
    refused("simulate", "--currency", "EUR", "--workspace", demo, sentence="EUR")
    refused("simulate", "--scenario", "nobody", "--workspace", demo, sentence="nobody")


def test_strict_is_exit_3_when_a_guardrail_breaks(demo):
    loose = document("simulate", "--scenario", PHASE4, "--workspace", demo)
    strict = document("simulate", "--scenario", PHASE4, "--strict", "--workspace", demo, code=3)
    assert loose == strict
    assert any(guardrail["passed"] is False for guardrail in strict["guardrails"])
    document("simulate", "--strict", "--workspace", demo)


def test_command_line_and_pages_show_the_same_figures_to_the_last_digit(demo):
    """The pages call session and evaluate; the command line prints what these give."""
    workspace = Workspace(demo)
    bill = session.load_bill(workspace)
    outcome = evaluate(bill, session.find_scenario(workspace, str(PHASE4), (), bill))
    expected = json.loads(json.dumps(outcome_document(outcome), default=str))
    assert document("simulate", "--scenario", PHASE4, "--workspace", demo) == expected
    assert session.plan_of(outcome).outcome_nanos == outcome.result.total.headline


# ------------------------------------------------------------------------------------ export, scenarios
@pytest.mark.parametrize("target", ["plan", "plan.zip"])
def test_export_into_a_folder_and_a_zip(shop, tmp_path, target):
    out = tmp_path / target
    told = document("export", "--scenario", STORY / "scenario.toml", "--out", out, "--workspace", shop)
    simulated = document("simulate", "--scenario", STORY / "scenario.toml", "--workspace", shop)
    assert told["fingerprint"] == simulated["fingerprint"]
    names = zipfile.ZipFile(out).namelist() if out.suffix else [
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    ]  # fmt: skip
    assert {entry["path"] for entry in told["files"]} <= set(names)
    assert all(re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) for entry in told["files"])


def test_an_exported_scenario_prices_the_same(shop, tmp_path):
    document("export", "--scenario", STORY / "scenario.toml", "--out", tmp_path, "--workspace", shop)
    again = next(path for path in tmp_path.rglob("*.toml"))
    first = document("simulate", "--scenario", STORY / "scenario.toml", "--workspace", shop)
    assert document("simulate", "--scenario", again, "--workspace", shop) == first


@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet", "focus"])
def test_what_finance_needs_is_a_kind_of_its_own(shop, tmp_path, kind):
    told = document(
        "export", "--scenario", STORY / "scenario.toml", "--out", tmp_path, "--only", kind, "--workspace", shop
    )
    assert {entry["kind"] for entry in told["files"]} == {kind}
    assert all((tmp_path / entry["path"]).stat().st_size for entry in told["files"])
    assert all(entry["path"].startswith("finance/") for entry in told["files"])


def test_export_of_an_unknown_kind_is_refused(shop, tmp_path):
    refused("export", "--out", tmp_path, "--only", "bogus", "--workspace", shop, sentence="bogus")


def test_scenarios_are_saved_listed_shown_used_and_deleted(shop):
    saved = document("scenarios", "save", "Small", "--scenario", STORY / "scenario.toml", "--workspace", shop)
    listed = document("scenarios", "list", "--workspace", shop)["scenarios"]
    assert [(each["name"], each["fingerprint"]) for each in listed] == [("Small", saved["fingerprint"])]
    assert "cloud_run.api.min_instances" in document("scenarios", "show", "Small", "--workspace", shop)["toml"]
    assert document("simulate", "--scenario", "Small", "--workspace", shop)["fingerprint"] == saved["fingerprint"]
    document("scenarios", "delete", "Small", "--workspace", shop)
    refused("scenarios", "show", "Small", "--workspace", shop, sentence="no saved scenario")
    refused("scenarios", "save", "--workspace", shop, sentence="--scenario FILE")


def test_doctor_names_what_is_missing_and_how_to_mend_it(tmp_path):
    checks = json.loads(
        CliRunner().invoke(cli, ["doctor", "--workspace", str(tmp_path), "--json"], catch_exceptions=False).stdout
    )["checks"]
    assert checks
    assert all({"name", "ok", "detail", "mend"} <= set(check) for check in checks)
    assert all(check["mend"] for check in checks if not check["ok"])
