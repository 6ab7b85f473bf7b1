"""The laws of the model on arbitrary bills, through the builder and the whole engine."""

from __future__ import annotations

import math

import numpy as np
from arbitrary_bills import PRICES, RUN, BillSpec, Thing, bills, make_bill
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from model.costs import COST_NAMES, Costs
from model.lever import UsageChange
from model.outcome import baseline, evaluate, parameters, run
from model.repricing import reprice
from model.scenario import Assumption, Scenario

LAWS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a bill is small already; shrinking one takes minutes
)
USAGE_LEVERS = ("queries", "cache", "firestore", "cloud_sql", "cloud_run", "tasks")
OVERLOADED = BillSpec(things=(Thing("sql", name="db"), Thing("run", level=300.0, correction_share=3.0)), tax_rate=0.19)


def summed(groups) -> Costs:
    return sum(groups.values(), start=Costs())


@st.composite
def moved(draw, only: tuple[str, ...] = (*USAGE_LEVERS, "commitments")):
    """A bill with a scenario that moves some of its settings to values that can be chosen."""
    spec = draw(bills)
    bill = make_bill(spec)
    offered = [p for p in parameters(bill) if p.kind == "setting" and p.lever in only]
    chosen = draw(st.lists(st.sampled_from(offered), max_size=4, unique_by=lambda p: p.key)) if offered else []
    return spec, Scenario(settings={p.key: draw(_values(p)) for p in chosen})


def _values(parameter):
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.unit == "rungs":
        return st.sampled_from(("", *(f"2026-{m:02d}:3y:0.7,2026-09:1y:0.2" for m in (1, 2, 4)), "2026-02:1y:2.5"))
    low, high = parameter.minimum, min(parameter.maximum, parameter.minimum + 40)
    return st.integers(math.ceil(low), int(high)) if high > 2 else st.floats(low, high)


@LAWS
@given(bills)
@example(OVERLOADED)
def test_unchanged_settings_change_nothing(spec):
    bill = make_bill(spec)
    outcome = evaluate(bill, Scenario())
    assert outcome.deltas == ()
    assert outcome.result == outcome.baseline
    assert outcome.result.total.net == sum(int(x) for x in bill.lines.cost_nanos) + sum(
        int(x) for amounts in bill.lines.credits.values() for x in amounts
    )


@LAWS
@given(bills)
@example(OVERLOADED)
def test_settings_typed_as_they_are_and_assumptions_alone_change_nothing(spec):
    bill = make_bill(spec)
    same = {p.key: p.current for p in parameters(bill) if p.kind == "setting" and p.current is not None}
    guesses = {
        p.key: Assumption(0.25) for p in parameters(bill) if p.key.endswith((".cpu_boundness", ".database_time_share"))
    }
    outcome = evaluate(bill, Scenario(settings=same, assumptions=guesses))
    assert outcome.saving_nanos == 0
    assert outcome.result == outcome.baseline


def test_a_guardrail_that_is_broken_today_does_not_move_the_bill():
    outcome = evaluate(make_bill(OVERLOADED, {"cloud_run.api.max_instances": 4}), Scenario())
    assert any(limit.value is not None and limit.value > limit.limit for limit in outcome.guardrails)
    assert outcome.result == outcome.baseline


@LAWS
@given(moved())
def test_everything_adds_up(case):
    bill, scenario = make_bill(case[0]), case[1]
    outcome = evaluate(bill, scenario)
    for side in (outcome.baseline, outcome.result):
        assert summed(side.by_month) == side.total
        assert summed(side.by_product) == side.total
        assert summed(side.by_project) == side.total
    assert sum(lever.in_sequence_nanos for lever in outcome.levers) == outcome.saving_nanos
    alone = sum(lever.alone_nanos for lever in outcome.levers)
    assert alone + outcome.interaction_nanos == outcome.saving_nanos
    assert all(isinstance(getattr(outcome.result.total, name), int) for name in COST_NAMES)


@LAWS
@given(moved(USAGE_LEVERS))
def test_a_usage_lever_saves_at_most_the_on_demand_cost_of_its_rows(case):
    bill, scenario = make_bill(case[0]), case[1]
    outcome = evaluate(bill, scenario)
    for lever in outcome.levers:
        own = run(bill, scenario, frozenset({lever.lever})).deltas
        kinds = {delta.kind for delta in own if delta.kind}
        for m in range(len(bill.months)):
            rows = np.isin(bill.lines.text["kind"], list(kinds)) & (bill.lines.month_index == m)
            most = int(np.maximum(bill.lines.on_demand_nanos[rows], 0).sum())
            saved = -sum(delta.costs.headline for delta in own if delta.month_index == m)
            assert saved <= most + len(own), (lever.lever, m)


@LAWS
@given(moved(("commitments",)))
def test_a_rate_lever_changes_no_usage_and_no_on_demand_cost(case):
    bill, scenario = make_bill(case[0]), case[1]
    outcome = evaluate(bill, scenario)
    assert not any(result.usage or result.new_usage for _, result in run(bill, scenario).results)
    assert outcome.result.total.on_demand == outcome.baseline.total.on_demand
    assert outcome.result.total.list == outcome.baseline.total.list
    most = sum(0.4 * float(np.maximum(series, 0).sum()) for pool in bill.pools for series in pool.eligible.values())
    assert outcome.saving_nanos <= most * 1e9 * 1.000001 + len(outcome.deltas)


