"""Exported scripts judged by others: shellcheck, gcloud's own linter, and the real gcloud against a recording fake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exports.gcloud import apply_script, rollback_script, verify_script
from tests.exports.sample_plans import BY_HAND, EVERYTHING, change, plan
from tests.oracles.discovery import problems
from tests.oracles.google_fake import GoogleFake, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
needs_gcloud = pytest.mark.skipif(
    not (shutil.which("gcloud") and shutil.which("openssl")),
    reason="gcloud or openssl is missing: what the scripts ask of Google is NOT judged here",
)
SCRIPTS = {"apply.sh": apply_script, "verify.sh": verify_script, "rollback.sh": rollback_script}
WHOLE = plan(*EVERYTHING, *BY_HAND)
REDIS = "/v1/projects/p/locations/l/instances/i"
SQL = "/sql/v1beta4/projects/p/instances/i"
SERVICE = "/apis/serving.knative.dev/v1/namespaces/demo/services/api"


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleFake]:
    with GoogleFake(tmp_path_factory.mktemp("google")) as fake:
        yield fake


def run(fake: GoogleFake, script: str, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    path = fake.folder / "script.sh"
    path.write_text(script)
    return subprocess.run(
        ["bash", str(path), *options],
        env={**os.environ, **fake.environment(), "CLOUDLEVER_LOG": str(fake.folder / "log")},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def differences(old: Any, new: Any, where: str = "") -> dict[str, Any]:
    """Path → new value, for everything that two documents do not have in common."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        old, new = dict(enumerate(old)), dict(enumerate(new))
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return {} if old == new else {where: new}
    found: dict[str, Any] = {}
    for key in sorted({*old, *new}, key=str):
        found |= differences(old.get(key), new.get(key), f"{where}/{key}")
    return found


