"""Revisions that take over in steps, replicas and fields of Firestore, asked of the fake by the real gcloud."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from exports.gcloud import apply_script, rollback_script, verify_script
from tests.exports.sample_plans import change, plan
from tests.oracles.google_fake import GoogleFake
from tests.oracles.test_gcloud_oracles import SERVICE, needs_gcloud, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud"), needs_gcloud]
SMALLER = plan(change("cloud_run", "api", "vcpu", 2, 1), change("cloud_run", "api", "min_instances", 5, 1))
GOOD = [(200, "0.100s")] * 60
FIELD = "/v1/projects/demo/databases/(default)/collectionGroups/events/fields/"


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleFake]:
    with GoogleFake(tmp_path_factory.mktemp("google")) as fake:
        yield fake


@pytest.fixture(autouse=True)
def no_waiting(google: GoogleFake, monkeypatch: pytest.MonkeyPatch) -> None:
    google.restart()
    monkeypatch.setenv("CLOUDLEVER_WATCH_S", "1")


def traffic(google: GoogleFake) -> list[list[tuple[object, object]]]:
    """Targets of the service after each change: revision (None: the newest) and percent."""
    targets = [request.body["spec"]["traffic"] for request in google.changes]
    return [[(target.get("revisionName"), target.get("percent")) for target in sent] for sent in targets]


def test_a_revision_takes_over_in_steps_and_settings_survive(google: GoogleFake) -> None:
    google.logs = {"api-00001": GOOD, "api-00002": GOOD}
    before = json.loads(json.dumps(google.state[SERVICE]))
    done = run(google, apply_script(SMALLER), "--execute", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert google.rejected == []
    assert [sorted(step, key=str) for step in traffic(google)] == [
        [("api-00001", 100)],
        [("api-00001", 90), ("api-00002", 10)],
        [("api-00001", 50), ("api-00002", 50)],
        [(None, 100)],
    ]
    after = google.state[SERVICE]["spec"]["template"]["spec"]["containers"][0]
    assert after["env"] == before["spec"]["template"]["spec"]["containers"][0]["env"]
    assert run(google, verify_script(SMALLER)).returncode == 0


def test_a_revision_that_errs_gives_its_traffic_back_and_rollback_heals(google: GoogleFake) -> None:
    google.logs = {"api-00001": GOOD, "api-00002": [(500, "0.100s")] * 60}
    failed = run(google, apply_script(SMALLER), "--execute", "--yes")
    assert failed.returncode == 1
    assert traffic(google)[-1] == [("api-00001", 100)]
    assert run(google, verify_script(SMALLER)).returncode == 3
    back = run(google, rollback_script(SMALLER), "--execute", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    assert traffic(google)[-1] == [(None, 100)]
    limits = google.state[SERVICE]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits == {"cpu": "2", "memory": "4Gi"}


def test_a_replica_is_made_from_its_primary_and_deleted_again(google: GoogleFake) -> None:
    made = plan(change("cloud_sql", "main-replica-1", "replica_of", "", "main"))
    done = run(google, apply_script(made), "--execute", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (created,) = google.changes
    assert created.body["masterInstanceName"] == "main"
    assert created.body["settings"]["tier"] == "db-custom-8-32768"
    assert run(google, verify_script(made)).returncode == 0
    back = run(google, rollback_script(made), "--execute", "--yes", stdin="main-replica-1\n")
    assert back.returncode == 0, back.stdout + back.stderr
    assert [request.method for request in google.changes] == ["POST", "DELETE"]
    assert google.rejected == []


def test_fields_expire_and_lose_their_indexes(google: GoogleFake) -> None:
    wanted = plan(
        change("firestore", "(default)", "ttl_enabled", False, True, disruption="one_way"),
        change("firestore", "(default)", "exempted_indexes", 0, 1),
    )
    (google.folder / "firestore_fields.csv").write_text("ttl,events,expires_at\nexempt,events,payload\n")
    for field in ("expires_at", "payload"):
        google.state[FIELD + field] = {"name": (FIELD + field)[4:], "indexConfig": {"usesAncestorConfig": True}}
    done = run(google, apply_script(wanted), "--execute", "--yes", stdin="events.expires_at\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert google.rejected == []
    expiry, exemption = google.changes
    assert (expiry.query["updateMask"], expiry.body["ttlConfig"]) == (["ttlConfig"], {})
    assert (exemption.query["updateMask"], exemption.body["indexConfig"]) == (["indexConfig"], {})
    checked = run(google, verify_script(wanted))
    assert (checked.returncode, checked.stdout.count("  done ")) == (0, 2), checked.stdout
    back = run(google, rollback_script(wanted), "--execute", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    assert google.state[FIELD + "payload"]["indexConfig"] == {"usesAncestorConfig": True}
    assert google.state[FIELD + "expires_at"]["ttlConfig"] == {"state": "CREATING"}
    assert "cannot be undone" in back.stdout


def test_the_fake_lists_no_entries_of_another_revision(google: GoogleFake) -> None:
    google.logs = {"api-00001": GOOD}
    words = ["gcloud", "logging", "read", 'resource.labels.revision_name="api-00009"', "--project=demo"]
    read = subprocess.run(
        words, env={**os.environ, **google.environment()}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (read.returncode, read.stdout) == (0, "")
