"""Complete HCL from descriptions: no configured field is dropped, the plan's alone change, what was cut refuses."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from exports.bundle import Beside, ExportError, export_files
from exports.described import DescribedRefused, read_described
from exports.terraform import terraform_files
from exports.terraform_whole import whole_files
from tests.exports.sample_descriptions import FIRESTORE, JSON_FILES, REDIS, RUN_EXPORT, SQL, TASKS
from tests.exports.sample_plans import change, plan, whole_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.lever import PlanChange

RUN: dict[str, Any] = YAML(typ="safe").load(RUN_EXPORT)
OF_ONE: dict[str, tuple[dict[str, Any], PlanChange]] = {
    "cloud_run": (RUN, change("cloud_run", "api", "max_instances", 50, 20)),
    "cloud_sql": (SQL, change("cloud_sql", "main", "availability", "regional", "zonal")),
    "cache": (REDIS, change("cache", "old", "size_gib", 3, 2)),
    "tasks": (TASKS, change("tasks", "jobs", "max_attempts", 100, 5)),
    "firestore": (FIRESTORE, change("firestore", "(default)", "pitr_enabled", True, False)),
}
NOT_CONFIGURED = {
    "cloud_run": {"apiVersion", "client.knative.dev/nonce", "namespace",
                  "run.googleapis.com/ingress-status", "run.googleapis.com/startupProbeType",
                  "autoscaling.knative.dev/maxScale"},
    "cloud_sql": {"backendType", "connectionName", "createTime", "databaseInstalledVersion", "etag", "gceZone", "kind",
                  "activeQueryEnabled", "entitled", "ipAddress", "type", "replicaNames", "selfLink", "cert",
                  "serviceAccountEmailAddress", "sqlNetworkArchitecture", "state", "settingsVersion",
                  "replicationLogArchivingEnabled", "transactionalLogStorageState", "replicationType", "requireSsl",
                  "availabilityType"},
    "cache": {"createTime", "updateTime", "currentLocationId", "host", "port", "duration", "id", "zone", "state",
              "rdbNextSnapshotTime", "persistenceIamIdentity", "memorySizeGb"},
    "tasks": {"purgeTime", "maxBurstSize", "maxAttempts"},
    "firestore": {"createTime", "updateTime", "earliestVersionTime", "etag", "freeTier", "keyPrefix", "uid",
                  "versionRetentionPeriod", "pointInTimeRecoveryEnablement"},
}  # fmt: skip
"""What only Google sets, what another field says too, and what the plan sets itself."""


def leaves(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, (*path, key))
    elif isinstance(body, list) and body:
        for i, value in enumerate(body):
            yield from leaves(value, (*path, i))
    elif not isinstance(body, list):
        yield path


def changed(body: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    found: Any = copy.deepcopy(body)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    old = inner[path[-1]]
    inner[path[-1]] = (not old) if isinstance(old, bool) else old + 1 if isinstance(old, int | float) else f"{old}7"
    return found


def whole(body: dict[str, Any], *changes: PlanChange) -> str:
    """All files of a description, as one text."""
    described = read_described("it.json", json.dumps(body).encode())
    return "\n".join(text for _, text in whole_files(plan(*changes), described))


@pytest.mark.parametrize("lever", OF_ONE)
def test_every_configured_field_of_a_description_is_in_the_file_or_refuses_it(lever: str) -> None:
    body, one = OF_ONE[lever]
    as_it_is = whole(body, one)
    without_effect = set()
    for path in leaves(body):
        try:
            same = whole(changed(body, path), one) == as_it_is
        except DescribedRefused:
            same = False
        if same:
            without_effect.add([key for key in path if isinstance(key, str)][-1])
    assert without_effect == NOT_CONFIGURED[lever]


@pytest.mark.parametrize("lever", OF_ONE)
def test_a_field_that_is_not_known_refuses_with_its_name(lever: str) -> None:
    body, one = OF_ONE[lever]
    inner = {"cloud_run": ("spec", "template", "spec"), "cloud_sql": ("settings",), "tasks": ("retryConfig",)}
    for path in {(), inner.get(lever, ())}:
        damaged = copy.deepcopy(body)
        place: Any = damaged
        for key in path:
            place = place[key]
        place["shinyNewThing"] = {"enabled": False}
        with pytest.raises(DescribedRefused, match="shinyNewThing is not known to this export"):
            whole(damaged, one)


@pytest.mark.parametrize(
    ("lever", "path"),
    [("cloud_run", ("spec", "traffic")), ("cloud_sql", ("settings", "ipConfiguration")), ("cache", ("connectMode",)),
     ("tasks", ("rateLimits",)), ("firestore", ("uid",))],
)  # fmt: skip
def test_a_description_that_was_cut_is_refused(lever: str, path: tuple[str, ...]) -> None:
    body, one = OF_ONE[lever]
    damaged = copy.deepcopy(body)
    place: Any = damaged
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    with pytest.raises(DescribedRefused, match=r"so it was cut: give the whole output of gcloud"):
        whole(damaged, one)


def test_only_the_plans_attributes_differ_from_what_is_live() -> None:
    before = whole(RUN, change("cloud_run", "api", "max_instances", 50, 50)).splitlines()
    after = whole(
        RUN, change("cloud_run", "api", "max_instances", 50, 20), change("cloud_run", "api", "vcpu", 2, 1)
    ).splitlines()
    pairs = [(old.split(), new.split()) for old, new in zip(before, after, strict=True) if old != new]
    assert pairs == [
        (["max_instance_count", "=", "50"], ["max_instance_count", "=", "20"]),
        (["cpu", "=", '"2000m"'], ["cpu", "=", '"1"']),
    ]
    assert '"256Mi"' in "".join(after)


@pytest.mark.parametrize(
    ("service", "revision", "wanted"), [("5", None, "service"), ("5", "3", "both"), (None, "3", "revision")]
)
def test_a_minimum_is_changed_where_it_stands(service: str | None, revision: str | None, wanted: str) -> None:
    body = copy.deepcopy(RUN)
    notes = body["spec"]["template"]["metadata"]["annotations"]
    del notes["autoscaling.knative.dev/minScale"]
    if revision:
        notes["autoscaling.knative.dev/minScale"] = revision
    if service:
        body["metadata"]["annotations"]["run.googleapis.com/minScale"] = service
    text = whole(body, change("cloud_run", "api", "min_instances", 5, 1))
    assert text.count("min_instance_count = 1") == {"service": 1, "both": 2, "revision": 1}[wanted]
    outer = text.partition("  template {")[0]
    assert ("min_instance_count = 1" in outer) == (wanted != "revision")


@pytest.mark.parametrize(
    ("tier", "wanted", "after"),
    [
        ("db-custom-8-32768", {"vcpu": 4}, "db-custom-4-32768"),
        ("db-custom-8-32768", {"memory_gib": 16}, "db-custom-8-16384"),
        ("db-perf-optimized-N-8", {"vcpu": 4}, "db-perf-optimized-N-4"),
        ("db-custom-8-32768", {"vcpu": 4, "edition": "enterprise_plus"}, "db-perf-optimized-N-4"),
        ("db-perf-optimized-N-8", {"vcpu": 4, "memory_gib": 16, "edition": "enterprise"}, "db-custom-4-16384"),
    ],
)
def test_half_a_size_takes_the_other_half_from_the_description(tier: str, wanted: dict[str, Any], after: str) -> None:
    body = changed(SQL, ("settings", "settingsVersion"))
    body["settings"]["tier"] = tier
    text = whole(body, *(change("cloud_sql", "main", name, None, value) for name, value in wanted.items()))
    assert f'"{after}"' in text


@pytest.mark.parametrize("tier", ["db-f1-micro", "db-n1-standard-8"])
def test_a_size_that_does_not_follow_is_refused(tier: str) -> None:
    body = changed(SQL, ("etag",))
    body["settings"]["tier"] = tier
    with pytest.raises(DescribedRefused, match="does not follow from the tier"):
        whole(body, change("cloud_sql", "main", "memory_gib", 32, 16))


def test_what_would_be_destroyed_is_kept_and_the_readme_says_so() -> None:
    found = [each for name, body in JSON_FILES.items() for each in read_described(name, json.dumps(body).encode())]
    found += read_described("api.yaml", RUN_EXPORT.encode())
    files = dict(terraform_files(whole_plan(change("cache", "old", "size_gib", 3, 2)), found))
    blocks = [text for path, text in files.items() if path.startswith("terraform/whole/")]
    assert "".join(blocks).count("prevent_destroy = true") == 5
    imported = re.findall(r"to = (\S+)", files["terraform/whole/imports.tf"])
    assert len(imported) == 5
    declared = re.findall(r'^resource "(\S+)" "(\S+)"', "\n".join(blocks), re.MULTILINE)
    assert imported == [f"{kind}.{name}" for kind, name in declared]
    assert "environment values included" in files["terraform/README.md"]
    assert "stop" in files["terraform/README.md"]
    assert not any("whole" in path for path in dict(terraform_files(whole_plan())))


def test_a_bundle_takes_descriptions_and_refuses_those_without_use() -> None:
    described = tuple(read_described("main.json", json.dumps(SQL).encode()))
    files = {file.path for file in export_files(whole_plan(), ["terraform"], beside=Beside(described=described))}
    assert "terraform/whole/cloud_sql.tf" in files
    other = changed(SQL, ("name",))
    with pytest.raises(ExportError, match=r"other\.json describes nothing that this plan changes"):
        export_files(
            whole_plan(), beside=Beside(described=tuple(read_described("other.json", json.dumps(other).encode())))
        )
    cut = {key: value for key, value in SQL.items() if key != "region"}
    with pytest.raises(ExportError, match="has no region, so it was cut"):
        export_files(whole_plan(), beside=Beside(described=tuple(read_described("cut.json", json.dumps(cut).encode()))))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "neither JSON nor YAML"),
        (b"{", "neither JSON nor YAML"),
        (b"a: [1", "neither JSON nor YAML"),
        (b"a: &x [1]\nb: *x\n", "neither JSON nor YAML"),
        (b"!!python/object/apply:os.system ['true']", "neither JSON nor YAML"),
        (b"[" * 100_000, "neither JSON nor YAML"),
        (b"42", "describes no resource"),
        (b"", "describes no resource"),
        (b'{"name": "projects/p/zones/z/instances/vm"}', "describes no resource that plans change"),
        (b"x" * 5_000_000, "larger than 4 MB"),
    ],
)
def test_what_describes_nothing_is_refused_in_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(DescribedRefused, match=said):
        read_described("it.json", content)


@pytest.mark.parametrize(
    "value", ['${file("/etc/passwd")}', 'a"\n}\nresource "x" "y" {', "%{ for x in y }", "x" * 10_000]
)
def test_values_of_a_description_are_data(value: str) -> None:
    body = copy.deepcopy(RUN)
    body["spec"]["template"]["spec"]["containers"][1]["env"][0]["value"] = value
    text = whole(body, change("cloud_run", "api", "vcpu", 2, 1))
    assert text.count("\nresource ") + text.startswith("resource ") == 1
    assert "${file" not in text.replace("$${file", "")