def asked_of(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What differs between two Cloud Run services, without the server's own and the marks that gcloud leaves."""
    return {
        path: value
        for path, value in differences(old, new).items()
        if "client-" not in path
        and "client.knative.dev" not in str(value)
        and not path.startswith(("/status", "/metadata/generation"))
    }


@needs_gcloud
def test_the_scripts_ask_google_for_exactly_the_plans_changes_and_back(google: GoogleFake) -> None:
    google.restart()
    before = json.loads(json.dumps(google.state))

    assert run(google, apply_script(WHOLE)).returncode == 0
    assert google.requests == []

    assert run(google, verify_script(WHOLE)).returncode == 3
    assert google.changes == []

    applied = run(google, apply_script(WHOLE), "--execute", "--yes", "--all-at-once")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert google.rejected == []
    service, sql, cache, queue, database = google.changes
    assert (service.method, service.path) == ("PUT", SERVICE)
    template = "/spec/template"
    annotations = f"{template}/metadata/annotations/"
    limits = f"{template}/spec/containers/0/resources/limits"
    assert asked_of(before[SERVICE], service.body) == {
        f"{annotations}autoscaling.knative.dev/minScale": "1",
        f"{annotations}autoscaling.knative.dev/maxScale": "20",
        f"{annotations}run.googleapis.com/cpu-throttling": "False",
        f"{template}/spec/containerConcurrency": 40,
        f"{limits}/cpu": "1",
        f"{limits}/memory": "2Gi",
    }
    assert sql.method == "PATCH"
    assert differences({"kind": "sql#instance", "name": "main", "project": "demo"}, sql.body) == {
        "/settings": {"kind": "sql#settings", "tier": "db-custom-4-32768", "availabilityType": "ZONAL"}
    }
    assert (cache.method, cache.query["instanceId"], cache.body["memorySizeGb"], cache.body["tier"]) == (
        "POST",
        ["sessions"],
        5,
        "STANDARD_HA",
    )
    assert queue.query["updateMask"] == ["rateLimits.maxDispatchesPerSecond,retryConfig.maxAttempts"]
    assert (queue.body["rateLimits"], queue.body["retryConfig"]) == (
        {"maxDispatchesPerSecond": 50.5},
        {"maxAttempts": 5},
    )
    assert database.body["pointInTimeRecoveryEnablement"] == "POINT_IN_TIME_RECOVERY_DISABLED"

    assert run(google, verify_script(WHOLE)).returncode == 0
    again = run(google, apply_script(WHOLE), "--execute", "--yes", "--all-at-once")
    assert (again.returncode, len(google.changes)) == (0, 5), again.stdout

    back = run(google, rollback_script(WHOLE), "--execute", "--yes", "--all-at-once", stdin="sessions\n")
    assert back.returncode == 0, back.stdout + back.stderr
    assert google.rejected == []
    assert google.state.keys() == before.keys()
    assert asked_of(before[SERVICE], google.state[SERVICE]) == {
        f"{annotations}run.googleapis.com/cpu-throttling": "True",
        f"{limits}/cpu": "2",
    }
    for path in before.keys() - {SERVICE}:
        assert [where for where in differences(before[path], google.state[path]) if "/kind" not in where] == []
    container = google.state[SERVICE]["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == before[SERVICE]["spec"]["template"]["spec"]["containers"][0]["env"]
    assert container["image"] == before[SERVICE]["spec"]["template"]["spec"]["containers"][0]["image"]


@needs_gcloud
def test_a_cache_is_resized_and_a_service_minimum_lowered_where_it_is_set(google: GoogleFake) -> None:
    google.restart()
    cache = "/v1/projects/demo/locations/us-central1/instances/sessions"
    google.state[cache] = {"name": cache[4:], "tier": "BASIC", "memorySizeGb": 3, "state": "READY"}
    service = google.state[SERVICE]
    del service["spec"]["template"]["metadata"]["annotations"]["autoscaling.knative.dev/minScale"]
    service["metadata"]["annotations"]["run.googleapis.com/minScale"] = "5"
    small = plan(change("cache", "sessions", "size_gib", 3, 2), change("cloud_run", "api", "min_instances", 5, 1))
    applied = run(google, apply_script(small), "--execute", "--yes", "--all-at-once")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    resize, replace = google.changes
    assert (resize.method, resize.query["updateMask"], resize.body["memorySizeGb"]) == ("PATCH", ["memory_size_gb"], 2)
    assert replace.body["metadata"]["annotations"]["run.googleapis.com/minScale"] == "1"
    assert "autoscaling.knative.dev/minScale" not in replace.body["spec"]["template"]["metadata"]["annotations"]
    assert run(google, verify_script(small)).returncode == 0


@needs_gcloud
def test_the_fake_rejects_what_google_would(google: GoogleFake) -> None:
    google.restart()
    environment = {**os.environ, **google.environment()}
    code, _ = google.answer(Request("PATCH", "redis.googleapis.com", REDIS, {}, {"sizeOfMemory": 5}))
    assert code == 400
    missing = subprocess.run(
        ["gcloud", "redis", "instances", "describe", "none", "--region=us-central1", "--project=demo"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert missing.returncode == 1
    assert "NOT_FOUND" in missing.stderr


@pytest.mark.parametrize(
    ("method", "host", "path", "query", "body", "verdict"),
    [
        ("PATCH", "redis.googleapis.com", REDIS, {}, {"memorySizeGb": 5}, ""),
        ("PATCH", "redis.googleapis.com", REDIS, {}, {"memorySizeGb": "5"}, "number"),
        ("PATCH", "redis.googleapis.com", REDIS, {}, {"tier": "GOLD"}, "choices"),
        ("PATCH", "redis.googleapis.com", REDIS, {"mask": ["x"]}, {}, "parameter"),
        ("PATCH", "redis.googleapis.com", "/v9/projects/p", {}, {}, "no method"),
        ("PATCH", "sqladmin.googleapis.com", SQL, {}, {"settings": {"teir": "x"}}, "unknown field teir"),
        ("GET", "elsewhere.example.com", "/", {}, None, "no API"),
    ],
)  # fmt: skip
def test_discovery_documents_judge(
    method: str, host: str, path: str, query: dict[str, list[str]], body: object, verdict: str
) -> None:
    found = "; ".join(problems(method, host, path, query, body))
    assert (verdict in found) if verdict else found == ""


def lint(commands: list[str], folder: Path) -> list[bool]:
    listed = folder / "commands.json"
    listed.write_text(json.dumps([{"command_string": command} for command in commands]))
    done = subprocess.run(
        ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={listed}"],
        env={**os.environ, "CLOUDSDK_CONFIG": str(folder / "config")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [entry["success"] for entry in json.loads(done.stdout)]


def commands_of(script: str, folder: Path) -> list[str]:
    """The commands that a dry run prints, with numbers where live ones would stand."""
    (folder / "script.sh").write_text(script)
    done = subprocess.run(["bash", "script.sh"], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    lines = [line.split(": gcloud ", 1)[1] for line in done.stdout.splitlines() if ": gcloud " in line]
    return [f"gcloud {line}".replace("LIVE_MEMORY", "16GiB").replace("LIVE_VCPU", "4") for line in lines]


@needs_gcloud
def test_gclouds_own_linter_takes_every_command_and_refuses_a_damaged_one(tmp_path: Path) -> None:
    other = plan(
        change("cloud_sql", "plus", "edition", "enterprise", "enterprise_plus"),
        change("cloud_sql", "plus", "vcpu", 8, 4),
        change("cache", "old", "size_gib", 3, 2),
        change("tasks", "q", "max_concurrent_dispatches", 1000, 10),
        change("cloud_run", "b", "vcpu", 1, 0.5),
        change("cloud_sql", "plus-replica-1", "replica_of", "", "plus"),
        change("cloud_sql", "plus-replica", "replica_of", "plus", "", disruption="one_way"),
        change("firestore", "(default)", "ttl_enabled", False, True, disruption="one_way"),
        change("firestore", "(default)", "exempted_indexes", 0, 1),
    )
    (tmp_path / "firestore_fields.csv").write_text("ttl,events,expires_at\nexempt,events,payload\n")
    commands = [
        command
        for what in (WHOLE, other)
        for write in (apply_script, rollback_script)
        for command in commands_of(write(what), tmp_path)
    ]
    assert len(commands) == 30
    cache = next(command for command in commands if "--size=5" in command)
    damaged = [commands[0].replace("--cpu=", "--cpux="), cache.replace("--size=5", "--size=five")]
    verdicts = lint(commands + damaged, tmp_path)
    assert verdicts == [True] * len(commands) + [False, False]


def shellcheck(script: str) -> subprocess.CompletedProcess[str]:
    beside = Path(sys.executable).parent / "shellcheck"
    program = str(beside) if beside.exists() else shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is missing: the scripts' text is NOT judged here")
    return subprocess.run([program, "-"], input=script, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_finds_nothing(name: str) -> None:
    hostile = plan(*EVERYTHING, *BY_HAND, change("cloud_run", "$(x) `y` 'z'\n", "vcpu", 2, 1, project="", region=""))
    checked = shellcheck(SCRIPTS[name](hostile))
    assert (checked.returncode, checked.stdout) == (0, "")


def test_shellcheck_refuses_a_script_without_its_quotes() -> None:
    damaged = apply_script(WHOLE).replace('dirname "$0"', "dirname $0")
    assert "SC2086" in shellcheck(damaged).stdout
