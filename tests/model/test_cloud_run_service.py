"""One service: what is read of it, Google's example, shapes, late rows, mixed modes, bills without hours or names."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model import horizon
from model.behaviour.autoscaler import in_flight
from model.bill import HourAxis
from model.lever import Effects
from model.levers.cloud_run import LEVER
from model.levers.cloud_run_reading import read, sharing_cpu
from model.levers.cloud_run_settings import Settings, instance, shape_problem
from model.scenario import Assumption, Scenario, ScenarioError
from tests.model.cloud_run_bills import FIRST_HOUR, IB, PRICE, RB, apply, bill_of, cost, usage_after

FACTS = Path(__file__).resolve().parents[2] / ".." / "shared" / "facts" / "gcp_prices.toml"
INVENTORY = {"min_instances": 2, "max_instances": 10, "vcpu": 1.0, "memory_gib": 1.0, "concurrency": 80}


def quiet(hours: int = 48, minimum: int = 2) -> dict[str, np.ndarray]:
    """One request a second of 0.2 s on two warm instances."""
    busy = minimum * (1 - np.exp(-0.2 / minimum)) if minimum else 1 - np.exp(-0.2)
    usage = {RB + "requests": np.full(hours, 3600.0)}
    usage |= {RB + kind: np.full(hours, 3600 * busy) for kind in ("cpu", "memory")}
    return usage | {RB + "idle_" + kind: np.full(hours, 3600 * (minimum - busy)) for kind in ("cpu", "memory")}


def parameters(bill):
    return {parameter.name: parameter for parameter in LEVER.parameters(bill)}


@pytest.mark.skipif(not FACTS.exists(), reason=f"the facts are not at {FACTS}")
def test_google_s_published_example_4_from_its_usage() -> None:
    """10M requests of 200 ms, 0.167 vCPU, 256 MiB, one at a time: $12.47 before the vCPU and memory free tier."""
    oracle = {o["name"]: o for o in tomllib.loads(FACTS.read_text())["oracle"]}["cloud_run_pricing_page_example_4"]
    hours = 730
    usage = {RB + "requests": np.full(hours, oracle["requests"] / hours)}
    seconds = usage[RB + "requests"] * oracle["latency_s"]
    other = {RB + "cpu": seconds * 1.0, RB + "memory": seconds * 0.5}  # billed today at 1 vCPU, 512 MiB
    today = {"vcpu": 1.0, "memory_gib": 0.5, "concurrency": 1, "max_instances": 100, "min_instances": 0}
    bill = bill_of(usage | other, today | {"startup_s": 0.0, "burstiness": 0.0, "cpu_seconds_per_request": 0.01})
    known = parameters(bill)
    assert oracle["latency_s"] - 0.1 < known["latency_s"].current <= oracle["latency_s"]  # billed in steps of 100 ms
    assert known["latency_s"].default_from == "the billed active time per request (one request at a time)"
    new = {"vcpu": oracle["vcpu"], "memory_gib": oracle["memory_gib"]}
    after = usage_after(bill, apply(bill, new, {"cpu_boundness": 0.0}))
    free_requests = 2e6 * PRICE[RB + "requests"]
    assert cost(after) - free_requests == pytest.approx(oracle["expected_usd_before_vcpu_memory_free_tier"], abs=0.005)
    free = 180_000 * PRICE[RB + "cpu"] + 360_000 * PRICE[RB + "memory"]
    assert cost(after) - free_requests - free == pytest.approx(oracle["expected_usd_after_free_tier"], abs=0.005)


def test_values_say_where_they_come_from() -> None:
    untold = parameters(bill_of(quiet()))
    assert untold["vcpu"].current == 1.0
    assert untold["vcpu"].evidence == "modelled"
    assert untold["memory_gib"].current == 1.0
    assert untold["min_instances"].current == 2
    assert "estimated from the bill's idle rows" in untold["min_instances"].default_from
    assert (untold["concurrency"].current, untold["max_instances"].current) == (80, 100)
    assert untold["billing_mode"].current == "request_based"
    assert "requests_per_s" not in untold
    assert untold["startup_s"].low is not None
    told = parameters(bill_of(quiet(), {**INVENTORY, "vcpu": 2.0}))
    assert (told["vcpu"].current, told["vcpu"].evidence, told["vcpu"].default_from) == (2.0, "measured", "inventory")
    assert {p.configures for p in told.values() if p.kind == "setting"} == {
        "--min-instances", "--max-instances", "--cpu", "--memory", "--concurrency",
        "--cpu-throttling/--no-cpu-throttling",
    }  # fmt: skip
    assert all(parameter.help and parameter.title for parameter in told.values())


def test_bounds_hold_the_current_value_and_refuse_what_does_not_exist() -> None:
    bill = bill_of(quiet(minimum=2), {**INVENTORY, "vcpu": 0.123, "concurrency": 1, "max_instances": 2_000})
    assert 0.123 in parameters(bill)["vcpu"].choices
    assert parameters(bill)["max_instances"].maximum == 2_000
    assert apply(bill).usage == ()
    with pytest.raises(ScenarioError, match="vcpu cannot be 3"):
        apply(bill, {"vcpu": 3})


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (Settings(0, 10, 1.0, 4.0, 80, "request_based"), ""),
        (Settings(0, 10, 1.0, 4.5, 80, "request_based"), "1 vCPU takes 0.125 to 4 GiB"),
        (Settings(0, 10, 4.0, 1.0, 80, "request_based"), "4 vCPU takes 2 to 16 GiB"),
        (Settings(0, 10, 3.0, 2.0, 80, "request_based"), "3 vCPU does not exist; choose 1, 2, 4, 6, 8"),
        (Settings(0, 10, 0.5, 1.0, 1, "request_based"), ""),
        (Settings(0, 10, 0.5, 0.5, 80, "request_based"), "needs concurrency 1"),
        (Settings(0, 10, 0.5, 0.5, 1, "instance_based"), "needs request_based billing"),
        (Settings(0, 10, 0.25, 1.0, 1, "request_based"), "needs at least 0.5 vCPU"),
        (Settings(0, 10, 0.5, 2.0, 1, "request_based"), "needs at least 1 vCPU"),
        (Settings(0, 10, 0.05, 0.25, 1, "request_based"), "the least is 0.08 vCPU"),
        (Settings(0, 10, 0.25, 0.05, 1, "request_based"), "the least is 0.125 GiB"),
        (Settings(11, 10, 1.0, 1.0, 80, "request_based"), "min must not exceed max"),
        (Settings(0, 10, 1.0, 1.0, 1_001, "request_based"), "outside 1 to 1000"),
    ],
)
def test_shapes(settings: Settings, problem: str) -> None:
    found = shape_problem(settings)
    assert problem in found
    assert bool(problem) == bool(found)


def test_a_forbidden_shape_fails_a_guardrail_and_counts_one_request_at_a_time() -> None:
    bill = bill_of(quiet(), INVENTORY)
    result = apply(bill, {"vcpu": 0.5, "memory_gib": 0.5})
    failed = {guardrail.name: guardrail for guardrail in result.guardrails if guardrail.passed is False}
    assert set(failed) == {"latency", "shape"}
    assert "needs concurrency 1" in failed["shape"].sentence
    allowed = apply(bill, {"vcpu": 0.5, "memory_gib": 0.5, "concurrency": 1})
    assert usage_after(bill, result)[RB + "cpu"].sum() == usage_after(bill, allowed)[RB + "cpu"].sum()
    assert [g.name for g in allowed.guardrails if not g.passed] == ["latency", "memory"]


def test_idle_time_counts_every_calendar_hour_also_the_empty_ones() -> None:
    usage = {kind: np.where(np.arange(48) < 24, column, 0.0) for kind, column in quiet(48, minimum=0).items()}
    bill = bill_of(usage, {**INVENTORY, "min_instances": 0})
    after = usage_after(bill, apply(bill, {"min_instances": 3}))[RB + "idle_cpu"]
    np.testing.assert_allclose(after[24:], 3 * 3600.0)
    assert (after[:24] < 3 * 3600.0).all()


def test_a_late_slot_shares_its_hour_and_gets_no_idle_time_of_its_own() -> None:
    hours = 24
    hour = np.concatenate([np.arange(FIRST_HOUR, FIRST_HOUR + hours), [FIRST_HOUR + 5, FIRST_HOUR - 9]])
    axis = HourAxis(hour, np.zeros(len(hour), dtype=np.int64), np.arange(len(hour)) < hours)
    whole = quiet(hours)
    split = {kind: np.concatenate([column, [0.0, 0.0]]) for kind, column in whole.items()}
    for column in split.values():
        column[24], column[5] = 0.25 * column[5], 0.75 * column[5]
    bill = bill_of(split, INVENTORY, axis=axis)
    reference = bill_of(whole, INVENTORY)
    for settings in ({"min_instances": 1}, {"min_instances": 4}, {"vcpu": 2.0}, {"billing_mode": "instance_based"}):
        found = usage_after(bill, apply(bill, settings))
        expected = usage_after(reference, apply(reference, settings))
        for kind, column in expected.items():
            np.testing.assert_allclose(found[kind][5] + found[kind][24], column[5], rtol=1e-6)
            np.testing.assert_allclose(found[kind].sum(), column.sum(), rtol=1e-6)
        assert found[RB + "idle_cpu"][25] == 0.0


def test_idle_rows_that_the_settings_rule_out_are_left_alone() -> None:
    bill = bill_of(quiet(), {**INVENTORY, "min_instances": 0})
    result = apply(bill, {"min_instances": 1})
    assert RB + "idle_cpu" not in {change.kind for change in result.usage}
    assert any("has idle rows although min is 0" in note for note in result.notes)


def test_both_billing_modes_in_one_window_are_repriced_each_from_its_own_rows() -> None:
    first = np.arange(48) < 24
    usage = {kind: np.where(first, column, 0.0) for kind, column in quiet().items()}
    usage |= {IB + kind: np.where(first, 0.0, 2 * 3600.0) for kind in ("cpu", "memory")}
    bill = bill_of(usage, {**INVENTORY, "billing_mode": "instance_based"})
    assert apply(bill).usage == ()
    after = usage_after(bill, apply(bill, {"billing_mode": "request_based"}))
    assert not after[IB + "cpu"].any()
    np.testing.assert_array_equal(after[RB + "cpu"][:24], usage[RB + "cpu"][:24])
    assert (after[RB + "requests"][24:] > 0).all()
    smaller = usage_after(bill, apply(bill, {"memory_gib": 0.5}))
    for kind in (RB + "memory", RB + "idle_memory", IB + "memory"):
        np.testing.assert_allclose(smaller[kind], usage[kind] / 2)


def test_a_bill_without_hours_is_spread_and_says_so() -> None:
    """Nights and days in one daily row: the idle rows still tell how often demand falls below min."""
    day = 4.0 * (1 + 0.9 * np.sin(2 * np.pi * np.arange(240) / 24))
    busy = np.maximum(day, 1e-9)
    idle = np.maximum(5 - day, 0.0)
    mean = np.full(240, 1.0)
    usage = {RB + "requests": mean * day.mean() * 3600, RB + "cpu": mean * busy.mean() * 3600,
             RB + "memory": mean * busy.mean() * 3600}  # fmt: skip
    usage |= {RB + "idle_" + kind: mean * idle.mean() * 3600 for kind in ("cpu", "memory")}
    bill = bill_of(usage, {**INVENTORY, "min_instances": 5, "concurrency": 1, "max_instances": 50}, has_hours=False)
    result = apply(bill, {"min_instances": 1})
    assert any("spread evenly" in note for note in result.notes)
    after = usage_after(bill, result)[RB + "idle_cpu"].sum()
    today, truth = idle.sum() * 3600, np.maximum(1 - day, 0.0).sum() * 3600
    assert after == pytest.approx(truth, abs=0.1 * (today - truth))
    assert apply(bill).usage == ()


def test_a_bill_without_services_is_one_service_called_all() -> None:
    bill = bill_of(quiet(), name="all")
    result = apply(bill, {"min_instances": 1})
    assert any("names no services" in note for note in result.notes)
    assert result.usage


def test_calibration_shows_the_model_beside_the_bill() -> None:
    usage = quiet()
    usage[RB + "idle_cpu"] = usage[RB + "idle_cpu"] * 2.0
    result = apply(bill_of(usage, INVENTORY))
    by_kind = {calibration.kind: calibration for calibration in result.calibrations}
    assert by_kind[RB + "idle_cpu"].error == pytest.approx(-0.5, abs=0.03)
    assert by_kind[RB + "cpu"].error == pytest.approx(0.0, abs=0.02)


def test_risk_names_what_would_happen_at_a_tight_max() -> None:
    usage = {
        RB + "requests": np.full(48, 3600.0 * 30),
        RB + "cpu": np.full(48, 3600.0 * 8),
        RB + "memory": np.full(48, 1e4),
    }
    bill = bill_of(usage, {**INVENTORY, "min_instances": 0, "max_instances": 50, "latency_s": 1.0, "concurrency": 5,
                           "cpu_seconds_per_request": 0.05, "burstiness": 0.1})  # fmt: skip
    assert all(guardrail.passed for guardrail in apply(bill, {"max_instances": 40}).guardrails)
    tight = apply(bill, {"max_instances": 10})
    failed = {guardrail.name for guardrail in tight.guardrails if guardrail.passed is False}
    assert failed == {"rejected_share", "p95_wait", "utilisation"}
    assert tight.risks[0].shortfall_hours == 48
    assert tight.risks[0].rejected_share > 0.1
    assert "at 2 times the billed demand" in tight.risks[0].sentence
    calm = apply(bill, {"max_instances": 10}, {"stress_multiplier": 1.0}).risks[0]
    assert calm.rejected_share < tight.risks[0].rejected_share


def test_the_worst_database_work_judges_the_risk() -> None:
    from model.lever import Effects  # noqa: PLC0415

    usage = {
        RB + "requests": np.full(24, 3600.0 * 30),
        RB + "cpu": np.full(24, 3600.0 * 8),
        RB + "memory": np.full(24, 1e4),
    }
    bill = bill_of(usage, {**INVENTORY, "max_instances": 10, "latency_s": 1.0, "concurrency": 5})
    best, worst = (
        apply(bill, {}, {"database_time_share": 0.6}, Effects(database_work=0.3, database_work_worst=m)).risks[0]
        for m in (0.3, 1.0)
    )
    assert best.rejected_share < worst.rejected_share


def test_no_cloud_run_in_the_bill_is_said() -> None:
    bill = bill_of(quiet())
    assert LEVER.missing(bill) == ""
    object.__setattr__(bill, "resources", {})
    assert LEVER.missing(bill).startswith("Not in this bill")
    assert LEVER.parameters(bill) == []


def test_less_memory_is_not_judged_until_its_use_is_known() -> None:
    unknown = apply(bill_of(quiet(), INVENTORY), {"memory_gib": 0.5})
    assert [(g.passed, g.value) for g in unknown.guardrails if g.name == "memory"] == [(None, None)]
    known = bill_of(quiet(), INVENTORY | {"peak_memory_utilisation": 0.4})
    judged = {size: apply(known, {"memory_gib": size}).guardrails for size in (0.5, 0.375)}
    found = {size: [(g.passed, g.value) for g in rails if g.name == "memory"] for size, rails in judged.items()}
    assert found[0.5] == [(True, pytest.approx(0.8))]
    assert found[0.375] == [(False, pytest.approx(0.4 / 0.375))]


def test_more_requests_in_the_same_memory_count_as_more_memory_each() -> None:
    known = bill_of(quiet(), INVENTORY | {"concurrency": 10, "peak_memory_utilisation": 0.2})
    (memory,) = (g for g in apply(known, {"concurrency": 40}).guardrails if g.name == "memory")
    assert memory.value == pytest.approx(0.8)


def test_the_slowest_wait_for_a_cold_start_where_many_requests_cause_one() -> None:
    sparse = {RB + "requests": np.full(24, 2.0), RB + "cpu": np.full(24, 4.0), RB + "memory": np.full(24, 8.0)}
    facts = INVENTORY | {"min_instances": 0, "startup_s": 9.0}
    (risk,) = apply(bill_of(sparse, facts)).risks
    assert risk.p95_wait_s == 9.0
    (warm,) = apply(bill_of(sparse, facts), {"min_instances": 1}).risks
    assert warm.p95_wait_s < 1.0


def test_service_levels_are_what_the_scenario_says() -> None:
    bill = bill_of(quiet(), INVENTORY)
    values = Scenario(assumptions={"service_level.rejected_share": Assumption(0.02)}).values(
        [*LEVER.parameters(bill), *horizon.parameters((), "USD")]
    )
    limits = {g.name: g.limit for g in LEVER.apply(bill, values, Effects()).guardrails}
    assert (limits["rejected_share"], limits["p95_wait"], limits["utilisation"]) == (0.02, 1.0, 0.8)


def test_being_faster_on_more_vcpu_is_not_judged() -> None:
    bill = bill_of(quiet(), INVENTORY)
    by_name = {g.name: g for g in apply(bill, {"vcpu": 4.0, "memory_gib": 2.0}, {"cpu_boundness": 0.5}).guardrails}
    assert by_name["faster_on_more_vcpu"].passed is None
    same = apply(bill, {"vcpu": 4.0, "memory_gib": 2.0}, {"cpu_boundness": 0.0}).guardrails
    assert "faster_on_more_vcpu" not in {g.name for g in same}


def test_measured_latency_is_that_of_a_request_alone_and_its_wait_for_cpu() -> None:
    """Requests of 0.6 vCPU-s that last 1 s on one vCPU at half its load: alone they would take less."""
    usage = {
        RB + "requests": np.full(24, 0.8 * 3600.0),
        RB + "cpu": np.full(24, 2000.0),
        RB + "memory": np.full(24, 2000.0),
    }
    known = {"vcpu": 1.0, "memory_gib": 1.0, "min_instances": 0, "concurrency": 80, "latency_s": 1.0, "burstiness": 0.0}
    reading = read_of(bill_of(usage, known | {"cpu_seconds_per_request": 0.6}))
    alone = sharing_cpu(reading, reading.workload, reading.demand)
    assert alone.shares_cpu
    assert 0.6 < alone.latency_s < 0.97
    one = replace(instance(reading.settings, alone.latency_s, 0.6), shares_cpu=True)
    assert in_flight(one, np.array([0.8]), 0.0)[0] / 0.8 == pytest.approx(1.0, abs=1e-3)
    guessed = read_of(bill_of(usage, known))
    assert sharing_cpu(guessed, guessed.workload, guessed.demand) == guessed.workload
    few = read_of(bill_of(usage, known | {"cpu_seconds_per_request": 0.6, "concurrency": 1}))
    assert sharing_cpu(few, few.workload, few.demand).latency_s == 1.0


def test_more_requests_on_a_busy_vcpu_take_longer_and_are_told_so() -> None:
    """Two requests of 1.8 vCPU-s in 2 s on one vCPU: together each needs up to 1.8 times as long."""
    usage = {
        RB + "requests": np.full(24, 0.4 * 3600.0),
        RB + "cpu": np.full(24, 2880.0),
        RB + "memory": np.full(24, 2880.0),
    }
    known = {"vcpu": 1.0, "memory_gib": 1.0, "min_instances": 0, "concurrency": 1, "latency_s": 2.0, "burstiness": 0.0}
    bill = bill_of(usage, known | {"cpu_seconds_per_request": 1.8, "peak_memory_utilisation": 0.2})
    told = {g.name: g for g in apply(bill, {"concurrency": 2}).guardrails}["latency"]
    assert 1.1 < told.value < 1.8
    assert told.sentence.startswith(f"api: requests take {told.value:.2f} times as long at concurrency 2")
    idle = bill_of(usage, known | {"cpu_seconds_per_request": 0.1})
    assert "latency" not in {g.name for g in apply(idle, {"concurrency": 2}).guardrails}


def read_of(bill):
    return read(bill, bill.of("cloud_run")[0])
