"""What the demo's own bill exports, whole: each command for the linter, each script and HCL for its own judge."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from data.workspace import Workspace
from exports.bundle import export_files
from model.outcome import evaluate
from model.scenario import Scenario
from pages.parts import session
from tests.oracles.test_gcloud_oracles import lint, needs_gcloud, shellcheck
from tests.oracles.test_terraform_oracle import errors, needs_provider, terraform, validated

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
EVERYTHING = {
    "cloud_run.api.min_instances": 2, "cloud_run.api.max_instances": 60, "cloud_run.worker.concurrency": 8,
    "cloud_run.renderer.billing_mode": "instance_based", "cloud_run.worker.memory_gib": 3, "cloud_sql.main-db.vcpu": 6,
    "cloud_sql.main-db.memory_gib": 24, "cloud_sql.main-db.replicas": 0, "cloud_sql.main-db.pool_size": 4,
    "cloud_sql.staging-db.availability": "regional", "cloud_sql.staging-db.storage_gib": 200,
    "tasks.render-tasks.max_dispatches_per_s": 50, "tasks.pipeline-tasks.max_attempts": 3,
    "firestore.(default).ttl_enabled": True, "firestore.(default).pitr_enabled": True,
    "firestore.(default).exempted_indexes": 12, "cache.new.size_gib": 5, "cache.new.tier": "standard",
    "cache.new.ttl_s": 300, "cache.new.policy": "volatile-ttl", "queries.user_by_email.applied": True,
    "queries.pending_jobs.applied": True, "housekeeping.log_exclusion.applied": True,
    "commitments.compute_flexible.term": "1y",
}  # fmt: skip
"""A setting of every lever that the demo has, and of every kind of change."""
FOLDERS = {"knative", "load_test", "monitoring", "pooling", "redis", "roadmap", "sql", "terraform"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo_export")
    workspace = Workspace(place / "ws")
    session.import_demo(workspace)
    outcome = evaluate(session.load_bill(workspace), Scenario("Everything", settings=EVERYTHING))
    for file in export_files(session.plan_of(outcome)):
        target = place / "out" / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    return place / "out"


def commands(folder: Path) -> list[str]:
    """What dry runs print, with a revision where Google names one."""
    (folder / "firestore_fields.csv").write_text("ttl,events,expires_at\nexempt,events,payload\n")
    found = []
    for script in ("apply.sh", "rollback.sh"):
        done = subprocess.run(["bash", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
        lines = [line.split(": gcloud ", 1)[1] for line in done.stdout.splitlines() if ": gcloud " in line]
        found += [f"gcloud {line}".replace("NEW_REVISION", "api-00002") for line in lines]
    return found


def test_it_has_every_form(folder: Path) -> None:
    assert {path.name for path in folder.iterdir() if path.is_dir()} == FOLDERS


@needs_gcloud
def test_gclouds_linter_takes_every_command_and_not_a_damaged_one(folder: Path, tmp_path: Path) -> None:
    found = commands(folder)
    kinds = ("redis instances create", "firestore fields ttls update", "firestore indexes fields update",
             "firestore databases update", "sql instances patch", "sql instances delete", "tasks queues update",
             "run services update ", "run services update-traffic")  # fmt: skip
    assert [kind for kind in kinds if not any(kind in command for command in found)] == []
    verdicts = lint([*found, found[0].replace("--size", "--sizes")], tmp_path)
    assert verdicts == [True] * len(found) + [False]


def test_shellcheck_finds_nothing_in_any_script(folder: Path) -> None:
    scripts = sorted(folder.rglob("*.sh"))
    assert len(scripts) == 5
    for script in scripts:
        checked = shellcheck(script.read_text())
        assert (checked.returncode, checked.stdout) == (0, ""), script


@needs_provider
def test_terraform_takes_what_is_new_and_would_format_nothing_otherwise(folder: Path) -> None:
    assert errors(validated(folder / "terraform" / "new")) == []
    for patch in (folder / "terraform" / "existing").glob("*.hcl"):
        patch.rename(patch.with_suffix(".tf"))
    checked = terraform(folder / "terraform", "fmt", "-check", "-diff", "-recursive")
    assert (checked.returncode, checked.stdout) == (0, "")