@LAWS
@given(bills, st.integers(0, 6), st.integers(0, 6))
def test_a_lower_min_never_raises_the_idle_line(spec, one, other):
    bill = make_bill(spec)
    keys = [p.key for p in parameters(bill) if p.lever == "cloud_run" and p.name == "min_instances"]
    low, high = sorted((one, other))

    def idle(minimum: int) -> int:
        return sum(
            delta.costs.on_demand
            for delta in evaluate(bill, Scenario(settings=dict.fromkeys(keys, minimum))).deltas
            if ".idle_" in delta.kind
        )

    assert idle(low) <= idle(high) + 10 * len(keys) * len(bill.months)


@LAWS
@given(
    st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8]), st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9]),
    st.sampled_from([0.0, 0.2, 1.0]),
)  # fmt: skip
def test_a_higher_hit_rate_never_raises_the_cost_of_firestore_reads(one, other, free_share):
    bill = make_bill(BillSpec(things=(Thing("firestore", name="", level=40.0, free_share=free_share),)))
    low, high = sorted((one, other))

    def reads(ratio: float) -> int:
        outcome = evaluate(bill, Scenario(settings={"cache.new.target_hit_ratio": ratio}))
        return sum(delta.costs.headline for delta in outcome.deltas if delta.kind == "firestore.reads")

    assert reads(high) <= reads(low)


@LAWS
@given(
    st.integers(1, 500), st.sampled_from([0.2, 0.5, 0.9, 1.0]), st.booleans(),
    st.sampled_from([2, 4, 6, 16]),
)  # fmt: skip
def test_both_commitment_data_models_give_the_same_effective_outcome(seed, share, gaps, vcpu):
    legacy, new = (
        make_bill(
            BillSpec(things=(Thing("sql", name="db", seed=seed, gaps=gaps, commitment=model, covered_share=share),))
        )
        for model in ("legacy", "new")
    )
    scenario = Scenario(settings={"cloud_sql.db.vcpu": vcpu, "cloud_sql.db.memory_gib": 4.0 * vcpu})
    one, other = evaluate(legacy, scenario), evaluate(new, scenario)
    assert abs(baseline(legacy).total.headline - baseline(new).total.headline) < 10_000
    assert abs(one.result.total.headline - other.result.total.headline) < 10_000
    assert abs(one.result.total.net - other.result.total.net) < 10_000


@LAWS
@given(
    st.integers(1, 500),
    st.sampled_from([0.0, 0.3, 0.8, 1.0]),
    st.sampled_from(["legacy", "new"]),
    st.sampled_from([2, 4, 6]),
)
def test_shrinking_usage_strands_what_a_commitment_covers(seed, share, model, vcpu):
    """Effective after = fee + what the commitment does not cover of the new usage, at on-demand, hour by hour."""
    thing = Thing("sql", name="db", seed=seed, commitment=model, covered_share=share)
    bill = make_bill(BillSpec(things=(thing,)))
    scenario = Scenario(settings={"cloud_sql.db.vcpu": vcpu, "cloud_sql.db.memory_gib": 4.0 * vcpu})
    outcome = evaluate(bill, scenario)
    hourly = {kind: size * PRICES[f"cloud_sql.zonal.{kind}"] for kind, size in (("vcpu", 8.0), ("memory", 32.0))}
    hours = int(bill.hours.is_calendar.sum())
    before = sum(hourly.values())
    capacity = share * before
    paid = hours * (0.75 * capacity + max(0.0, before * vcpu / 8 - capacity))
    others = sum(
        costs.headline for product, costs in outcome.baseline.by_product.items() if product == "Compute Engine"
    )
    storage = round(0.137 * hours * PRICES["cloud_sql.zonal.storage"] * 1e9)
    assert abs(outcome.result.total.headline - (others + storage + round(paid * 1e9))) < 20_000


def test_free_tier_is_given_again_when_usage_falls_below_it():
    """$1 of free usage out of $4: at a tenth of the usage only $0.40 is used, all of it free, so $3 are saved."""
    bill = make_bill(BillSpec(things=(Thing("firestore", name="", level=40.0, free_share=0.25),)))
    reads = bill.lines.text["kind"] == "firestore.reads"
    on_demand, paid = (int(a[reads].sum()) for a in (bill.lines.on_demand_nanos, bill.lines.effective_nanos))
    assert paid == on_demand + int(bill.lines.credits["credit_free_tier_nanos"][reads].sum())
    scenario = Scenario(
        settings={"cache.new.target_hit_ratio": 0.9},
        assumptions={"cache.new.firestore_cacheable_share": Assumption(1.0), "cache.new.keys": Assumption(1000)},
    )
    outcome = evaluate(bill, scenario)
    saved = -sum(delta.costs.headline for delta in outcome.deltas if delta.kind == "firestore.reads")
    assert outcome.deltas, outcome.notes
    assert abs(saved - paid) <= 2


def test_a_month_that_is_net_negative_is_left_alone_when_another_month_moves():
    """A correction larger than its month: only what changes is priced, never the correction itself."""
    spec = BillSpec(months=(202602, 202603), things=(Thing("run", name="api"),))
    bill = make_bill(spec)
    resource = bill.of("cloud_run")[0]
    idle = resource.usage[RUN + "idle_cpu"]
    second = bill.hours.month_index == 1
    idle[second] = -np.abs(idle[second]) - 1.0
    new = np.where(second, idle, 0.0)
    deltas = reprice(bill, "cloud_run", UsageChange(resource, RUN + "idle_cpu", new, "measured", "test"))
    assert {delta.month_index for delta in deltas} == {0}
