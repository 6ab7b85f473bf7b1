from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.bundle import KINDS, ExportError, ExportFile, export_files, manifest, with_manifest, zip_bytes
from exports.plan_json import plan_document, plan_json
from exports.readme import readme
from model.cents import cents, cents_of_parts
from model.lever import Guardrail
from tests.exports.sample_plans import BY_HAND, EVERYTHING, change, plan, whole_plan
from tests.exports.test_gcloud_scripts import HOSTILE

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schema" / "plan.json").read_text())
nanos = st.integers(-(10**20), 10**20)


def test_the_bundle_holds_every_form_and_a_manifest_that_binds_them() -> None:
    whole = whole_plan()
    files = with_manifest(whole, export_files(whole))
    paths = ["README.md", "plan.json", "scenario.toml", "apply.sh", "verify.sh", "rollback.sh"]
    assert [file.path for file in files if "/" not in file.path] == [*paths, "manifest.json"]
    assert {file.kind for file in files} == {*KINDS, "manifest"}
    listed = json.loads(files[-1].content)
    assert listed["fingerprint"] == whole.fingerprint
    by_path = {file.path: file.content for file in files}
    for entry in listed["files"]:
        assert entry["sha256"] == hashlib.sha256(by_path[entry["path"]]).hexdigest()
    for path in ("README.md", "plan.json", "apply.sh", "verify.sh", "rollback.sh"):
        assert whole.fingerprint.encode() in by_path[path], path


@pytest.mark.parametrize("kind", KINDS)
def test_only_takes_kinds(kind: str) -> None:
    files = export_files(whole_plan(), [kind])
    assert {file.kind for file in files} == {kind}
    assert len(manifest(plan(), files)["files"]) == len(files)


def test_a_kind_that_there_is_not_is_named() -> None:
    with pytest.raises(ExportError, match="no export of kind 'excel'; choose from readme, json, scenario, gcloud"):
        export_files(plan(), ["gcloud", "excel"])


def test_the_zip_has_the_same_bytes_for_the_same_plan() -> None:
    files = export_files(plan(*EVERYTHING))
    packed = zip_bytes(files)
    assert packed == zip_bytes(list(reversed(export_files(plan(*EVERYTHING)))))
    assert packed != zip_bytes(export_files(plan(*EVERYTHING[1:])))
    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert {name: archive.read(name) for name in archive.namelist()} == {file.path: file.content for file in files}
    assert archive.getinfo("apply.sh").external_attr >> 16 == 0o100755


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../b", "a\\b", "", "-rf", ".bashrc", "a\n", "a//b"])
def test_the_zip_takes_no_path_that_leaves_it(path: str) -> None:
    with pytest.raises(ExportError, match="not a path"):
        zip_bytes([ExportFile(path, "gcloud", b"")])


def test_plan_json_keeps_its_schema() -> None:
    odd = Guardrail("p95", "cloud_run", "api", float("inf"), float("nan"), "s", None, "No latency is known.")
    document = json.loads(plan_json(plan(*EVERYTHING, *BY_HAND, guardrails=(odd,))))
    jsonschema.validate(document, SCHEMA)
    assert document["saving"] == "9740.345000000"
    assert document["months"] == ["202511", "202512", "202601"]
    assert document["guardrails"][0]["limit"] == "inf"
    assert [item["by_hand"] == "" for item in document["changes"]] == [True] * len(EVERYTHING) + [False] * len(BY_HAND)
    assert tomllib.loads(document["scenario_toml"])["version"] == 1


@pytest.mark.parametrize(
    "damage", [{"version": 2}, {"saving": 9740.345}, {"fingerprint": ""}, {"extra": 1}, {"months": [202601]}]
)
def test_the_schema_rejects_what_is_not_a_plan(damage: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plan_document(plan(*EVERYTHING)), **damage}, SCHEMA)


def test_readme_says_figures_months_basis_and_what_is_by_hand() -> None:
    text = readme(plan(*EVERYTHING, *BY_HAND, is_demo=True))
    for expected in (
        "effective cost before tax, promotions and rounding, for the invoice months 2025-11, 2025-12, 2026-01",
        "| Saving | 9,740.35 USD |",
        "generated sample",
        "restarts: connections drop",
        "have no gcloud command",
        "**BROKEN**: ",
        "`rollback.sh`",
    ):
        assert expected in text


def test_readme_shows_hostile_names_as_text() -> None:
    text = readme(plan(change("cloud_run", "a|b\n# c <script> `x`", "vcpu", 2, 1), scenario_name="x\n\n# y"))
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# x  \\# y"]
    assert "a\\|b" in text


@given(st.lists(nanos, min_size=1, max_size=8))
def test_parts_shown_add_up_to_the_total_shown(parts: list[int]) -> None:
    total = cents(sum(parts))
    shown = cents_of_parts(parts, total)
    assert sum(shown) == total
    assert all(abs(value * 10_000_000 - part) <= 10_000_000 for value, part in zip(shown, parts, strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bundle_of_hostile_names_is_an_archive_of_plain_paths_and_sound_scripts(name: str, tmp_path: Path) -> None:
    place: dict[str, str] = {"project": name, "region": name}
    whole = whole_plan(
        change("cloud_run", name, "vcpu", 2, 1, **place),
        change("cloud_sql", name, "replica_of", "", name, **place),
        change("cache", name, "ttl_s", 0, 60, reason=name, **place),
        change("tasks", name, "max_attempts", 5, 3, **place),
        change("firestore", name, "ttl_enabled", False, True, **place),
    )
    query = replace(whole.queries[0], name=name, text=name, indexes=name)
    peak = replace(whole.peaks[0], service=name, project=name, region=name, source=name)
    database = replace(whole.databases[0], name=name)
    hostile = replace(
        whole, scenario_name=name, accounts=(name,), queries=(query,), peaks=(peak,), databases=(database,)
    )
    archive = zipfile.ZipFile(io.BytesIO(zip_bytes(with_manifest(hostile, export_files(hostile)))))
    archive.extractall(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    for script in (tmp_path / "out").rglob("*.sh"):
        checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, ""), script
