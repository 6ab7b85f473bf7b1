"""Cloud SQL under growth: sizes are steps, disks grow, and what a plan says of the highest projected month agrees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import horizon
from model.behaviour.database_tier import ENTERPRISE_PLUS_GIB, ENTERPRISE_VCPU
from model.lever import DatabaseWork, Effects
from model.levers.cloud_sql import LEVER
from model.levers.cloud_sql_instance import instances
from model.levers.cloud_sql_target import Target, grown, today_of
from model.outcome import parameters, run
from model.scenario import Assumption, Scenario
from tests.model.database_bills import HOURS, cost_after, cost_today, guardrail, make_bill, values_of

MAIN = "cloud_sql.main."
ROWS = {
    ("main", "cloud_sql.zonal.vcpu"): 8.0, ("main", "cloud_sql.zonal.memory"): 32.0,
    ("main", "cloud_sql.zonal.storage"): 100 / HOURS,
}  # fmt: skip


def size_after(bill, demand, settings=None, assumptions=None, work=DatabaseWork()):  # noqa: B008 (frozen)
    values = values_of(
        bill, [LEVER], {MAIN + k: v for k, v in (settings or {}).items()},
        {MAIN + k: v for k, v in (assumptions or {}).items()},
    )  # fmt: skip
    effects = Effects(work.value, work.worst, work.cache_lost, demand=demand)
    result = LEVER.apply(bill, values, effects)
    usage = {kind: 1.0 for _, kind in ROWS}
    for change in result.usage:
        before = change.resource.hourly(change.kind, HOURS)
        usage[change.kind] = float(change.usage.sum() / before.sum()) if before.any() else 1.0
    return tuple(usage[f"cloud_sql.zonal.{name}"] for name in ("vcpu", "memory", "storage"))


@pytest.mark.parametrize(
    ("peak", "demand", "vcpu"),
    [
        (0.5, 1.0, 8), (0.5, 1.4, 8), (0.5, 1.41, 10), (0.5, 2.0, 12), (0.35, 1.9, 8), (0.9, 1.0, 8),
        (0.9, 1.01, 10), (0.9, 1.5, 12), (0.5, 0.5, 8), (0.5, 100.0, 96),
    ],
)  # fmt: skip
def test_the_size_steps_to_the_smallest_that_keeps_the_limit_or_todays_room(peak, demand, vcpu):
    assert size_after(make_bill(ROWS), demand, assumptions={"peak_cpu_utilisation": peak})[0] == vcpu / 8


def test_an_unknown_peak_keeps_the_size_and_the_disk_grows():
    bill = make_bill(ROWS)
    assert size_after(bill, 3.0) == (1.0, 1.0, pytest.approx(3.0))
    result = LEVER.apply(bill, values_of(bill, [LEVER]), Effects(demand=3.0))
    assert any("peak CPU is not known" in note for note in result.notes)


def test_growth_is_priced_for_the_plans_size_too_and_never_below_it():
    bill, known = make_bill(ROWS), {"peak_cpu_utilisation": 0.3}
    half = {"vcpu": 4, "memory_gib": 16}
    assert size_after(bill, 1.0, half, known)[:2] == (0.5, 0.5)
    assert size_after(bill, 1.5, half, known)[:2] == (0.75, 0.5)
    assert size_after(bill, 1.5, {"vcpu": 16, "memory_gib": 32}, known)[:2] == (2.0, 1.0)


def test_a_larger_size_takes_the_memory_that_it_must_have():
    bill = make_bill({("main", "cloud_sql.zonal.vcpu"): 2.0, ("main", "cloud_sql.zonal.memory"): 3.75})
    instance = instances(bill)[0]
    values = values_of(bill, [LEVER], {}, {MAIN + "peak_cpu_utilisation": 0.7})
    found = grown(instance, today_of(instance), values, DatabaseWork(), 4.0)
    assert (found.tier.vcpu, found.tier.memory_gib) == (8, 7.25)


def test_enterprise_plus_steps_through_its_own_list():
    rows = {("main", "cloud_sql.plus_zonal.vcpu"): 8.0, ("main", "cloud_sql.plus_zonal.memory"): 64.0}
    bill = make_bill(rows)
    instance = instances(bill)[0]
    values = values_of(bill, [LEVER], {}, {MAIN + "peak_cpu_utilisation": 0.7})
    for demand, vcpu in ((1.01, 16), (2.5, 32), (5.0, 48), (15.0, 128), (99.0, 128)):
        tier = grown(instance, today_of(instance), values, DatabaseWork(), demand).tier
        assert (tier.vcpu, tier.memory_gib) == (vcpu, ENTERPRISE_PLUS_GIB[vcpu])


@settings(max_examples=60, deadline=None)
@given(
    peak=st.floats(0.02, 1.0), demand=st.floats(1.0, 8.0), more=st.floats(1.0, 2.0),
    vcpu=st.sampled_from((2, 4, 8, 16)), work=st.floats(0.1, 1.2), lost=st.floats(1.0, 1.5),
)  # fmt: skip
def test_steps_equal_brute_force_and_never_fall_as_usage_grows(peak, demand, more, vcpu, work, lost):
    bill = make_bill(ROWS)
    instance = instances(bill)[0]
    values = values_of(bill, [LEVER], {MAIN + "vcpu": vcpu}, {MAIN + "peak_cpu_utilisation": peak})
    target = Target(type(instance.tier)(vcpu, 32.0), "zonal", 0, instance.disk_gib)
    load = DatabaseWork(work, work, max(work, lost))
    found, later = (grown(instance, target, values, load, g).tier for g in (demand, demand * more))
    share = values.number(MAIN + "query_cpu_share")
    at = [peak * (1 - share + share * m) * 8 / vcpu for m in (work, max(work, lost))]
    room = max(at[0] * demand / max(0.7, at[0]), at[1] * demand / max(1.0, at[1]))
    holds = [v for v in ENTERPRISE_VCPU if v >= vcpu * room * (1 - 1e-9) and 6.5 * v >= 32.0 and v > vcpu]
    expected = vcpu if room <= 1.0 or demand <= 1.0 else (holds or [96])[0]
    assert found.vcpu == expected
    assert later.vcpu >= found.vcpu >= vcpu


def test_at_todays_usage_nothing_changes_whatever_the_growth_assumed():
    bill = make_bill(ROWS)
    values = values_of(bill, [LEVER], {}, {MAIN + "peak_cpu_utilisation": 0.99})
    assert LEVER.apply(bill, values, Effects(demand=1.0)).usage == ()


def test_a_refused_plan_grows_like_the_current_settings():
    """What cannot be priced does not move the instance; otherwise a refused plan would look cheaper as usage grows."""
    bill, known = make_bill(ROWS), {"peak_cpu_utilisation": 0.5}
    assert size_after(bill, 2.0, {"availability": "regional"}, known) == size_after(bill, 2.0, {}, known)
    assert size_after(bill, 2.0, {"storage_gib": 50}, known) == size_after(bill, 2.0, {}, known)


def grown_guardrail(settings_, growth, peak):
    bill = make_bill(ROWS)
    scenario = Scenario(
        settings={MAIN + k: v for k, v in settings_.items()},
        assumptions={horizon.GROWTH: Assumption(growth), MAIN + "peak_cpu_utilisation": Assumption(peak)},
    )
    result = LEVER.apply(bill, scenario.values(parameters(bill)), Effects())
    return guardrail(result, "peak CPU")


def test_a_step_that_the_projection_prices_is_not_a_failure_too():
    judged = grown_guardrail({"vcpu": 4, "memory_gib": 16}, 0.2, 0.3)
    assert judged.passed
    assert judged.value <= 0.7
    assert "6 vCPU with 16 GiB, a step that the projection prices" in judged.sentence
    assert grown_guardrail({"vcpu": 4, "memory_gib": 16}, 0.0, 0.3).sentence.endswith("the limit is 70%.")


def test_growth_beyond_the_largest_size_fails():
    judged = grown_guardrail({"vcpu": 90, "memory_gib": 90}, 5.0, 0.6)
    assert judged.value > 0.7
    today = grown_guardrail({"vcpu": 10}, 5.0, 0.6)
    assert today.passed, "today's settings would not carry it either: the plan does not make it worse"


def test_the_limit_is_the_service_levels():
    bill = make_bill(ROWS)
    tight = Scenario(
        settings={MAIN + "vcpu": 6, MAIN + "memory_gib": 24},
        assumptions={
            "service_level.database_cpu": Assumption(0.5), MAIN + "peak_cpu_utilisation": Assumption(0.4),
        },
    )  # fmt: skip
    judged = guardrail(LEVER.apply(bill, tight.values(parameters(bill)), Effects()), "peak CPU")
    assert (judged.limit, judged.passed) == (0.5, False)
    loose = tight.with_assumption("service_level.database_cpu", 0.6)
    assert guardrail(LEVER.apply(bill, loose.values(parameters(bill)), Effects()), "peak CPU").passed


def test_through_the_engine_growth_costs_what_its_rows_cost():
    bill = make_bill(ROWS)
    scenario = Scenario(assumptions={MAIN + "peak_cpu_utilisation": Assumption(0.5)})
    deltas = run(bill, scenario, demand=2.0).deltas
    of_sql = sum(delta.costs.cost for delta in deltas if delta.lever == "cloud_sql") / 1e9
    assert of_sql == pytest.approx(HOURS * 4 * 0.0413 + 100 * 0.17, abs=1e-5)
    assert run(bill, scenario, demand=1.0).deltas == ()


def test_a_disk_grows_by_a_setting_with_its_replicas_and_does_not_shrink():
    replica = {("copy", kind): amount for (_, kind), amount in ROWS.items()}
    bill = make_bill(ROWS | replica, {"cloud_sql.copy.replica_of": "main", MAIN + "replicas": 1})
    values = values_of(bill, [LEVER], {MAIN + "storage_gib": 250})
    result = LEVER.apply(bill, values, Effects())
    assert cost_after(bill, result) - cost_today(bill) == pytest.approx(2 * 150 * 0.17, abs=1e-5)
    smaller = LEVER.apply(bill, values_of(bill, [LEVER], {MAIN + "storage_gib": 50}), Effects())
    assert smaller.usage == ()
    assert "perform-storage-shrink" in guardrail(smaller, "can be priced").sentence


def test_a_grown_disk_needs_what_it_was_set_to_or_what_the_data_needs():
    bill = make_bill(ROWS)
    assert size_after(bill, 2.0, {"storage_gib": 150})[2] == pytest.approx(2.0)
    assert size_after(bill, 1.2, {"storage_gib": 150})[2] == pytest.approx(1.5)
    assert np.isclose(size_after(bill, 0.5)[2], 1.0)
