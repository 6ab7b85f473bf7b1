"""Alerts, dashboards and budgets judged by Google's discovery documents, its protobufs, and the real gcloud."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from exports.bigquery_guard import guard_files
from exports.bundle import export_files
from exports.monitoring_json import monitoring_files
from exports.monitoring_script import monitoring_script
from tests.exports.sample_plans import SCANS, plan, whole_plan
from tests.oracles.discovery import schema_problems
from tests.oracles.google_fake import GoogleFake
from tests.oracles.test_gcloud_oracles import lint, needs_gcloud, run, shellcheck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
FILES = {path: json.loads(text) for path, text in monitoring_files(whole_plan())}
POLICY = next(path for path in FILES if "/policies/" in path)
DASHBOARD = next(path for path in FILES if "/dashboards/" in path)
BUDGET = "monitoring/budget.json"
FILTER = re.compile(r'resource\.type = "\w+"( AND [\w.]+ = (monitoring\.regex\.full_match\()?"(\\.|[^"\\])*"\)?)+')


def schema_of(path: str) -> tuple[str, str]:
    if path == BUDGET:
        return "billingbudgets.v1", "GoogleCloudBillingBudgetsV1Budget"
    return ("monitoring.v3", "AlertPolicy") if "/policies/" in path else ("monitoring.v1", "Dashboard")


@pytest.mark.parametrize("path", FILES)
def test_discovery_documents_take_every_file(path: str) -> None:
    assert schema_problems(*schema_of(path), FILES[path]) == []


@pytest.mark.parametrize(
    ("path", "where", "value"),
    [
        (POLICY, ("conditions", 0, "conditionThreshold", "comparison"), "COMPARISON_ABOVE"),
        (POLICY, ("conditions", 0, "conditionThreshold", "thresholdVal"), 1),
        (POLICY, ("userLabels",), {"a": 1}),
        (DASHBOARD, ("gridLayout", "columns"), "two"),
        (DASHBOARD, ("gridLayout", "widgets", 0, "xyChart", "dataSets", 0, "plotType"), "PIE"),
        (BUDGET, ("amount", "specifiedAmount", "units"), "6666.67"),
        (BUDGET, ("allUpdatesRule",), {}),
    ],
)
def test_damaged_files_are_refused(path: str, where: tuple[Any, ...], value: Any) -> None:
    damaged = copy.deepcopy(FILES[path])
    inner = damaged
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    assert schema_problems(*schema_of(path), damaged)


@pytest.mark.parametrize("path", [path for path in FILES if "/policies/" in path])
def test_filters_keep_to_the_grammar(path: str) -> None:
    threshold = FILES[path]["conditions"][0]["conditionThreshold"]
    for text in (threshold["filter"], threshold.get("denominatorFilter", threshold["filter"])):
        assert FILTER.fullmatch(text), text
    assert not FILTER.fullmatch(threshold["filter"].replace('"', "", 1))


def test_protobufs_take_every_file_and_refuse_an_unknown_field() -> None:
    policies = pytest.importorskip("google.cloud.monitoring_v3", reason="google-cloud-monitoring is missing")
    boards = pytest.importorskip("google.cloud.monitoring_dashboard_v1", reason="…-monitoring-dashboards is missing")
    budgets = pytest.importorskip("google.cloud.billing.budgets_v1", reason="google-cloud-billing-budgets is missing")
    from google.protobuf import json_format  # noqa: PLC0415

    kinds = {
        "monitoring.v3": policies.AlertPolicy,
        "monitoring.v1": boards.Dashboard,
        "billingbudgets.v1": budgets.Budget,
    }
    for path, document in FILES.items():
        kind = kinds[schema_of(path)[0]]
        json_format.ParseDict(document, kind.pb(kind()), ignore_unknown_fields=False)
        with pytest.raises(json_format.ParseError):
            json_format.ParseDict({**document, "displayNam": "x"}, kind.pb(kind()), ignore_unknown_fields=False)


@pytest.mark.parametrize(
    "script",
    [monitoring_script(whole_plan()), dict(guard_files(whole_plan()))["monitoring/bigquery_guard.sh"]],
    ids=["monitoring", "guard"],
)
def test_shellcheck_finds_nothing(script: str) -> None:
    checked = shellcheck(script)
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.fixture
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleFake]:
    with GoogleFake(tmp_path_factory.mktemp("google")) as fake:
        for file in export_files(whole_plan(), ["monitoring"]):
            target = fake.folder / file.path.removeprefix("monitoring/")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.content)
        yield fake


@needs_gcloud
def test_real_gcloud_sets_everything_up_once_and_takes_it_away(google: GoogleFake) -> None:
    script = monitoring_script(whole_plan())
    before = dict(google.state)
    options = ("--email", "ops@example.com")
    done = run(google, script, "--execute", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert google.rejected == []
    made = {request.path.rpartition("/")[2] for request in google.changes}
    assert made == {"notificationChannels", "alertPolicies", "dashboards", "budgets"}
    count = len(google.changes)
    policies = [request.body for request in google.changes if request.path.endswith("alertPolicies")]
    assert all(body["notificationChannels"] for body in policies)
    assert run(google, script, "--verify").returncode == 0
    assert run(google, script, "--execute", *options).returncode == 0
    assert len(google.changes) == count
    removed = run(google, script, "--remove", "--execute")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert google.state == before
    assert run(google, script, "--verify").returncode == 3


@needs_gcloud
def test_gclouds_linter_takes_every_command(tmp_path: Path) -> None:
    from tests.exports.shell_runs import Shell  # noqa: PLC0415

    shell, script = Shell(tmp_path), monitoring_script(whole_plan())
    lines: list[str] = []
    for options in ([], ["--remove"]):
        done = shell.run(script, "--email", "ops@example.com", "--billing-account", "A", *options)
        lines += [line.strip() for line in done.stdout.splitlines() if line.startswith("  gcloud")]
    lines = [*dict.fromkeys(lines)]  # the linter names each but once
    guard = dict(guard_files(plan(scans=SCANS[:1])))["monitoring/bigquery_guard.sh"]
    for options in ([], ["--remove"]):
        done = shell.run(guard, *options)
        lines += [line.strip() for line in done.stdout.splitlines() if line.startswith("  gcloud")]
    lines = [*dict.fromkeys(lines)]
    damaged = [line.replace("--policy-from-file", "--policy-of-file") for line in lines if "policies create" in line][
        :1
    ]
    assert lint(lines + damaged, tmp_path) == [True] * len(lines) + [False]
