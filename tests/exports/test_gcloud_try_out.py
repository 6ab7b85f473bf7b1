"""Cloud Run revisions that take over in steps, replicas, and fields of Firestore, through a recording gcloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exports.gcloud import apply_script, rollback_script, steps_of, verify_script
from exports.gcloud_firestore import fields_file
from model.lever import Guardrail
from tests.exports.sample_plans import change, plan
from tests.exports.shell_runs import Shell

if TYPE_CHECKING:
    from pathlib import Path

SMALLER = plan(change("cloud_run", "api", "vcpu", 2, 1))
OLD = "2||5|||api-1|api-1"
"""vCPU, minima of revision and service, pinned revision, second target, serving and newest revision."""
MOVED = "1|||api-1||api-1|api-2"
PLACE = {"api", "--quiet", "--project=demo", "--region=us-central1"}
GOOD = [(200, "0.1s")] * 99 + [(500, "0.1s")]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(tmp_path)
    found.make_newest("api-2")
    found.log_requests("api-1", *GOOD)
    return found


def asked(shell: Shell) -> list[str]:
    """What each changing call asks for, without service and place."""
    return [
        " ".join(
            word for word in call[2:] if word not in {"api", "--quiet"} and "=demo" not in word and "=us" not in word
        )
        for call in shell.changes
    ]


def test_a_revision_that_holds_takes_over_in_steps(shell: Shell) -> None:
    shell.answer(OLD)
    shell.log_requests("api-2", *GOOD)
    done = shell.run(apply_script(SMALLER), "--execute")
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked(shell) == [
        "update --cpu=1 --no-traffic",
        "update-traffic --to-revisions=api-2=10",
        "update-traffic --to-revisions=api-2=50",
        "update-traffic --to-latest",
    ]
    assert "api-2: 100 requests, 1 errors, p95 100 ms" in done.stdout


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ([(200, "0.1s")] * 97 + [(503, "0.1s")] * 3, "errors"),
        ([(200, "0.1s")] * 90 + [(200, "0.4s")] * 10, "p95 is above 125%"),
        ([(429, "0.1s")] * 100, "errors"),
        ([(200, "0.1s")] * 3, "too few requests"),
        ([], "too few requests"),
    ],
)
def test_a_revision_that_does_not_hold_gives_its_traffic_back(shell: Shell, requests: list, sentence: str) -> None:
    shell.answer(OLD)
    shell.log_requests("api-2", *requests)
    done = shell.run(apply_script(SMALLER), "--execute", "--yes")
    assert done.returncode == 1
    assert sentence in done.stdout
    assert "api-1 has all traffic again" in done.stderr
    assert asked(shell)[-1] == "update-traffic --to-revisions=api-1=100"
    assert "--to-latest" not in " ".join(asked(shell))


def test_slower_is_taken_as_far_as_the_plan_takes_it(shell: Shell) -> None:
    shell.answer(OLD)
    shell.log_requests("api-2", *([(200, "0.2s")] * 100))
    limit = Guardrail("latency", "cloud_run", "api", 1.8, 1.7, "× today", True, "1.7 times as long (limit 1.8).")
    assert shell.run(apply_script(SMALLER), "--execute").returncode == 1
    wide = plan(*SMALLER.changes, guardrails=(limit,))
    assert shell.run(apply_script(wide), "--execute").returncode == 0


def test_traffic_that_is_led_by_hand_is_left_alone(shell: Shell) -> None:
    shell.answer("2||5|api-1||api-1|api-1")
    done = shell.run(apply_script(SMALLER), "--execute", "--yes")
    assert (done.returncode, shell.changes) == (1, [])
    assert "lead it to the latest first" in done.stderr
    shell.answer("2||5||20|api-1|api-1")
    assert shell.run(apply_script(SMALLER), "--execute", "--yes").returncode == 1


def test_a_stopped_shift_goes_on_and_is_seen_by_verify(shell: Shell) -> None:
    shell.answer(MOVED)
    shell.log_requests("api-2", *GOOD)
    verified = shell.run(verify_script(SMALLER))
    assert (verified.returncode, "pending  traffic" in verified.stdout) == (3, True)
    assert shell.run(apply_script(SMALLER), "--execute").returncode == 3
    assert shell.changes == []
    assert shell.run(apply_script(SMALLER), "--execute", "--yes").returncode == 0
    assert asked(shell)[0] == "update-traffic --to-revisions=api-2=10"
    assert asked(shell)[-1] == "update-traffic --to-latest"


def test_rollback_leads_all_traffic_to_the_old_settings(shell: Shell) -> None:
    shell.answer(MOVED)
    done = shell.run(rollback_script(SMALLER), "--execute", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked(shell) == ["update --cpu=2", "update-traffic --to-latest"]


def test_a_minimum_of_the_service_makes_no_revision(shell: Shell) -> None:
    shell.answer("||5|||api-1|api-1")
    done = shell.run(apply_script(plan(change("cloud_run", "api", "min_instances", 5, 1))), "--execute")
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked(shell) == ["update --min=1"]


def test_a_hostile_name_stays_within_the_quotes_of_the_filter(shell: Shell) -> None:
    name = 'a" OR "b\\'
    shell.answer(OLD)
    shell.log_requests("api-2", *GOOD)
    shell.run(apply_script(plan(change("cloud_run", name, "vcpu", 2, 1))), "--execute")
    read = next(call for call in shell.calls if call[0] == "logging")
    assert 'resource.labels.service_name="a\\" OR \\"b\\\\" AND ' in read[2] + read[3]


def test_replicas_are_made_and_deleted_by_name(shell: Shell) -> None:
    gone = change("cloud_sql", "main-replica", "replica_of", "main", "", disruption="one_way")
    made = change("cloud_sql", "main-replica-1", "replica_of", "", "main")
    shell.answer("demo:main")
    unnamed = shell.run(apply_script(plan(gone)), "--execute", "--yes")
    assert (unnamed.returncode, shell.changes) == (3, [])
    done = shell.run(apply_script(plan(gone)), "--execute", stdin="main-replica\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.changes == [["sql", "instances", "delete", "main-replica", "--project=demo", "--quiet"]]
    assert "cannot be undone" in rollback_script(plan(gone))
    assert shell.run(verify_script(plan(made))).returncode == 0
    assert "--master-instance-name=main" in shell.run(apply_script(plan(made))).stdout
    _, left = steps_of(
        [
            change("cloud_sql", "Main; x", "replica_of", "", "main"),
            gone,
            change("cloud_sql", "main-replica", "vcpu", 8, 4),
        ]
    )
    assert [item.change.resource for item in left] == ["Main; x", "main-replica"]


FIELDS = (
    change("firestore", "(default)", "ttl_enabled", False, True, disruption="one_way"),
    change("firestore", "(default)", "exempted_indexes", 0, 2),
)


def test_fields_of_firestore_are_those_that_people_name(shell: Shell) -> None:
    script = apply_script(plan(*FIELDS))
    assert shell.run(script).stdout.count("by hand: name the fields") == 2
    assert "ttl, exempt" in fields_file(FIELDS)
    (shell.folder / "firestore_fields.csv").write_text(
        fields_file(FIELDS) + "ttl,events,expires_at\nexempt,events,$(touch pwned)\nother,a,b"
    )
    shell.answer("")
    done = shell.run(script, "--execute", "--yes", stdin="events.expires_at\n")
    assert done.returncode == 0, done.stdout + done.stderr
    where = ["--collection-group=events", "--database=(default)", "--project=demo"]
    assert shell.changes == [
        ["firestore", "fields", "ttls", "update", "expires_at", *where, "--enable-ttl", "--async", "--quiet"],
    ]
    assert "the plan counts on 2 fields; firestore_fields.csv names 1" in done.stdout
    assert not (shell.folder / "pwned").exists()
    shell.answer("true")
    assert shell.run(script, "--execute", "--yes", stdin="events.expires_at\n").returncode == 0
    assert shell.changes[-1][:5] == ["firestore", "indexes", "fields", "update", "$(touch pwned)"]
    assert "--disable-indexes" in shell.changes[-1]


@pytest.mark.parametrize("line", ["ttl,events,", "ttl,,x", "ttl,--project=x,y", "ttl,a,-x"])
def test_a_line_of_fields_that_is_not_one_is_refused(shell: Shell, line: str) -> None:
    (shell.folder / "firestore_fields.csv").write_text(line + "\n")
    done = shell.run(apply_script(plan(*FIELDS)), "--execute", "--yes")
    assert (done.returncode, shell.changes) == (2, [])


def test_indexes_come_back_on_rollback(shell: Shell) -> None:
    (shell.folder / "firestore_fields.csv").write_text("exempt,events,a\n")
    shell.answer("")
    done = shell.run(rollback_script(plan(*FIELDS)), "--execute")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--clear-exemption" in shell.changes[0]
    assert "cannot be undone" in done.stdout
