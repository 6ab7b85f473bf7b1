"""Laws that hold on arbitrary bills of a Cloud Run service."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.lever import Effects
from tests.model.cloud_run_bills import IB, RB, apply, bill_of, usage_after

few = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
amount = st.floats(-50.0, 20_000.0)


@st.composite
def services(draw: st.DrawFn) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Any hours of any service: empty hours, corrections below zero, idle rows that do not fit min."""
    hours = draw(st.integers(2, 12))
    column = st.lists(amount, min_size=hours, max_size=hours).map(np.array)
    usage = {RB + kind: draw(column) for kind in ("cpu", "memory", "requests")}
    if draw(st.booleans()):
        usage |= {RB + kind: draw(column) for kind in ("idle_cpu", "idle_memory")}
    facts: dict[str, object] = {}
    if draw(st.booleans()):
        facts = {
            "min_instances": draw(st.integers(0, 6)), "max_instances": draw(st.integers(6, 60)),
            "vcpu": draw(st.sampled_from([0.5, 1.0, 2.0, 4.0])), "concurrency": draw(st.sampled_from([1, 4, 80])),
            "memory_gib": 2.0,
        }  # fmt: skip
    return usage, facts


@few
@given(services(), st.floats(0.0, 3.0), st.floats(0.01, 20.0))
def test_current_settings_change_nothing_whatever_is_assumed(
    service: tuple[dict[str, np.ndarray], dict[str, object]], burstiness: float, latency_s: float
) -> None:
    bill = bill_of(*service)
    assumptions = {"burstiness": burstiness, "latency_s": latency_s, "database_time_share": 0.4, "stress_multiplier": 9}
    assert apply(bill, {}, assumptions).usage == ()
    assert apply(bill).usage == ()


@few
@given(services())
def test_current_settings_break_no_guardrail_even_when_today_is_beyond_the_limit(
    service: tuple[dict[str, np.ndarray], dict[str, object]],
) -> None:
    bill = bill_of(*service)
    result = apply(bill, {}, {"stress_multiplier": 10, "latency_s": 100.0})
    assert all(guardrail.passed for guardrail in result.guardrails)


@few
@given(services(), st.integers(0, 8), st.integers(0, 8))
def test_a_lower_min_never_raises_the_idle_line(
    service: tuple[dict[str, np.ndarray], dict[str, object]], first: int, second: int
) -> None:
    usage, facts = service
    bill = bill_of({kind: np.maximum(column, 0.0) for kind, column in usage.items()}, facts)
    low, high = sorted((first, second))
    idle = [
        usage_after(bill, apply(bill, {"min_instances": low_or_high, "max_instances": 60})).get(RB + "idle_cpu")
        for low_or_high in (low, high)
    ]
    if idle[0] is not None and idle[1] is not None:
        assert (idle[0] <= idle[1] * (1 + 1e-9) + 1e-6).all()


@few
@given(services(), st.integers(1, 60), st.integers(1, 60), st.floats(0.0, 2.0))
def test_a_tighter_max_never_lowers_the_shortfall_risk(
    service: tuple[dict[str, np.ndarray], dict[str, object]], first: int, second: int, burstiness: float
) -> None:
    bill = bill_of(*service)
    tight, wide = (
        apply(bill, {"max_instances": m}, {"burstiness": burstiness}).risks[0] for m in sorted((first, second))
    )
    assert tight.rejected_share >= wide.rejected_share - 1e-9
    assert tight.shortfall_hours >= wide.shortfall_hours


@few
@given(services(), st.integers(1, 5))
def test_a_max_that_rejects_work_does_not_save_it(
    service: tuple[dict[str, np.ndarray], dict[str, object]], maximum: int
) -> None:
    """At one request at a time each request is billed for its time, however few instances may run."""
    usage, facts = service
    usage = {kind: np.maximum(column, 0.0) for kind, column in usage.items()}
    known = {**facts, "concurrency": 1, "min_instances": 0, "startup_s": 0.0, "cpu_seconds_per_request": 0.0}
    bill = bill_of(usage, known)
    after = usage_after(bill, apply(bill, {"max_instances": maximum}))
    np.testing.assert_allclose(after[RB + "cpu"], usage[RB + "cpu"], rtol=1e-9)


