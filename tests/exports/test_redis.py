from __future__ import annotations

import json

import pytest

from exports.redis import redis_files
from tests.exports.sample_plans import change, plan, whole_plan
from tests.exports.test_gcloud_scripts import HOSTILE


def test_deployment_parameters_and_cached_queries() -> None:
    files = dict(redis_files(whole_plan()))
    assert set(files) == {"redis/sessions.json", "redis/look_aside.py", "redis/README.md"}
    document = json.loads(files["redis/sessions.json"])
    assert (document["size_gib"], document["tier"], document["ttl_s"]) == (5, "standard", 300)
    assert document["parameters"] == {"maxmemory-policy": "volatile-lru"}
    assert document["cached_queries"] == [
        {"query": "user_by_email", "key": "v1:user_by_email:SHA256_OF_PARAMETERS", "ttl_s": 300, "cacheable_share": 0.8}
    ]
    assert "| user\\_by\\_email | `v1:user_by_email:SHA256_OF_PARAMETERS` | 300 s | 80% |" in files["redis/README.md"]
    assert "evicts only keys with a time to live" not in files["redis/README.md"]


def test_a_policy_that_would_evict_nothing_is_told() -> None:
    files = dict(redis_files(plan(change("cache", "new", "size_gib", 0, 2))))
    assert "volatile-lru evicts only keys with a time to live" in files["redis/README.md"]
    all_keys = plan(change("cache", "new", "size_gib", 0, 2), change("cache", "new", "policy", None, "allkeys-lru"))
    assert "evicts only keys" not in dict(redis_files(all_keys))["redis/README.md"]


def test_what_the_plan_leaves_alone_stands_as_it_is() -> None:
    files = dict(redis_files(plan(change("cache", "old", "ttl_s", 0, 60))))
    document = json.loads(files["redis/old.json"])
    assert (document["is_new"], document["size_gib"], document["tier"]) == (False, None, None)
    assert "as it is" in files["redis/README.md"]


def test_no_cache_or_one_that_goes_has_no_files() -> None:
    assert redis_files(plan()) == []
    assert redis_files(plan(change("cache", "old", "size_gib", 5, 0))) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_data(name: str) -> None:
    files = dict(redis_files(plan(change("cache", name, "size_gib", 0, 5, project=name, region=name))))
    assert all(path.count("/") == 1 and ".." not in path for path in files)
    (document,) = [json.loads(text) for path, text in files.items() if path.endswith(".json")]
    assert document["project"] == name
