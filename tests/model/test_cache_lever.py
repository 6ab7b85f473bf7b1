"""The cache lever: its cost, what it answers, what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.cache_curve import hit_ratio, size_for
from model.lever import Effects
from model.levers.cache import LEVER
from model.levers.cache_capacity import cheapest_size_at_least, cost_per_hour, size_class
from model.levers.cache_choice import choose
from model.levers.cache_effects import break_even_hit_ratio_of
from model.levers.cache_instance import caches
from model.levers.cache_parameters import load_of
from model.levers.cloud_sql import LEVER as CLOUD_SQL
from model.levers.cloud_sql_choice import smallest_fitting_tier
from model.levers.cloud_sql_instance import instances
from model.levers.firestore import LEVER as FIRESTORE
from tests.model.database_bills import (
    HOURS,
    NEUTRAL,
    cost_after,
    cost_today,
    guardrail,
    make_bill,
    values_of,
)

DATABASE = {("main", "cloud_sql.zonal.vcpu"): 8.0, ("main", "cloud_sql.zonal.memory"): 32.0}
READS = {("(default)", "firestore.reads"): 5e6}
REDIS = {("redis", "memorystore.basic.capacity"): 5.0}


def run(bill, put=None, assumed=None, effects=NEUTRAL):
    return LEVER.apply(bill, values_of(bill, [LEVER, CLOUD_SQL], put, assumed), effects)


def with_firestore(bill, result):
    """The cache's own result joined by what Firestore makes of its effects."""
    reads = FIRESTORE.apply(bill, values_of(bill, [FIRESTORE]), result.effects)
    return replace(result, usage=result.usage + reads.usage)


def test_a_new_cache_stands_beside_the_largest_database_at_no_cost_today():
    bill = make_bill(DATABASE | READS)
    found = {p.key: p for p in LEVER.parameters(bill)}
    assert found["cache.new.target_hit_ratio"].current == 0.0
    assert found["cache.new.size_gib"].current == 0.0
    assert caches(bill)[0].region == "us-central1"
    result = run(bill)
    assert (result.usage, result.new_usage, result.effects) == ((), (), None)
    assert run(bill, {"cache.new.tier": "standard", "cache.new.ttl_s": 600}).new_usage == ()


def test_without_anything_to_cache_it_says_so():
    bill = make_bill({("api", "cloud_run.request_based.cpu"): 1.0})
    assert LEVER.parameters(bill) == []
    assert "Not in this bill" in LEVER.missing(bill)


@pytest.mark.parametrize(
    ("tier", "size", "per_hour"),
    [("basic", 4, 0.196), ("basic", 5, 0.135), ("standard", 200, 6.00), ("standard", 1, 0.064), ("basic", 36, 0.684)],
)
def test_cost_is_the_whole_instance_at_its_class(tier, size, per_hour):
    bill = make_bill(DATABASE)
    result = run(bill, {"cache.new.size_gib": size, "cache.new.tier": tier}, {"cloud_sql.main.cacheable_share": 0.0})
    assert cost_after(bill, result) - cost_today(bill) == pytest.approx(per_hour * HOURS, rel=1e-9)


def test_a_dominated_size_is_reported_and_never_derived():
    bill = make_bill(DATABASE)
    result = run(bill, {"cache.new.size_gib": 4})
    assert any("take 5 GiB" in note for note in result.notes)
    values = values_of(bill, [LEVER], {"cache.new.target_hit_ratio": 0.85}, {"cache.new.item_bytes": 4000})
    cache = caches(bill)[0]
    assert size_for(load_of(values, cache), 0.85).point.size_gib < 5
    for needed in range(1, 301):
        size = cheapest_size_at_least(bill, "basic", float(needed), "us-central1")
        cost = cost_per_hour(bill, "basic", size, "us-central1")
        assert size >= needed
        assert cost <= min(cost_per_hour(bill, "basic", s, "us-central1") for s in range(needed, 301)) + 1e-12
    assert cheapest_size_at_least(bill, "basic", 4.0, "us-central1") == 5.0
    assert cheapest_size_at_least(bill, "basic", 10.0, "us-central1") == 11.0