@few
@given(services(), st.sampled_from([0.125, 1.0, 8.0]))
def test_memory_alone_scales_memory_alone(
    service: tuple[dict[str, np.ndarray], dict[str, object]], memory_gib: float
) -> None:
    usage, facts = service
    bill = bill_of(usage, {**facts, "memory_gib": 2.0})
    result = apply(bill, {"memory_gib": memory_gib})
    after = usage_after(bill, result)
    np.testing.assert_allclose(after[RB + "memory"], usage[RB + "memory"] * memory_gib / 2.0)
    np.testing.assert_array_equal(after[RB + "cpu"], usage[RB + "cpu"])
    assert all(change.evidence == "measured" for change in result.usage)


def flat(rate: float, latency_s: float, hours: int = 24, vcpu: float = 1.0) -> dict[str, np.ndarray]:
    requests = np.full(hours, rate * 3600)
    active = 3600 * (1 - np.exp(-rate * latency_s)) * vcpu
    return {RB + "requests": requests, RB + "cpu": np.full(hours, active), RB + "memory": np.full(hours, active)}


@pytest.mark.parametrize("concurrency", [81, 250, 1000])
def test_more_concurrency_saves_nothing_on_a_service_that_fits_on_one_instance(concurrency: int) -> None:
    usage = flat(2.0, 0.5)
    bill = bill_of(usage, {"vcpu": 1.0, "memory_gib": 1.0, "concurrency": 80, "latency_s": 0.5,
                           "cpu_seconds_per_request": 0.05})  # fmt: skip
    assert apply(bill, {"concurrency": concurrency}).usage == ()


def test_fewer_vcpu_follow_the_driver_that_binds() -> None:
    """Concurrency binds: vCPU-s × (v′/v)τ, GiB-s × τ. CPU binds: vCPU-s stay, GiB-s × v/v′."""
    hours = 6
    base = {"min_instances": 0, "max_instances": 9000, "vcpu": 2.0, "memory_gib": 2.0, "startup_s": 0.0}
    usage = {
        RB + "requests": np.full(hours, 3.6e6),
        RB + "cpu": np.full(hours, 1e6),
        RB + "memory": np.full(hours, 1e6),
    }
    by_concurrency = bill_of(
        usage, {**base, "concurrency": 10, "latency_s": 1.2, "cpu_seconds_per_request": 0.02, "burstiness": 0.0}
    )
    after = usage_after(by_concurrency, apply(by_concurrency, {"vcpu": 1.0}, {"cpu_boundness": 0.25}))
    assert after[RB + "cpu"].sum() == pytest.approx(hours * 1e6 * 0.5 * 1.25, rel=0.005)
    assert after[RB + "memory"].sum() == pytest.approx(hours * 1e6 * 1.25, rel=0.005)
    by_cpu = bill_of(
        usage, {**base, "concurrency": 500, "latency_s": 40.0, "cpu_seconds_per_request": 2.4, "burstiness": 0.0}
    )
    after = usage_after(by_cpu, apply(by_cpu, {"vcpu": 1.0}, {"cpu_boundness": 0.0}))
    assert after[RB + "cpu"].sum() == pytest.approx(hours * 1e6, rel=0.005)
    assert after[RB + "memory"].sum() == pytest.approx(hours * 2e6, rel=0.005)


def test_less_database_work_shortens_busy_time_by_its_share_only() -> None:
    """Of requests of 50 s, so that steps of 100 ms do not matter."""
    usage = {RB + "requests": np.full(4, 36.0), RB + "cpu": np.full(4, 1800.0), RB + "memory": np.full(4, 1800.0)}
    bill = bill_of(usage, {"vcpu": 1.0, "memory_gib": 1.0, "concurrency": 1, "startup_s": 0.0,
                           "cpu_seconds_per_request": 0.01})  # fmt: skip
    half = Effects(database_work=0.5, database_work_worst=0.5)
    assert apply(bill, {}, {}, half).usage == ()
    after = usage_after(bill, apply(bill, {}, {"database_time_share": 0.4}, half))
    np.testing.assert_allclose(after[RB + "cpu"], 1800.0 * (0.6 + 0.4 * 0.5), rtol=1e-3)


