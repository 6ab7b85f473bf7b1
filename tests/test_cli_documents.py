"""Every document of the command line keeps its published schema, damaged it does not; ``report`` writes a whole set."""

import copy
import hashlib
import json
import re
import zipfile

import pytest

from pages.parts.session import SAMPLES
from tests.command_line import document, run
from tests.exports.published_schemas import problems
from tests.workspace_copies import copy_of

SETTINGS = ("--set", "cloud_run.api.min_instances=1", "--set", "commitments.firestore.term=1y")
MONEY = re.compile(r"-?\d+\.\d{9}")
COMMANDS = {
    "totals": ("totals", "--by", "invoice_month,product"),
    "reconcile": ("reconcile",),
    "settings": ("settings",),
    "simulate": ("simulate", *SETTINGS, "--draws", "200"),
    "commitments": ("commitments", *SETTINGS),
    "finance": ("finance", "--flows", SAMPLES / "flows.csv", "--rate", "0.08"),
    "explain": ("explain", "product:Cloud Run", "--rows", "2", *SETTINGS),
    "audit": ("audit", SAMPLES / "phase4_claims.toml"),
    "roadmap": ("roadmap", *SETTINGS),
    "anomalies": ("anomalies",),
    "backtest": ("backtest", "--tune", "anomaly"),
    "watch": ("watch", "--digest"),
    "doctor": ("doctor",),
}
OPTIONAL = {("manifest", "out")}


@pytest.fixture(scope="module", name="demo")
def _demo(imported, tmp_path_factory):
    return copy_of(imported, tmp_path_factory.mktemp("demo") / "ws")


@pytest.fixture(scope="module", name="reported")
def _reported(demo, tmp_path_factory):
    """The set of a plan on disc, and what the command printed."""
    target = tmp_path_factory.mktemp("reports") / "set"
    return target, document("report", "--out", target, "--workspace", demo, *SETTINGS)


def mutants(name, found):
    """A document without each of its names, of another version, and with an amount as a number."""
    for key in found:
        if (name, key) not in OPTIONAL:
            yield f"without {key}", {each: value for each, value in found.items() if each != key}
    yield "version 2", {**found, "version": 2}
    changed = copy.deepcopy(found)
    if _first_amount_as_number(changed):
        yield "an amount as a number", changed


def _first_amount_as_number(node):
    places = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for place, value in list(places):
        if isinstance(value, str) and MONEY.fullmatch(value):
            node[place] = float(value)
            return True
        if _first_amount_as_number(value):
            return True
    return False


@pytest.mark.parametrize("name", COMMANDS)
def test_documents_keep_their_schemas_and_damaged_ones_do_not(name, demo):
    found = document(*COMMANDS[name], "--workspace", demo)
    assert problems(name, found) == []
    for what, mutant in mutants(name, found):
        assert problems(name, mutant), what


def test_the_report_command_writes_every_file_that_it_names(reported):
    target, told = reported
    assert problems("manifest", told) == []
    for what, mutant in mutants("manifest", told):
        assert problems("manifest", mutant), what
    for each in told["files"]:
        content = (target / each["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"], each["path"]
    paths = {each["path"] for each in told["files"]}
    for name in ("implementation-guide", "executive-report", "quick-reference"):
        assert {f"{name}.md", f"{name}.html", f"{name}.pdf"} <= paths
    assert {
        "README.md", "report.json", "levers/cloud_run.json", "levers/commitments.json", "summary.pdf", "summary.pptx",
        "commitments/memo.pdf", "plan/apply.sh", "plan/plan.json", "plan/finance/plan.xlsx", "plan/roadmap/roadmap.ics",
    } <= paths  # fmt: skip


def test_documents_of_the_set_keep_their_schemas(reported):
    target, _ = reported
    report = json.loads((target / "report.json").read_text())
    assert problems("report", report) == []
    assert report["financial_summary"]["uncertainty"]["draws"] == 10_000
    assert len(report["monthly_trend"]["whole_bill_with_tax"]) >= 6
    for path in (target / "levers").iterdir():
        assert problems("lever_report", json.loads(path.read_text())) == [], path.name
    for path in ("plan", "manifest"):
        assert problems(path, json.loads((target / "plan" / f"{path}.json").read_text())) == []


def test_the_report_says_what_simulate_says_and_links_to_what_is_there(reported, demo):
    target, told = reported
    simulated = document("simulate", "--workspace", demo, *SETTINGS)
    report = json.loads((target / "report.json").read_text())
    assert told["fingerprint"] == report["fingerprint"] == simulated["fingerprint"]
    assert report["summary"]["saving"] == simulated["saving"]
    assert [task["in_sequence"] for task in report["tasks"]] == [each["in_sequence"] for each in simulated["levers"]]
    for markdown in target.glob("*.md"):
        for drawing in re.findall(r"\]\((charts/[^)]+)\)", markdown.read_text()):
            assert (target / drawing).is_file()


def test_a_set_can_be_one_zip_and_a_target_that_cannot_be_written_is_told(demo, tmp_path):
    run("report", "--out", tmp_path / "set.zip", "--workspace", demo)
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        names = archive.namelist()
        assert "changes no setting" in archive.read("executive-report.md").decode()
    assert {"report.json", "plan/README.md"} <= set(names)
    assert "summary.pptx" not in names
    (tmp_path / "taken").write_text("")
    refused = run("report", "--out", tmp_path / "taken", "--workspace", demo, code=1)
    assert "cannot be written" in refused.stderr