def test_size_follows_from_the_target_and_the_target_from_the_size():
    bill = make_bill(DATABASE | READS)
    cache = caches(bill)[0]
    values = values_of(bill, [LEVER], {"cache.new.target_hit_ratio": 0.8})
    chosen = choose(bill, cache, values)
    assert chosen.is_reached
    assert chosen.hit_ratio == 0.8
    assert chosen.point.hit_ratio >= 0.8
    by_size = choose(bill, cache, values_of(bill, [LEVER], {"cache.new.size_gib": chosen.size_gib}))
    assert by_size.hit_ratio == pytest.approx(chosen.point.hit_ratio)
    both = {"cache.new.target_hit_ratio": 0.95, "cache.new.size_gib": 1}
    typed = choose(bill, cache, values_of(bill, [LEVER], both, {"cache.new.keys": 1e7}))
    assert (typed.size_gib, typed.hit_ratio, typed.is_reached) == (1, 0.95, False)
    assert guardrail(run(bill, both, {"cache.new.keys": 1e7}), "hit rate reachable").passed is False


def test_not_reachable_gives_the_best_that_is():
    bill = make_bill(READS)
    put, assumed = {"cache.new.target_hit_ratio": 0.9}, {"cache.new.requests_per_s": 100, "cache.new.writes_per_s": 100}
    result = run(bill, put, assumed)
    assert guardrail(result, "hit rate reachable").passed is False
    assert guardrail(result, "hit rate reachable").value == pytest.approx(0.5)
    assert result.effects.firestore_reads == pytest.approx(1.0 - 0.3 * 0.5)


def test_firestore_reads_fall_by_cacheable_share_times_hits():
    bill = make_bill(READS)
    assumed = {"cache.new.firestore_cacheable_share": 0.6}
    result = run(bill, {"cache.new.target_hit_ratio": 0.5}, assumed)
    assert result.usage == ()
    assert result.effects.database_work == 1.0
    assert result.effects.firestore_reads == pytest.approx(0.7)
    both = with_firestore(bill, result)
    change = next(c for c in both.usage if c.kind == "firestore.reads")
    assert np.allclose(change.usage, 5e6 * 0.7)
    size = result.new_usage[0].usage[0]
    added = size * 0.049 * HOURS if size < 5 else size * 0.027 * HOURS
    assert cost_after(bill, both) == pytest.approx(cost_today(bill) * 0.7 + added, rel=1e-6)


def test_requests_default_to_the_firestore_reads_of_the_bill():
    found = {p.name: p for p in LEVER.parameters(make_bill(READS))}
    assert found["requests_per_s"].current == pytest.approx(5e6 / 3600, rel=1e-3)
    assert "firestore_cacheable_share" not in {p.name for p in LEVER.parameters(make_bill(DATABASE))}


def test_effects_on_databases_are_weighted_and_the_worst_guards():
    rows = DATABASE | {("small", "cloud_sql.zonal.vcpu"): 2.0, ("small", "cloud_sql.zonal.memory"): 8.0}
    bill = make_bill(rows)
    assumed = {"cloud_sql.main.cacheable_share": 0.5, "cloud_sql.small.cacheable_share": 0.0}
    effects = run(bill, {"cache.new.target_hit_ratio": 0.8}, assumed).effects
    assert effects.database_work == pytest.approx(0.8 * (1 - 0.4) + 0.2 * 1.0)
    assert effects.database_work_worst == pytest.approx(1.0)
    assert effects.database_work_cache_lost == pytest.approx(1.0)


def test_effects_of_tuning_before_are_multiplied_with_their_bound():
    bill = make_bill(DATABASE)
    tuned = Effects(0.4, 0.4, 0.4)
    effects = run(bill, {"cache.new.target_hit_ratio": 0.8}, {"cloud_sql.main.cacheable_share": 0.5}, tuned).effects
    assert effects.database_work == pytest.approx(0.4 * 0.6)
    assert effects.database_work_worst == pytest.approx(0.2 * 0.4 + 0.8 * 0.4)
    assert effects.database_work_cache_lost == pytest.approx(0.4)


def test_an_existing_cache_unchanged_changes_nothing_and_removed_brings_the_work_back():
    bill = make_bill(DATABASE | READS | REDIS)
    current = {p.key: p.current for p in LEVER.parameters(bill) if p.kind == "setting"}
    assert current["cache.redis.size_gib"] == 5.0
    same = run(bill, {key: value for key, value in current.items() if value is not None})
    assert (same.usage, same.new_usage) == ((), ())
    assert with_firestore(bill, same).usage == ()
    assert (same.effects.database_work, same.effects.database_work_worst) == (1.0, 1.0)
    assert same.effects.database_work_cache_lost == pytest.approx(1.0 / (1.0 - 0.3))
    removed = run(bill, {"cache.redis.size_gib": 0})
    today = current["cache.redis.target_hit_ratio"]
    assert removed.effects.firestore_reads == pytest.approx(1.0 / (1.0 - 0.3 * today), rel=1e-3)
    assert removed.effects.database_work > 1.0
    assert removed.effects.database_work == pytest.approx(removed.effects.database_work_cache_lost)
    saved_redis = 5 * 0.027 * HOURS
    more_reads = 5e6 * HOURS * 3e-7 * (removed.effects.firestore_reads - 1)
    after = cost_after(bill, with_firestore(bill, removed))
    assert after == pytest.approx(cost_today(bill) - saved_redis + more_reads, rel=1e-6)


