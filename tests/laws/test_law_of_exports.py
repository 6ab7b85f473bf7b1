"""Law 8: pricing what the exported text configures gives the figures that stand beside it, to the nano."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from arbitrary_bills import BillSpec, Thing, make_bill
from exported_settings import dry_run, of_commands, of_hcl, of_overlay
from hypothesis import HealthCheck, Phase, example, given, settings
from test_laws_of_outcomes import moved

from exports.bundle import export_files
from exports.gcloud_firestore import FIELDS_FILE
from exports.names import slug
from exports.steps import own_name
from model.outcome import evaluate
from model.scenario import Scenario
from pages.parts.session import plan_of

BY_COMMAND = ("cache", "cloud_sql", "cloud_run", "tasks", "firestore")
LAWS = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
WHOLE = BillSpec(
    months=(202601,),
    things=(Thing("run"), Thing("run_instances", name="web"), Thing("sql", name="db"), Thing("firestore", name="")),
)
EVERY_FLAG = Scenario(settings={
    "cloud_run.api.min_instances": 1, "cloud_run.api.max_instances": 20, "cloud_run.api.vcpu": 0.5,
    "cloud_run.api.memory_gib": 0.75, "cloud_run.api.concurrency": 1, "cloud_run.web.billing_mode": "request_based",
    "cloud_sql.db.vcpu": 4, "cloud_sql.db.memory_gib": 15.5, "cloud_sql.db.storage_gib": 200,
    "cloud_sql.db.replicas": 2, "cache.new.size_gib": 5, "cache.new.tier": "standard",
    "cache.new.policy": "volatile-ttl",
})  # fmt: skip


def exported(outcome, folder):
    """The plan, written to a folder."""
    plan = plan_of(outcome)
    for file in export_files(plan, ("gcloud", "terraform", "knative", "json")):
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    (folder / FIELDS_FILE).write_text(fields_named(plan))
    return plan


def fields_named(plan):
    """As many fields as the plan counts on, which people would name."""
    after = {change.attribute: change.after for change in plan.changes if change.lever == "firestore"}
    exempted = range(int(after.get("exempted_indexes", 0)) or 1)
    return "ttl,events,expires_at\n" + "".join(f"exempt,events,field_{n}\n" for n in exempted)


def made_by_commands(plan, folder):
    """Changes that the scripts make, as the JSON beside them says."""
    told = json.loads((folder / "plan.json").read_text())["changes"]
    return [change for change, each in zip(plan.changes, told, strict=True) if not each["by_hand"]]


def place_of(change):
    """Name, region and project as a command would name them; databases have no region there."""
    region = "" if change.lever in {"cloud_sql", "firestore"} else change.region or "REGION_NEEDED"
    return f"{own_name(change)}@{region}@{change.project or 'PROJECT_NEEDED'}"


def settings_read(outcome, plan, folder):
    """Settings as the commands have them; what stays by hand is as the scenario has it."""
    read, replicas = of_commands(dry_run(folder))
    places = {(change.lever, place_of(change)): change for change in plan.changes}
    told = {f"{lever}.{places[lever, name].resource}.{what}": value for (lever, name, what), value in read.items()}
    given_ = dict(outcome.scenario.settings)
    for change in made_by_commands(plan, folder):
        given_.pop(change.key, None)
    for key in [key for key in given_ if key.endswith(".replicas") and key.startswith("cloud_sql.")]:
        told[key] = given_.pop(key) if "" in replicas else replicas.get(key.split(".")[1].partition("@")[0], 0)
    return given_ | told


def priced_again(outcome, told):
    return evaluate(outcome.bill, Scenario(settings=told, assumptions=outcome.scenario.assumptions))


@LAWS
@given(moved(only=(*BY_COMMAND, "commitments")))
@example((WHOLE, EVERY_FLAG))
def test_pricing_what_the_commands_configure_gives_the_plans_figures(given_):
    spec, scenario = given_
    outcome = evaluate(make_bill(spec), scenario)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = exported(outcome, folder)
        again = priced_again(outcome, settings_read(outcome, plan, folder))
    assert again.result == outcome.result
    assert again.baseline == outcome.baseline


@LAWS
@given(moved(only=BY_COMMAND))
@example((WHOLE, EVERY_FLAG))
def test_terraform_and_knative_configure_the_same(given_):
    spec, scenario = given_
    outcome = evaluate(make_bill(spec), scenario)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = exported(outcome, folder)
        wanted = {(c.lever, c.resource, c.attribute): c.after for c in made_by_commands(plan, folder)}
        found, laid = {}, {}
        for lever, resource in {key[:2] for key in wanted}:
            patch = folder / "terraform" / "existing" / f"{slug(resource, '_')}_{lever}.patch.hcl"
            overlay = folder / "knative" / f"{slug(resource)}.overlay.json"
            created = folder / "terraform" / "new" / "redis.tf"
            found |= of_hcl(patch.read_text(), resource) if patch.exists() else {}
            found |= of_hcl(created.read_text(), resource) if created.exists() and lever == "cache" else {}
            laid |= of_overlay(overlay.read_text(), resource) if overlay.exists() and lever == "cloud_run" else {}
    assert {key for key in wanted if key[0] == "cloud_run"} == laid.keys()
    assert {key for key in wanted if key[0] in {"cloud_run", "tasks"} or key[2] == "pitr_enabled"} <= found.keys()
    for read in (found, laid):
        assert {key: value for key, value in read.items() if key in wanted} == {
            key: wanted[key] for key in read if key in wanted
        }


@pytest.mark.parametrize(
    ("flag", "other"),
    [("--cpu=500m", "--cpu=1"), ("--memory=768Mi", "--memory=2Gi"), ("--size=5", "--size=6"),
     ("sql_shape_flags 4", "sql_shape_flags 6"), ("--storage-size=200GB", "--storage-size=300GB"),
     ("--cpu-throttling", "--no-cpu-throttling"), ("--tier=standard", "--tier=basic")],
)  # fmt: skip
def test_a_damaged_command_is_priced_otherwise(flag, other, tmp_path):
    outcome = evaluate(make_bill(WHOLE, {"cloud_sql.db.storage_gib": 100.0}), EVERY_FLAG)
    plan = exported(outcome, tmp_path)
    script = tmp_path / "apply.sh"
    assert flag in script.read_text()
    script.write_text(script.read_text().replace(flag, other))
    again = priced_again(outcome, settings_read(outcome, plan, tmp_path))
    assert again.result.total.headline != outcome.result.total.headline
