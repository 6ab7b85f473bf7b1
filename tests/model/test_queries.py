"""The queries lever: what tuned queries leave of each database's work, alone and with a cache."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.lever import Effects, QueryEffect
from model.levers.cache import LEVER as CACHE
from model.levers.cloud_sql import LEVER as CLOUD_SQL
from model.levers.cloud_sql_choice import smallest_fitting_tier
from model.levers.cloud_sql_instance import instances
from model.levers.database_work import Caching, work_of_database
from model.levers.queries import LEVER
from model.outcome import evaluate
from model.scenario import Scenario
from tests.model.database_bills import NEUTRAL, guardrail, make_bill, values_of

DATABASE = {("main", "cloud_sql.zonal.vcpu"): 8.0, ("main", "cloud_sql.zonal.memory"): 32.0}
SMALL = {("small", "cloud_sql.zonal.vcpu"): 2.0, ("small", "cloud_sql.zonal.memory"): 8.0}
ALL = {"queries.all.work_share": 0.5, "queries.all.time_before_ms": 100.0, "queries.all.time_after_ms": 10.0}


def facts_of(**queries):
    """Facts of queries: name → (work share, before, after, cacheable share), with a database as fifth."""
    names = ("work_share", "time_before_ms", "time_after_ms", "cacheable_share", "database")
    return {
        f"queries.{name}.{parameter}": value
        for name, told in queries.items()
        for parameter, value in zip(names, told, strict=False)
        if value is not None
    }


def run(bill, put=None, assumed=None):
    values = values_of(bill, [LEVER, CACHE, CLOUD_SQL], put, assumed)
    result = LEVER.apply(bill, values, NEUTRAL)
    return values, result, result.effects or NEUTRAL


def test_without_a_database_it_says_so_and_with_one_all_can_be_typed():
    bill = make_bill({("(default)", "firestore.reads"): 1e6})
    assert LEVER.parameters(bill) == []
    assert "Not in this bill" in LEVER.missing(bill)
    found = {p.key: p for p in LEVER.parameters(make_bill(DATABASE))}
    assert found["queries.all.applied"].current is False
    assert found["queries.all.time_after_ms"].current is None


def test_nothing_applied_changes_nothing():
    bill = make_bill(DATABASE, facts_of(a=(0.3, 100, 10, 0.5), b=(0.7, 5, None, None)))
    _, result, effects = run(bill)
    assert (result.usage, result.new_usage, result.guardrails, result.plan, result.notes) == ((), (), (), (), ())
    assert (effects.database_work, effects.database_work_worst, effects.database_work_cache_lost) == (1.0, 1.0, 1.0)


def test_a_tuned_query_leaves_its_ratio_of_its_share():
    bill = make_bill(DATABASE, facts_of(a=(0.3, 100, 10, 0.5), b=(0.2, 5, 1, 0.0)))
    _, result, effects = run(bill, {"queries.a.applied": True})
    assert effects.database_work == pytest.approx(1 - 0.3 * 0.9)
    assert effects.database_work_worst == pytest.approx(1 - 0.3 * 0.9)
    assert [(c.resource, c.attribute, c.after, c.product) for c in result.plan] == [("a", "applied", True, "Cloud SQL")]
    assert any("73.0%" in note for note in result.notes)
    _, _, both = run(bill, {"queries.*.applied": True})
    assert both.database_work == pytest.approx(1 - 0.3 * 0.9 - 0.2 * 0.8)


@pytest.mark.parametrize("missing", ["work_share", "time_before_ms", "time_after_ms"])
def test_what_is_not_known_is_refused_until_it_is_typed(missing):
    known = {key: value for key, value in ALL.items() if not key.endswith(missing)}
    _, result, effects = run(make_bill(DATABASE), {"queries.all.applied": True}, known)
    refused = guardrail(result, "can be judged")
    assert refused.passed is False
    assert f"queries.all.{missing}" in refused.sentence
    assert (effects.database_work, result.plan) == (1.0, ())
    _, result, effects = run(make_bill(DATABASE), {"queries.all.applied": True}, ALL)
    assert result.guardrails == ()
    assert effects.database_work == pytest.approx(0.55)


def test_a_query_of_no_time_is_refused():
    _, result, _ = run(make_bill(DATABASE), {"queries.all.applied": True}, ALL | {"queries.all.time_before_ms": 0.0})
    assert "its time now is 0" in guardrail(result, "can be judged").sentence


def test_shares_over_one_count_nothing_and_say_where():
    bill = make_bill(DATABASE, facts_of(a=(0.7, 100, 10, 0.5), b=(0.7, 100, 10, 0.5)))
    _, result, effects = run(bill, {"queries.*.applied": True})
    over = guardrail(result, "work shares")
    assert (over.passed, over.resource, over.value) == (False, "main", pytest.approx(1.4))
    assert effects.database_work == 1.0


def test_a_query_touches_the_database_that_it_belongs_to():
    bill = make_bill(DATABASE | SMALL, facts_of(a=(0.5, 100, 0, 0.0, "p:us-central1:main"), b=(1.0, 9, 9, 0, "small")))
    _, result, effects = run(bill, {"queries.a.applied": True})
    assert effects.work_of("main").value == pytest.approx(0.5)
    assert effects.work_of("small").value == 1.0
    assert effects.database_work == pytest.approx(0.8 * 0.5 + 0.2)
    assert effects.database_work_worst == 1.0
    assert result.guardrails == ()
    nowhere = make_bill(DATABASE | SMALL, facts_of(a=(0.5, 100, 0, 0.0, "app")))
    assert run(nowhere, {"queries.a.applied": True})[2].work_of("small").value == pytest.approx(0.5)


def test_a_hit_on_a_tuned_query_saves_the_tuned_time():
    bill = make_bill(DATABASE, facts_of(a=(0.6, 100, 10, 1.0), b=(0.2, 50, None, 0.0)))
    put = {"queries.a.applied": True, "cache.new.target_hit_ratio": 0.8}
    values, _, tuned = run(bill, put, {"cloud_sql.main.cacheable_share": 0.5})
    both = CACHE.apply(bill, values, tuned).effects
    assert both.database_work == pytest.approx(0.6 * 0.1 * 0.2 + 0.2 + 0.2 * (1 - 0.5 * 0.8))
    assert both.database_work_worst == pytest.approx(both.database_work)
    assert both.database_work_cache_lost == pytest.approx(1 - 0.6 * 0.9)


def test_a_plan_tunes_and_caches_before_it_shrinks():
    bill = make_bill(DATABASE, facts_of(a=(0.3, 100, 10, 0.5)))
    put = {
        "cloud_sql.main.vcpu": 4,
        "cloud_sql.main.memory_gib": 16,
        "cache.new.size_gib": 1,
        "queries.a.applied": True,
    }
    assert list(dict.fromkeys(change.lever for change in evaluate(bill, Scenario(settings=put)).changes)) == [
        "queries", "cache", "cloud_sql",
    ]  # fmt: skip


def test_with_totals_only_the_largest_bound_guards():
    bill = make_bill(DATABASE)
    put = {"queries.all.applied": True, "cache.new.target_hit_ratio": 0.8}
    values, _, tuned = run(bill, put, ALL | {"cloud_sql.main.cacheable_share": 0.5})
    result = CACHE.apply(bill, values, tuned)
    assert result.effects.database_work == pytest.approx(0.55 * (1 - 0.5 * 0.8))
    assert result.effects.database_work_worst == pytest.approx(0.2 * 0.55 + 0.8 * 0.5)
    assert any("at most however the two overlap" in note for note in result.notes)


def test_work_is_measured_with_the_cache_of_today_in_place():
    queries = (QueryEffect("", 0.5, 1.0, 0.8), QueryEffect("", 0.25, 1.0, 0.0))
    before = Effects(queries=queries)
    same = work_of_database(before, "main", 0.4, [Caching(1.0, 0.7, 0.7)])
    assert (same.value, same.worst) == (1.0, 1.0)
    more = work_of_database(before, "main", 0.4, [Caching(1.0, 0.9, 0.5)])
    assert more.value == pytest.approx(0.5 * 0.28 / 0.6 + 0.25 + 0.25 * 0.64 / 0.8)
    assert more.cache_lost == pytest.approx(0.5 / 0.6 + 0.25 + 0.25 / 0.8)


calls = st.lists(
    st.tuples(st.integers(1, 40), st.floats(1.0, 100.0), st.floats(0.0, 1.2), st.floats(0.0, 1.0)),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(calls=calls, hit=st.floats(0.0, 1.0), seed=st.integers(0, 999))
def test_m_is_the_work_of_calls_counted_one_by_one(calls, hit, seed):
    """Brute force: every call runs or hits; its expected time, tuned or not, summed and held against today's sum."""
    rng = np.random.default_rng(seed)
    tuned = rng.random(len(calls)) < 0.6
    today = after = 0.0
    for (count, time, ratio, share), is_tuned in zip(calls, tuned, strict=True):
        for _ in range(count):
            today += time
            after += time * (ratio if is_tuned else 1.0) * (1.0 - share * hit)
    queries = tuple(
        QueryEffect("", count * time / today, ratio if is_tuned else 1.0, share)
        for (count, time, ratio, share), is_tuned in zip(calls, tuned, strict=True)
    )
    found = work_of_database(Effects(queries=queries), "main", 0.0, [Caching(1.0, hit, 0.0)])
    assert found.value == pytest.approx(after / today, abs=1e-9)
    unknown = tuple(replace(query, cacheable_share=None) for query in queries)
    total = sum(query.work_share * query.cacheable_share for query in queries)
    bounded = work_of_database(Effects(queries=unknown), "main", total, [Caching(1.0, hit, 0.0)])
    if all(ratio <= 1.0 for _, _, ratio, _ in calls):
        assert found.value <= bounded.worst + 1e-9


@settings(max_examples=30, deadline=None)
@given(
    hits=st.tuples(st.floats(0.0, 0.99), st.floats(0.0, 0.99)), ratio=st.floats(0.0, 1.0), share=st.floats(0.0, 1.0),
    cacheable=st.one_of(st.none(), st.floats(0.0, 1.0)), peak=st.floats(0.05, 0.9),
)  # fmt: skip
def test_law_4_a_higher_hit_rate_never_raises_the_cheapest_database_of_tuned_queries(
    hits, ratio, share, cacheable, peak
):
    bill = make_bill(DATABASE, facts_of(a=(share, 100.0, 100.0 * ratio, cacheable)))
    costs = []
    for hit in sorted(hits):
        put = {"queries.a.applied": True, "cache.new.target_hit_ratio": hit}
        values, _, tuned = run(bill, put, {"cloud_sql.main.peak_cpu_utilisation": peak})
        effects = CACHE.apply(bill, values, tuned).effects or tuned
        costs.append(smallest_fitting_tier(bill, instances(bill)[0], values, effects).cost_per_month)
    assert costs[1] <= costs[0] + 1e-9
