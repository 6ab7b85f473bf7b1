"""What the size of a database does to the services that wait for it, and what cannot be predicted."""

from __future__ import annotations

import numpy as np
import pytest
from database_bills import HOURS, guardrail, make_bill, values_of

from model.lever import DatabaseWork, Effects
from model.levers import cloud_run, cloud_sql
from model.outcome import evaluate, run
from model.scenario import Assumption, Scenario

MAIN, API, RB = "cloud_sql.main.", "cloud_run.api.", "cloud_run.request_based."
RATE, LATENCY, PHI = 4.0, 0.5, 0.6
FACTS = {
    MAIN + "vcpu": 4.0, MAIN + "memory_gib": 16.0, MAIN + "peak_cpu_utilisation": 0.4, MAIN + "query_cpu_share": 1.0,
    API + "latency_s": LATENCY, API + "database_time_share": PHI, API + "burstiness": 0.0, API + "min_instances": 0,
    API + "max_instances": 50, API + "concurrency": 1, API + "vcpu": 1.0, API + "memory_gib": 1.0,
    API + "cpu_seconds_per_request": 0.1,
}  # fmt: skip
HALF = {MAIN + "vcpu": 2, MAIN + "memory_gib": 8}


def company(facts=None, rate=RATE, **databases):
    usage = {
        ("api", RB + "requests"): rate * 3600.0, ("api", RB + "cpu"): rate * 3600.0 * LATENCY,
        ("main", "cloud_sql.zonal.vcpu"): 4.0, ("main", "cloud_sql.zonal.memory"): 16.0,
    }  # fmt: skip
    for name, vcpu in databases.items():
        usage |= {(name, "cloud_sql.zonal.vcpu"): vcpu, (name, "cloud_sql.zonal.memory"): 4.0 * vcpu}
    return make_bill(usage, FACTS | (facts or {}))


def slowdown(bill, settings=None, effects=None, assumptions=None):
    levers = [cloud_sql.LEVER, cloud_run.LEVER]
    result = cloud_sql.LEVER.apply(bill, values_of(bill, levers, settings, assumptions), effects or Effects())
    return (result.effects or Effects()).slowdown_of("api"), result


def by_hand(utilisation, after, vcpu, new_vcpu):
    """An even load: 1.6 vCPU at work of 1.2 queries under way, so more than all of their time computes: c = 1."""
    alone, then = (
        {2: 1 / (1 - rho**2), 4: 1 + erlang_c(4, rho) / (4 * (1 - rho))}[v]
        for rho, v in ((utilisation, vcpu), (after, new_vcpu))
    )
    return then / alone


def erlang_c(servers, rho):
    load, term, total = servers * rho, 1.0, 1.0
    for n in range(1, servers):
        term *= load / n
        total += term
    last = term * load / servers / (1 - rho)
    return last / (total + last)


def billed_s(latency_s: float) -> float:
    """Exponential times in steps of 100 ms, on average."""
    return 0.1 / (1.0 - np.exp(-0.1 / latency_s))


def test_half_the_vcpu_makes_queries_wait_as_worked_out_by_hand():
    bill = company()
    slow, _ = slowdown(bill, HALF)
    assert slow.value == pytest.approx(by_hand(0.4, 0.8, 4, 2), abs=1e-4)
    assert not slow.is_saturated


def test_requests_take_longer_and_cost_more():
    bill = company()
    done = run(bill, Scenario(settings=HALF))
    slow, _ = slowdown(bill, HALF)
    change = next(c for key, r in done.results if key == "cloud_run" for c in r.usage if c.kind == RB + "cpu")
    ratio = change.usage.sum() / bill.of("cloud_run")[0].usage[RB + "cpu"].sum()
    assert ratio == pytest.approx(billed_s(LATENCY * (1 + PHI * (slow.value - 1))) / billed_s(LATENCY), rel=0.01)
    assert change.evidence == "modelled"


def test_nothing_moves_where_nothing_changes():
    bill = company({MAIN + "peak_cpu_utilisation": 0.99})
    assert slowdown(bill)[1].effects == Effects()
    assert run(bill, Scenario()).deltas == ()
    same_load = {MAIN + "memory_gib": 20}
    assert slowdown(bill, same_load)[1].effects == Effects()


def test_more_vcpu_or_less_work_is_faster():
    bill = company({MAIN + "peak_cpu_utilisation": 0.85})
    assert slowdown(bill, {MAIN + "vcpu": 8, MAIN + "memory_gib": 32})[0].value < 1.0
    tuned = Effects(0.5, 0.7, 0.5, work_by_database=(("main", DatabaseWork(0.5, 0.7, 0.5)),))
    slow, _ = slowdown(bill, effects=tuned)
    assert slow.value < slow.worst < 1.0


