"""Each folder is a story: a bill, what describes it, a scenario, and the figures that ``simulate --json`` gives.

``make golden`` rewrites ``expected.json`` after a wanted change of numbers; the diff is then read like code.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli

HERE = Path(__file__).parent
STORIES = sorted(path.parent for path in HERE.glob("*/story.json"))
PLACES = Decimal("0.0001")


def run(*arguments):
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def simulated(folder, workspace):
    """The story's bill imported into a workspace of its own, and its scenario judged."""
    told = json.loads((folder / "story.json").read_text())
    bill = "demo" if told["bill"] == "demo" else folder / told["bill"]
    described = ["--inventory", folder / "inventory"] if (folder / "inventory").exists() else []
    described += ["--queries", folder / "queries.csv"] if (folder / "queries.csv").exists() else []
    run("import", bill, *described, "--workspace", workspace, "--json")
    scenario = folder / told.get("scenario", "scenario.toml")
    months = ["--months", told["months"]] if "months" in told else []
    return run("simulate", "--scenario", scenario, *months, "--workspace", workspace, "--json")


def figures(document):
    """What a person would check; money to a hundredth of a cent, ratios to six digits."""
    sides = {side: _breakdown(document[side]) for side in ("baseline", "outcome")}
    return {
        **{name: document[name] for name in ("fingerprint", "months", "currency", "basis", "notes")},
        **sides,
        "saving": _money(document["saving"]),
        "interaction": _money(document["interaction"]),
        "levers": {e["lever"]: [_money(e["alone"]), _money(e["in_sequence"])] for e in document["levers"]},
        "guardrails": [
            [e["resource"], e["name"], _number(e["value"]), _number(e["limit"]), e["passed"]]
            for e in document["guardrails"]
        ],
        "changes": {e["key"]: [_number(e["before"]), _number(e["after"])] for e in document["changes"]},
        "commitments": {e["name"]: {k: _number(v) for k, v in e["existing"].items()} for e in document["commitments"]},
    }


def _breakdown(side):
    return {
        "total": {k: _money(v) for k, v in side["total"].items() if k != "currency"},
        **{by: {key: _money(costs["headline"]) for key, costs in sorted(side[by].items())}
           for by in ("by_month", "by_product", "by_project")},
    }  # fmt: skip


def _money(text):
    return str(Decimal(text).quantize(PLACES) + 0)


def _number(value):
    return float(f"{value:.6g}") if isinstance(value, float) else value


@pytest.mark.parametrize("folder", STORIES, ids=lambda folder: folder.name)
def test_story(folder, tmp_path, request):
    found = figures(simulated(folder, tmp_path))
    expected = folder / "expected.json"
    if request.config.getoption("--golden-update"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    assert found == json.loads(expected.read_text())


def outcome_of(name):
    return json.loads((HERE / name / "expected.json").read_text())


def test_the_tiny_service_saves_what_its_readme_counts_by_hand():
    assert outcome_of("tiny_service")["saving"] == "2.6100"


def test_both_billing_models_of_a_commitment_tell_the_same_story():
    legacy, new = outcome_of("commitment_legacy"), outcome_of("commitment_new")
    for side in ("baseline", "outcome"):
        assert legacy[side]["total"]["headline"] == new[side]["total"]["headline"]
    assert legacy["saving"] == new["saving"] == "0.8000"


def test_a_new_cache_is_priced_at_the_bills_own_rate():
    """1 GiB of basic Redis, 0.049 USD an hour, 744 hours, 0.9 EUR a dollar."""
    assert outcome_of("euro_bill")["outcome"]["by_product"]["Memorystore for Redis"] == "32.8104"


def test_a_queue_and_a_bill_are_tidied_as_the_readme_counts_by_hand():
    told = outcome_of("tidy_up")
    operations = 14.40 * (1 - 2 / (1 + (1 - 0.2**5) / 0.8))
    assert told["levers"]["tasks"][0] == f"{operations:.4f}"
    assert told["levers"]["housekeeping"][0] == f"{17.44 + 25 + 1 + 1.5 + 49:.4f}"
