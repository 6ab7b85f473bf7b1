"""Cloud Run at grown demand: each hour gets its requests times the growth, and answers as the autoscaler does."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.lever import Effects
from tests.model.cloud_run_bills import IB, RB, Config, World, apply, bill_of, cost, daily, simulate, usage_after
from tests.model.test_cloud_run_laws import services

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def grown(bill, demand: float, change: dict | None = None) -> dict[str, np.ndarray]:
    return usage_after(bill, apply(bill, change, {}, Effects(demand=demand)))


@few
@given(services(), st.floats(0.2, 5.0))
def test_requests_follow_demand_and_nothing_follows_none(service, demand: float) -> None:
    usage, facts = service
    bill = bill_of(usage, facts)
    np.testing.assert_allclose(grown(bill, demand)[RB + "requests"], usage[RB + "requests"] * demand)
    assert apply(bill, {}, {}, Effects(demand=1.0)).usage == ()


@few
@given(services(), st.lists(st.floats(0.2, 5.0), min_size=2, max_size=2))
def test_more_demand_never_needs_less_time_nor_leaves_more_idle(service, demands: list[float]) -> None:
    usage, facts = service
    bill = bill_of({kind: np.maximum(column, 0.0) for kind, column in usage.items()}, facts)
    low, high = (grown(bill, demand) for demand in sorted(demands))
    if RB + "idle_cpu" in usage:
        assert low[RB + "idle_cpu"].sum() >= high[RB + "idle_cpu"].sum() * (1 - 1e-3) - 1e-3
    assert low[RB + "requests"].sum() <= high[RB + "requests"].sum() + 1e-9


@few
@given(services(), st.floats(1.0, 5.0))
def test_more_demand_never_lowers_the_shortfall_risk(service, demand: float) -> None:
    bill = bill_of(*service)
    now, then = (apply(bill, {}, {}, Effects(demand=d)).risks[0] for d in (1.0, demand))
    assert then.rejected_share >= now.rejected_share - 1e-9


@pytest.mark.parametrize("demand", [0.5, 2.0, 3.0])
@pytest.mark.parametrize(
    ("world", "config"),
    [
        (World(daily(20.0), 0.3, 0.05, burstiness=0.2), Config(minimum=2, concurrency=4)),
        (World(daily(4.0), 0.5, 0.4), Config(minimum=3, concurrency=1, vcpu=1.0)),
        (World(daily(1.0), 0.2, 0.02), Config(minimum=1, concurrency=80)),
    ],
)
def test_growth_is_what_an_event_by_event_simulation_bills(world: World, config: Config, demand: float) -> None:
    """The model sees the bill of today only; the judge runs the same service with demand times the requests."""
    more = World(
        tuple(rate * demand for rate in world.rate_by_hour), world.latency_s, world.cpu_s, world.burstiness,
        world.startup_s, world.seed,
    )  # fmt: skip
    facts = config.facts | {"latency_s": world.latency_s, "cpu_seconds_per_request": world.cpu_s,
                            "burstiness": world.burstiness}  # fmt: skip
    found = grown(bill_of(simulate(world, config), facts), demand)
    true = simulate(more, config)
    assert found[RB + "cpu"].sum() == pytest.approx(true[RB + "cpu"].sum(), rel=0.05)
    assert cost(found) == pytest.approx(cost(true), rel=0.04)


def test_instances_that_are_billed_while_up_follow_what_demand_wants() -> None:
    world, config = World(daily(30.0), 0.4, 0.1), Config(minimum=1, concurrency=4)
    facts = config.facts | {"latency_s": 0.4, "cpu_seconds_per_request": 0.1, "billing_mode": "instance_based"}
    found = grown(bill_of(simulate(world, config, "instance_based"), facts), 2.0)
    true = simulate(World(tuple(2 * r for r in world.rate_by_hour), 0.4, 0.1), config, "instance_based")
    assert found[IB + "cpu"].sum() == pytest.approx(true[IB + "cpu"].sum(), rel=0.15)


def test_a_new_setting_is_judged_at_the_grown_demand() -> None:
    hours = np.full(6, 36_000.0)
    usage = {RB + "requests": hours, RB + "cpu": hours * 0.1, RB + "memory": hours * 0.1}
    facts = {"vcpu": 1.0, "memory_gib": 1.0, "concurrency": 1, "max_instances": 8, "latency_s": 0.1,
             "cpu_seconds_per_request": 0.05, "burstiness": 0.0}  # fmt: skip
    bill = bill_of(usage, facts)
    results = [apply(bill, {"max_instances": 6}, {}, Effects(demand=demand)) for demand in (1.0, 3.0)]
    kept, broken = ([g.passed for g in result.guardrails if g.name == "utilisation"] for result in results)
    assert (kept, broken) == ([True], [False])