def test_a_saturated_database_is_not_predicted_but_bounded():
    bill = company({MAIN + "peak_cpu_utilisation": 0.6})
    slow, result = slowdown(bill, HALF)
    assert slow.is_saturated
    found = guardrail(result, "saturation")
    assert (found.passed, found.value) == (False, 1.0)
    assert "not predictable" in found.sentence
    outcome = evaluate(bill, Scenario(settings=HALF))
    marks = {delta.evidence for delta in outcome.deltas if delta.lever == "cloud_run"}
    assert marks == {"modelled"}
    assert guardrail(slowdown(bill)[1], "saturation") is None


def test_what_is_saturated_today_is_no_news():
    bill = company({MAIN + "peak_cpu_utilisation": 1.0})
    slow, result = slowdown(bill, {MAIN + "vcpu": 6, MAIN + "memory_gib": 24})
    assert slow.value < 1.0
    assert guardrail(result, "saturation") is None


@pytest.mark.parametrize("facts", [{API + "database_time_share": 0.0}, {API + "cloud_sql_instances": "p:r:other"}])
def test_services_that_do_not_wait_for_it_are_not_slowed(facts):
    slow, result = slowdown(company(facts), HALF)
    assert slow.value == 1.0
    said = [note for note in result.notes if "database_time_share" in note]
    assert bool(said) == ("database_time_share" in next(iter(facts)))


def test_growth_slows_down_what_keeps_its_size():
    slow, _ = slowdown(company(), effects=Effects(demand=1.5))
    assert slow.value == pytest.approx(by_hand(0.4, 0.6, 4, 4), abs=1e-4)


def test_of_several_databases_each_counts_by_its_vcpu_hours():
    """A second one of 12 vCPU that stays takes three quarters of the time, so a quarter is slowed."""
    both = company({"cloud_sql.other.vcpu": 12.0, "cloud_sql.other.memory_gib": 48.0}, other=12.0)
    alone, _ = slowdown(company(), HALF)
    slow, _ = slowdown(both, HALF)
    assert slow.value - 1.0 == pytest.approx((alone.value - 1.0) / 4.0, abs=1e-4)


def test_bursts_and_busy_hours_slow_more_than_an_even_load():
    rate = np.where(np.arange(HOURS) % 24 < 12, 1.6 * RATE, 0.4 * RATE)
    even, _ = slowdown(company(), HALF)
    bursty, _ = slowdown(company({API + "burstiness": 0.5}, rate), HALF)
    assert bursty.value < even.value, "the peak is measured, so that of an uneven load is reached in a few minutes only"


def test_the_replicas_that_remain_carry_the_reads_of_those_removed():
    rows = {
        (name, f"cloud_sql.zonal.{what}"): size
        for name in ("main", "main-replica-1", "main-replica-2") for what, size in (("vcpu", 4.0), ("memory", 16.0))
    }  # fmt: skip
    facts = {
        MAIN + "replicas": 2, "cloud_sql.main-replica-1.replica_of": "main",
        "cloud_sql.main-replica-2.replica_of": "main", "cloud_sql.main-replica-1.peak_cpu_utilisation": 0.5,
        MAIN + "peak_cpu_utilisation": 0.3,
    }  # fmt: skip
    bill = make_bill(rows, facts)

    def judged(replicas):
        values = values_of(bill, [cloud_sql.LEVER], {MAIN + "replicas": replicas})
        found = cloud_sql.LEVER.apply(bill, values, Effects()).guardrails
        return next((g for g in found if (g.name, g.resource) == ("peak CPU", "main-replica-1")), None)

    assert judged(2) is None
    assert judged(1).value == pytest.approx(0.75)
    assert judged(1).passed is False
    assert judged(3).value == pytest.approx(0.5 * 3 / 4), "one more takes a quarter of the reads off it"
    assert judged(3).passed is True
    assert judged(0) is None, "it is deleted itself"


def test_a_typed_share_of_time_is_what_counts():
    bill = company({API + "database_time_share": 0.0})
    scenario = Scenario(settings=HALF, assumptions={API + "database_time_share": Assumption(0.3)})
    slow, _ = slowdown(bill, HALF, assumptions={API + "database_time_share": 0.3})
    assert slow.value > 1.0
    assert any(delta.lever == "cloud_run" for delta in run(bill, scenario).deltas)