@pytest.mark.parametrize(
    ("tier", "size", "per_gib"), [("basic", 8, 0.027), ("basic", 20, 0.023), ("standard", 5, 0.054)]
)
def test_an_existing_cache_is_resized_at_the_price_of_its_class(tier, size, per_gib):
    bill = make_bill(DATABASE | REDIS)
    result = run(bill, {"cache.redis.size_gib": size, "cache.redis.tier": tier})
    assert cost_after(bill, result) - cost_today(bill) == pytest.approx(HOURS * (size * per_gib - 5 * 0.027), rel=1e-9)


def test_an_unknown_price_counts_neither_cost_nor_saving():
    bill = make_bill(READS, region="europe-west6")
    result = run(bill, {"cache.new.target_hit_ratio": 0.5})
    assert (result.usage, result.new_usage, result.effects) == ((), (), None)
    refused = guardrail(result, "can be priced")
    assert refused.passed is False
    assert "europe-west6" in refused.sentence


def test_a_size_that_cannot_be_had_fails():
    result = run(make_bill(READS), {"cache.new.size_gib": 2.5})
    assert guardrail(result, "allowed size").passed is False
    assert result.new_usage == ()
    assert [size_class(size) for size in (1, 4, 5, 10, 11, 35, 36, 100, 101, 300, 301)] == (
        ["M1", "M1", "M2", "M2", "M3", "M3", "M4", "M4", "M5", "M5", ""]
    )


def test_the_plan_names_size_tier_and_place_of_a_new_cache():
    bill = make_bill(READS)
    changes = {c.attribute: c for c in run(bill, {"cache.new.target_hit_ratio": 0.5}).plan}
    assert set(changes) == {"size_gib", "tier", "policy"}
    assert changes["policy"].after == "allkeys-lru"
    assert changes["size_gib"].after >= 1
    assert (changes["tier"].after, changes["tier"].region) == ("basic", "us-central1")
    assert changes["size_gib"].key == "cache.new.size_gib"


def test_break_even_through_reads_is_cost_over_the_full_saving():
    bill = make_bill(READS)
    values = values_of(bill, [LEVER], {"cache.new.size_gib": 5}, {"cache.new.firestore_cacheable_share": 0.5})
    cache = caches(bill)[0]
    full = 5e6 * 3e-7 * 0.5
    assert break_even_hit_ratio_of(bill, values, cache, 0.135, NEUTRAL) == pytest.approx(0.135 / full, abs=1e-5)
    assert break_even_hit_ratio_of(bill, values, cache, full * 1.01, NEUTRAL) is None


def test_break_even_counts_the_smaller_database_as_a_step():
    bill = make_bill(DATABASE)
    assumed = {
        "cloud_sql.main.peak_cpu_utilisation": 0.5, "cloud_sql.main.working_set_gib": 8.0,
        "cloud_sql.main.cacheable_share": 1.0, "cloud_sql.main.query_cpu_share": 1.0,
    }  # fmt: skip
    values = values_of(bill, [LEVER, CLOUD_SQL], {}, assumed)
    even = break_even_hit_ratio_of(bill, values, caches(bill)[0], 0.06, Effects(1.0, 1.0, 0.3))
    # Needed vCPU is 8·0.5/0.7·(1−h): 6 at h = 0 and 4 from h = 0.3 on, which saves 2 × 0.0413 an hour.
    assert even == pytest.approx(0.3, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    ratios=st.tuples(st.floats(0.0, 0.99), st.floats(0.0, 0.99)), share=st.floats(0.0, 1.0), zipf=st.floats(0.5, 1.3),
    peak=st.floats(0.05, 0.9),
)  # fmt: skip
def test_law_4_a_higher_hit_rate_never_raises_reads_nor_the_cheapest_database(ratios, share, zipf, peak):
    bill = make_bill(DATABASE | READS)
    assumed = {
        "cache.new.zipf_exponent": zipf, "cache.new.firestore_cacheable_share": share,
        "cloud_sql.main.cacheable_share": share, "cloud_sql.main.peak_cpu_utilisation": peak,
    }  # fmt: skip
    reads, databases = [], []
    for ratio in sorted(ratios):
        values = values_of(bill, [LEVER, CLOUD_SQL], {"cache.new.target_hit_ratio": ratio}, assumed)
        result = LEVER.apply(bill, values, NEUTRAL)
        effects = result.effects or NEUTRAL
        reads.append(effects.firestore_reads)
        databases.append(smallest_fitting_tier(bill, instances(bill)[0], values, effects).cost_per_month)
    assert reads[1] <= reads[0] + 1e-12
    assert databases[1] <= databases[0] + 1e-9


