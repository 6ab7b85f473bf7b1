"""The eviction policy of a cache: set when it is made, changed by an update of its own, read back; by real gcloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exports.gcloud import apply_script, rollback_script, verify_script
from tests.exports.sample_plans import change, plan
from tests.oracles.google_fake import GoogleFake
from tests.oracles.test_gcloud_oracles import needs_gcloud, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
CACHE = "/v1/projects/demo/locations/us-central1/instances/sessions"


@pytest.fixture
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleFake]:
    with GoogleFake(tmp_path_factory.mktemp("google")) as fake:
        yield fake


@needs_gcloud
def test_a_new_cache_is_created_with_its_policy(google: GoogleFake) -> None:
    google.restart()
    google.state.pop(CACHE, None)
    wanted = plan(
        change("cache", "sessions", "size_gib", 0, 5),
        change("cache", "sessions", "tier", None, "basic"),
        change("cache", "sessions", "policy", None, "allkeys-lru"),
    )
    done = run(google, apply_script(wanted), "--execute", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (created,) = google.changes
    assert (created.method, created.body["redisConfigs"]) == ("POST", {"maxmemory-policy": "allkeys-lru"})
    assert run(google, verify_script(wanted)).returncode == 0


@needs_gcloud
def test_a_policy_is_changed_apart_from_the_size_and_back(google: GoogleFake) -> None:
    google.restart()
    google.state[CACHE] = {
        "name": CACHE[4:], "tier": "BASIC", "memorySizeGb": 3, "state": "READY",
        "redisConfigs": {"maxmemory-policy": "volatile-lru"},
    }  # fmt: skip
    wanted = plan(
        change("cache", "sessions", "size_gib", 3, 5),
        change("cache", "sessions", "policy", "volatile-lru", "allkeys-random"),
    )
    done = run(google, apply_script(wanted), "--execute", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    resized, configured = google.changes
    assert (resized.query["updateMask"], resized.body["memorySizeGb"]) == (["memory_size_gb"], 5)
    assert configured.query["updateMask"] == ["redis_configs"]
    assert configured.body["redisConfigs"] == {"maxmemory-policy": "allkeys-random"}
    assert run(google, verify_script(wanted)).returncode == 0
    back = run(google, rollback_script(wanted), "--execute", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    assert google.state[CACHE]["redisConfigs"] == {"maxmemory-policy": "volatile-lru"}