@few
@given(services())
def test_a_new_billing_mode_moves_all_of_the_old_one(
    service: tuple[dict[str, np.ndarray], dict[str, object]],
) -> None:
    usage, facts = service
    bill = bill_of(usage, {**facts, "billing_mode": "request_based"})
    after = usage_after(bill, apply(bill, {"billing_mode": "instance_based"}))
    assert all(not after[RB + kind].any() for kind in ("cpu", "memory", "requests"))
    if usage[RB + "requests"].min() > 1.0 and usage[RB + "cpu"].min() > 1.0:
        assert (after[IB + "cpu"] > 0).all()


@pytest.mark.parametrize("facts", [{}, {"min_instances": 2, "max_instances": 6, "vcpu": 2.0, "memory_gib": 2.0}])
def test_an_hour_of_next_to_no_requests_gives_plain_numbers(facts: dict[str, object]) -> None:
    least = np.array([2.2e-309, 0.0])
    usage = {RB + "requests": least, RB + "cpu": np.array([100.0, 0.0]), RB + "idle_cpu": least}
    for change in ({"min_instances": 1}, {"billing_mode": "instance_based"}, {"vcpu": 4.0}):
        with np.errstate(all="raise", under="ignore"):
            result = apply(bill_of(usage, facts), change)
        assert all(np.isfinite(moved.usage).all() for moved in result.usage)


@pytest.mark.parametrize(
    ("vcpu", "cpu_s", "new", "expected"),
    [
        (2.0, 0.6, 1.0, 1.0),  # on one vCPU: neither a second one helps nor its loss hurts
        (1.0, 0.6, 2.0, 1.0),
        (1.0, 0.6, 0.5, 1.6),
        (2.0, 1.8, 1.0, 1.9),  # more CPU time than time: on both, so for 0.9 s
        (2.0, 1.8, 4.0, 0.55),
    ],
)
def test_a_request_computes_on_one_vcpu_unless_it_takes_more_cpu_time_than_it_lasts(
    vcpu: float, cpu_s: float, new: float, expected: float
) -> None:
    """At one request at a time active time is latency, which is 100 s today, so that steps of 100 ms do not matter."""
    usage = {RB + kind: np.full(24, 3600.0 * vcpu) for kind in ("cpu", "memory")} | {RB + "requests": np.full(24, 36.0)}
    bill = bill_of(usage, {"vcpu": vcpu, "memory_gib": vcpu, "concurrency": 1, "latency_s": 100.0, "startup_s": 0.0,
                           "cpu_seconds_per_request": 100.0 * cpu_s})  # fmt: skip
    after = usage_after(bill, apply(bill, {"vcpu": new}))
    assert after[RB + "cpu"].sum() / new / (24 * 3600.0) == pytest.approx(expected, rel=1e-3)
    told = usage_after(bill, apply(bill, {"vcpu": new}, {"cpu_boundness": 0.3}))
    least = cpu_s / new
    assert told[RB + "cpu"].sum() / new / (24 * 3600.0) == pytest.approx(max(0.7 + 0.3 * vcpu / new, least), rel=1e-3)


def test_fewer_vcpu_are_judged_by_the_slower_case() -> None:
    usage = {RB + kind: np.full(24, 720.0) for kind in ("cpu", "memory")} | {RB + "requests": np.full(24, 360.0)}
    bill = bill_of(usage, {"vcpu": 2.0, "memory_gib": 2.0, "concurrency": 1, "latency_s": 1.0, "startup_s": 0.0,
                           "cpu_seconds_per_request": 0.6})  # fmt: skip
    (judged,) = (g for g in apply(bill, {"vcpu": 1.0}).guardrails if g.name == "latency")
    assert (judged.value, judged.passed) == (pytest.approx(1.3), False)
    assert "up to 1.30 times as long" in judged.sentence