def test_the_curve_is_what_the_lever_shows_for_an_existing_cache():
    bill = make_bill(REDIS)
    values = values_of(bill, [LEVER])
    shown = {p.name: p for p in LEVER.parameters(bill)}["target_hit_ratio"].current
    assert shown == pytest.approx(hit_ratio(load_of(values, caches(bill)[0]), 5.0).hit_ratio, abs=1e-4)


def test_requests_grow_with_demand_and_change_what_a_time_to_live_lets_live():
    bill = make_bill(DATABASE | READS | REDIS, facts={"cache.redis.ttl_s": 60.0})
    assumed = {"cache.redis.requests_per_s": 100}
    grown = run(bill, assumed=assumed, effects=replace(NEUTRAL, demand=4.0))
    assert (grown.usage, grown.new_usage, grown.plan, grown.notes) == ((), (), (), ())
    assert grown.effects.firestore_reads < 1.0
    values = values_of(bill, [LEVER, CLOUD_SQL], {}, assumed)
    cache = caches(bill)[0]
    hits = [hit_ratio(load_of(values, cache, demand=demand), 5.0).hit_ratio for demand in (1.0, 4.0)]
    assert grown.effects.firestore_reads == pytest.approx((1 - 0.3 * hits[1]) / (1 - 0.3 * hits[0]))
    assert run(bill, assumed=assumed).effects.firestore_reads == 1.0


def test_a_waived_loss_is_not_held_against_the_databases():
    bill = make_bill(DATABASE)
    put = {"cache.new.target_hit_ratio": 0.8}
    kept = run(bill, put, {"cloud_sql.main.cacheable_share": 0.5}).effects
    waived = run(bill, put, {"cloud_sql.main.cacheable_share": 0.5, "cache.new.loss_waived": True}).effects
    assert kept.database_work_cache_lost == pytest.approx(1.0)
    assert waived.database_work_cache_lost == pytest.approx(waived.database_work_worst) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("policy", "sliding", "eviction"),
    [
        ("allkeys-lru", False, "lru"), ("volatile-lru", False, "lru"), ("allkeys-random", False, "random"),
        ("volatile-random", True, "random"), ("volatile-ttl", False, "fifo"), ("volatile-ttl", True, "lru"),
    ],
)  # fmt: skip
def test_a_policy_is_the_eviction_of_the_curve(policy, sliding, eviction):
    bill = make_bill(READS)
    put = {"cache.new.policy": policy, "cache.new.ttl_sliding": sliding, "cache.new.ttl_s": 600}
    load = load_of(values_of(bill, [LEVER], put), caches(bill)[0])
    assert (load.eviction, load.is_sliding, load.ttl_s) == (eviction, sliding, 600)


def test_a_policy_that_evicts_nothing_fails_until_there_is_a_time_to_live():
    put = {"cache.new.size_gib": 5, "cache.new.policy": "volatile-lru"}
    assert guardrail(run(make_bill(READS), put), "policy evicts").passed is False
    assert guardrail(run(make_bill(READS), put | {"cache.new.ttl_s": 60}), "policy evicts") is None
    resized = run(make_bill(READS | REDIS), {"cache.redis.size_gib": 8})
    assert guardrail(resized, "policy evicts") is None


def test_notes_say_what_follows_from_what():
    bill = make_bill(READS)
    by_target = run(bill, {"cache.new.target_hit_ratio": 0.5}).notes
    assert any("GiB follow from a hit rate of 50.0%" in note for note in by_target)
    assert any("follows from 5 GiB" in note for note in run(bill, {"cache.new.size_gib": 5}).notes)


def test_what_the_application_must_set_stands_in_the_plan():
    put = {"cache.redis.ttl_s": 600, "cache.redis.ttl_sliding": True}
    plan = {c.attribute: (c.before, c.after, c.disruption) for c in run(make_bill(READS | REDIS), put).plan}
    assert plan == {"ttl_s": (0, 600, "online"), "ttl_sliding": (False, True, "online")}
