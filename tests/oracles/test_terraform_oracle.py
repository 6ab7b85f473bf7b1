"""Terraform files formatted and validated by the real Terraform, with a provider that knows only Google's schema."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exports.described import Described, read_described
from exports.terraform import NO_DESTROY, terraform_files
from tests.exports.sample_descriptions import JSON_FILES, RUN_EXPORT
from tests.exports.sample_plans import change, plan, whole_plan
from tests.exports.test_gcloud_scripts import HOSTILE

if TYPE_CHECKING:
    from model.plan import Plan

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("terraform")]
needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="terraform is missing: the format of HCL is NOT judged here"
)
needs_provider = pytest.mark.skipif(
    shutil.which("terraform") is None or not all(map(importlib.util.find_spec, ("tf", "msgpack"))),
    reason="terraform, or PyPI's tf and msgpack, are missing: HCL is NOT validated against Google's schema here",
)
STAND_IN = Path(__file__).parent / "terraform_stand_in.py"
MORE = (
    change("cloud_sql", "main-replica-1", "replica_of", "", "main"),
    change("cache", "old", "size_gib", 3, 2),
    change("cache", "new", "size_gib", 0, 2),
    change("cache", "new", "policy", None, "allkeys-lru"),
    change("cloud_sql", "two", "vcpu", 8, 4),
    change("cloud_sql", "two", "memory_gib", 32, 16),
)
BASE = {
    "google_cloud_run_v2_service": 'location = "us-central1"\n  name = "api"\n',
    "google_sql_database_instance": 'database_version = "POSTGRES_16"\n',
    "google_cloud_tasks_queue": 'location = "us-central1"\n  name = "jobs"\n',
    "google_firestore_database": 'location_id = "nam5"\n  name = "(default)"\n  type = "FIRESTORE_NATIVE"\n',
    "google_redis_instance": 'name = "old"\n',
}
"""What a block of an existing resource has beside the patch, so that it is whole."""


def described() -> list[Described]:
    files = {name: json.dumps(body) for name, body in JSON_FILES.items()} | {"api.yaml": RUN_EXPORT}
    return [each for name, text in files.items() for each in read_described(name, text.encode())]


def put(folder: Path, files: list[tuple[str, str]]) -> Path:
    for path, text in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder / "terraform"


def terraform(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = folder / "terraform.rc"
    if not settings.exists():
        settings.write_text("")
    return subprocess.run(
        ["terraform", *words],
        cwd=folder,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(settings), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def validated(folder: Path) -> dict[str, Any]:
    """What ``terraform validate`` says of a folder."""
    provider = folder / ".provider" / "terraform-provider-google"
    provider.parent.mkdir(exist_ok=True)
    provider.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}"\n')
    provider.chmod(0o755)
    settings = (
        f'provider_installation {{\n  dev_overrides {{ "hashicorp/google" = "{provider.parent}" }}\n  direct {{}}\n}}\n'
    )
    (folder / "terraform.rc").write_text(settings)
    done = terraform(folder, "validate", "-json", PYTHONPATH=os.pathsep.join(sys.path))
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def errors(told: dict[str, Any]) -> list[str]:
    return [f"{d['summary']}: {d.get('detail', '')}" for d in told["diagnostics"] if d["severity"] == "error"]


@needs_terraform
def test_terraform_would_format_nothing_otherwise(tmp_path: Path) -> None:
    folder = put(tmp_path, terraform_files(whole_plan(*MORE)))
    for patch in folder.glob("existing/*.hcl"):
        patch.rename(patch.with_suffix(".tf"))
    checked = terraform(folder, "fmt", "-check", "-diff", "-recursive")
    assert (checked.returncode, checked.stdout) == (0, "")
    (folder / "new" / "redis.tf").write_text('resource "google_redis_instance" "x" {\n name="x"\n}\n')
    assert terraform(folder, "fmt", "-check", "-recursive").returncode == 3


@needs_provider
def test_new_resources_are_complete_and_valid(tmp_path: Path) -> None:
    folder = put(tmp_path, terraform_files(whole_plan(*MORE))) / "new"
    told = validated(folder)
    assert errors(told) == []
    assert told["valid"] is True


@needs_provider
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("memory_size_gb = 5", "memory_gb = 5", "Unsupported argument"),
        ("memory_size_gb = 5", "", "Missing required argument"),
        ("memory_size_gb = 5", 'memory_size_gb = "five"', "a number is required"),
        ("memory_size_gb = 5", 'memory_size_gb = 5\n  host = "10.0.0.1"', "is set by Google alone"),
    ],
)
def test_damaged_resources_are_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    folder = put(tmp_path, terraform_files(whole_plan())) / "new"
    redis = folder / "redis.tf"
    redis.write_text(redis.read_text().replace(before, after))
    assert said in "".join(errors(validated(folder)))


@needs_provider
def test_resources_of_whole_descriptions_are_complete_and_valid(tmp_path: Path) -> None:
    folder = put(tmp_path, terraform_files(whole_plan(*MORE), described())) / "whole"
    assert len(list(folder.glob("*.tf"))) == 7
    told = validated(folder)
    assert errors(told) == []
    assert told["valid"] is True
    checked = terraform(folder, "fmt", "-check", "-diff")
    assert (checked.returncode, checked.stdout) == (0, "")


@needs_provider
@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("cloud_run", "image      =", "picture    =", "Unsupported argument"),
        ("cloud_run", "max_instance_count = 20", 'max_instance_count = "few"', "a number is required"),
        ("cloud_sql", "tier                        =", "uptime                      =", '"tier" is required'),
        ("cache", "  memory_size_gb     = 2\n", "", '"memory_size_gb" is required'),
        ("tasks", "sampling_ratio = 0.5", "", '"sampling_ratio" is required'),
        ("firestore", "  type                              =", "  kind                              =", "is required"),
        ("imports", "  to = google_redis_instance.old\n", "", "Missing required argument"),
    ],
)
def test_damaged_whole_resources_are_refused(tmp_path: Path, file: str, before: str, after: str, said: str) -> None:
    folder = put(tmp_path, terraform_files(whole_plan(*MORE), described())) / "whole"
    damaged = folder / f"{file}.tf"
    text = damaged.read_text()
    assert before in text
    damaged.write_text(text.replace(before, after))
    assert said in "".join(errors(validated(folder)))


@needs_provider
def test_patches_fit_into_whole_blocks(tmp_path: Path) -> None:
    folder = put(tmp_path, terraform_files(whole_plan(*MORE))) / "existing"
    (folder / "imports.tf").unlink()
    kinds = set()
    for patch in folder.glob("*.hcl"):
        text = patch.read_text()
        kind = text.split('resource "', 1)[1].split('"', 1)[0]
        kinds.add(kind)
        head, _, rest = text.partition("{\n")
        patch.with_suffix(".tf").write_text(f"{head}{{\n  {BASE[kind]}{rest}")
    assert kinds == set(BASE)
    (folder / "versions.tf").write_text(
        'terraform {\n  required_providers {\n    google = { source = "hashicorp/google" }\n  }\n}\n'
    )
    found = errors(validated(folder))
    # A patch repeats neither the tier of a database whose other settings it changes nor the image of a container.
    kept = ('"tier" is required', '"image" is required')
    assert [item for item in found if not any(text in item for text in kept)] == []


@needs_provider
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_interpolate_nothing(tmp_path: Path, name: str) -> None:
    folder = put(tmp_path, terraform_files(hostile(name)))
    assert errors(validated(folder / "new")) == []
    checked = terraform(folder, "fmt", "-check", "-recursive")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert all(path.resolve().is_relative_to(tmp_path) for path in folder.rglob("*"))


def hostile(name: str) -> Plan:
    name = f'${{file("/etc/passwd")}}{name}'
    return plan(
        change("cloud_run", name, "max_instances", 50, 20, project=name, region=name),
        change("cloud_sql", name, "vcpu", 8, 4, project=name, region=name),
    )


def test_no_plan_that_destroys_passes_the_check_of_the_readme() -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is missing: the check for destroying plans is NOT run here")
    script = NO_DESTROY.replace("terraform plan -out plan.bin\n", "").replace("terraform show -json plan.bin", "cat")
    for actions, code in ((["update"], 0), (["delete", "create"], 1), (["create", "delete"], 1), (["delete"], 1)):
        shown = json.dumps({"resource_changes": [{"change": {"actions": ["no-op"]}}, {"change": {"actions": actions}}]})
        done = subprocess.run(["bash", "-c", script], input=shown, capture_output=True, text=True, check=False)
        assert done.returncode == code, actions


def test_a_plan_without_anything_to_do_has_no_terraform() -> None:
    assert terraform_files(plan(outcome_nanos=0)) == []
