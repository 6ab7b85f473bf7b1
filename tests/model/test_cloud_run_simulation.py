"""The lever's prediction against a simulation of the platform that knows nothing of the model's formulas.

Each case bills one configuration request by request, gives that bill to the lever, and compares what the lever says of
another configuration with what the simulation bills there: within 1 % of the bill or 10 % of the saving.
"""

from dataclasses import replace

import pytest

from tests.model.cloud_run_bills import IB, RB, Config, World, apply, bill_of, cost, daily, simulate, usage_after

CPU_BOUND = World(daily(8.0), latency_s=4.0, cpu_s=0.3, burstiness=0.3)
"""Many requests compute a little each, since the simulation knows nothing of those that crowd on a vCPU."""
CONCURRENCY_BOUND = World(daily(2.0), latency_s=3.0, cpu_s=0.05, burstiness=0.3)
SINGLE = World(daily(0.4), latency_s=1.0, cpu_s=0.05, burstiness=0.3)
BURSTY = World(daily(2.0), latency_s=4.0, cpu_s=0.05, burstiness=0.5)


def facts(world: World, config: Config, **more: object) -> dict[str, object]:
    known = {"latency_s": world.latency_s, "cpu_seconds_per_request": world.cpu_s, "startup_s": world.startup_s}
    return {**config.facts, **known, **more}


def assert_close(today: float, expected: float, predicted: float) -> None:
    error = abs(predicted - expected)
    assert error <= max(0.01 * today, 0.1 * abs(today - expected)), f"{today=} {expected=} {predicted=}"


CASES = {
    "cpu-bound, larger vCPU": (CPU_BOUND, Config(), Config(vcpu=2.0, memory=2.0), {"vcpu": 2.0, "memory_gib": 2.0}),
    "cpu-bound, smaller min": (CPU_BOUND, Config(minimum=3), Config(minimum=1), {"min_instances": 1}),
    "concurrency-bound, 2 to 8": (
        CONCURRENCY_BOUND, Config(concurrency=2), Config(concurrency=8), {"concurrency": 8},
    ),
    "one request at a time to 4": (
        CONCURRENCY_BOUND, Config(concurrency=1), Config(concurrency=4), {"concurrency": 4},
    ),
    "single instance, more concurrency": (SINGLE, Config(), Config(concurrency=200), {"concurrency": 200}),
    "single instance, smaller min": (SINGLE, Config(minimum=5), Config(minimum=1), {"min_instances": 1}),
    "bursts, smaller min": (
        BURSTY, Config(minimum=5, concurrency=2), Config(minimum=1, concurrency=2), {"min_instances": 1},
    ),
    "bursts, one request at a time": (
        BURSTY, Config(minimum=8, concurrency=1), Config(minimum=2, concurrency=1), {"min_instances": 2},
    ),
    "less memory": (BURSTY, Config(memory=4.0), Config(memory=2.0), {"memory_gib": 2.0}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_predicted_usage_agrees_with_the_simulation(case: str) -> None:
    world, old, new, settings = CASES[case]
    before, after = simulate(world, old), simulate(world, new)
    bill = bill_of(before, facts(world, old))
    predicted = usage_after(bill, apply(bill, settings, {"cpu_boundness": 0.0}))
    assert_close(cost(before), cost(after), cost(predicted))
    for kind, amount in after.items():
        assert_close(before[kind].sum(), amount.sum(), predicted[kind].sum())


def test_raising_min_from_nothing_adds_idle_time() -> None:
    old, new = Config(concurrency=2), Config(minimum=3, concurrency=2)
    before, after = simulate(BURSTY, old), simulate(BURSTY, new)
    bill = bill_of(before, facts(BURSTY, old, burstiness=0.5))
    predicted = usage_after(bill, apply(bill, {"min_instances": 3}))
    assert_close(cost(before), cost(after), cost(predicted))
    assert predicted[RB + "idle_cpu"].sum() == pytest.approx(after[RB + "idle_cpu"].sum(), rel=0.05)


def test_nothing_but_the_bill_and_the_inventory_still_predicts_min() -> None:
    old, new = Config(minimum=5, concurrency=2), Config(minimum=1, concurrency=2)
    before, after = simulate(BURSTY, old), simulate(BURSTY, new)
    bill = bill_of(before, old.facts)
    result = apply(bill, {"min_instances": 1})
    assert_close(cost(before), cost(after), cost(usage_after(bill, result)))
    assert all(abs(calibration.error) < 0.01 for calibration in result.calibrations)


def test_latency_and_burstiness_are_recovered_from_the_bill() -> None:
    from model.levers.cloud_run import LEVER  # noqa: PLC0415

    old = Config(minimum=5, concurrency=2)
    bill = bill_of(simulate(BURSTY, old), old.facts)
    known = {parameter.name: parameter for parameter in LEVER.parameters(bill)}
    assert known["latency_s"].current == pytest.approx(4.0, rel=0.03)
    assert known["latency_s"].evidence == "modelled"
    assert "hours that need no more instances than min" in known["latency_s"].default_from
    assert known["burstiness"].current == pytest.approx(0.5, rel=0.15)
    assert known["burstiness"].evidence == "measured"


def test_quiet_hours_tell_cpu_from_concurrency_without_any_metrics() -> None:
    """At concurrency 80 CPU drives these instances: concurrency must not be credited with what it does not save."""
    world = World(daily(4.0), latency_s=2.0, cpu_s=1.2, burstiness=0.1)
    old, new = Config(minimum=4), Config(minimum=1)
    before, after = simulate(world, old), simulate(world, new)
    bill = bill_of(before, old.facts)
    assert_close(cost(before), cost(after), cost(usage_after(bill, apply(bill, {"min_instances": 1}))))
    more = usage_after(bill, apply(bill, {"concurrency": 250}))
    assert cost(more) == pytest.approx(cost(before), rel=1e-9)


def test_without_quiet_hours_the_guess_is_said() -> None:
    world, config = World((8.0,) * 6, latency_s=3.0, cpu_s=0.05), Config(concurrency=4)
    bill = bill_of(simulate(world, config), config.facts)
    result = apply(bill, {"concurrency": 8})
    assert any("as if concurrency drove" in note for note in result.notes)
    expected = cost(simulate(world, Config(concurrency=8)))
    told = usage_after(bill, apply(bill, {"concurrency": 8}, {"cpu_seconds_per_request": 0.05}))
    assert_close(cost(simulate(world, config)), expected, cost(told))


def test_cpu_time_is_recovered_when_the_latency_is_known() -> None:
    from model.levers.cloud_run import LEVER  # noqa: PLC0415

    config = Config(maximum=50)
    world = World(daily(4.0), latency_s=2.0, cpu_s=1.2)
    bill = bill_of(simulate(world, config), {**config.facts, "latency_s": 2.0, "burstiness": 0.0})
    known = {parameter.name: parameter for parameter in LEVER.parameters(bill)}
    assert known["cpu_seconds_per_request"].current == pytest.approx(1.2, rel=0.05)


@pytest.mark.parametrize("burstiness", [0.1, 0.5])
def test_instance_based_billing_keeps_idle_tails(burstiness: float) -> None:
    world = replace(BURSTY, burstiness=burstiness, rate_by_hour=daily(2.0, days=3))
    config = Config(minimum=1, concurrency=2)
    before, after = simulate(world, config), simulate(world, config, "instance_based")
    bill = bill_of(before, facts(world, config, burstiness=burstiness))
    predicted = usage_after(bill, apply(bill, {"billing_mode": "instance_based"}))
    assert_close(cost(before), cost(after), cost(predicted))
    assert predicted[RB + "requests"].sum() == predicted[RB + "cpu"].sum() == predicted[RB + "idle_memory"].sum() == 0


def test_back_to_request_based_billing() -> None:
    config = Config(minimum=2, concurrency=2)
    before, after = simulate(BURSTY, config, "instance_based"), simulate(BURSTY, config)
    bill = bill_of(before, facts(BURSTY, config, burstiness=0.5))
    predicted = usage_after(bill, apply(bill, {"billing_mode": "request_based"}))
    assert_close(cost(before), cost(after), cost(predicted))
    assert predicted[IB + "cpu"].sum() == 0


@pytest.mark.parametrize("burstiness", [0.1, 0.5])
def test_instance_based_min_needs_the_request_rate_and_claims_little_without(burstiness: float) -> None:
    world = World(daily(1.0, days=20), latency_s=8.0, cpu_s=0.05, burstiness=burstiness)
    old, new = Config(minimum=8, concurrency=2), Config(minimum=2, concurrency=2)
    before, after = simulate(world, old, "instance_based"), simulate(world, new, "instance_based")
    bill = bill_of(before, facts(world, old, burstiness=burstiness))
    untold = apply(bill, {"min_instances": 2})
    assert cost(usage_after(bill, untold)) >= cost(after)
    assert any("counts no requests" in note for note in untold.notes)
    rate = len(world.arrivals) / (world.hours * 3600)
    told = usage_after(bill, apply(bill, {"min_instances": 2}, {"requests_per_s": rate}))
    assert_close(cost(before), cost(after), cost(told))
