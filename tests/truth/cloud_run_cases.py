"""Cloud Run cases, declared before any result was seen: workloads, how they are configured, and what is changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tests.truth.bill_files import cloud_run_record, cloud_run_series, cloud_run_usage, dollars, write_bill
from tests.truth.cloud_run_platform import Config, Played, Service, play
from tests.truth.judging import Evidence, TrueCase, TrueRisk, learned_bill, scenario_of
from tests.truth.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from model.bill import Bill
    from model.scenario import Scenario

NAME: Final = "service"
JUDGED: Final = NAME
"""The service whose risks are judged."""


@dataclass(frozen=True)
class World:
    """A workload and today's settings."""

    service: Service
    config: Config


WORLDS: Final[dict[str, World]] = {
    "cpu-bound": World(
        Service(Traffic(0.3, seed=1), wait_s=3.0, cpu_s=5.0), Config(2, 20, 1.0, 2.0, 80),
    ),
    "concurrency-bound": World(
        Service(Traffic(0.25, seed=2), wait_s=20.0, cpu_s=0.2), Config(1, 100, 1.0, 1.0, 4),
    ),
    "concurrency-bound, by instance": World(
        Service(Traffic(0.25, seed=2), wait_s=20.0, cpu_s=0.2), Config(1, 100, 1.0, 1.0, 4, "instance_based"),
    ),
    "single instance": World(
        Service(Traffic(0.25, seed=3), wait_s=1.0, cpu_s=0.1), Config(5, 20, 1.0, 1.0, 80),
    ),
    "one at a time": World(
        Service(Traffic(0.05, seed=4), wait_s=2.0, cpu_s=30.0, parallel=4.0, startup_s=10.0),
        Config(3, 50, 2.0, 4.0, 1),
    ),
    "bursty": World(
        Service(Traffic(0.3, burstiness=1.0, seed=5), wait_s=6.0, cpu_s=0.1), Config(8, 50, 1.0, 1.0, 2),
    ),
    "office hours": World(
        Service(Traffic(1.0, rhythm="office", seed=6), wait_s=4.0, cpu_s=0.3), Config(2, 50, 1.0, 0.5, 10),
    ),
    "nightly batch": World(
        Service(Traffic(4.0, rhythm="batch", burstiness=0.5, seed=7), wait_s=3.0, cpu_s=0.5, startup_s=8.0),
        Config(0, 40, 1.0, 2.0, 8),
    ),
    "small api": World(
        Service(Traffic(0.2, seed=8), wait_s=0.6, cpu_s=0.3), Config(0, 20, 1.0, 0.5, 1),
    ),
    "fast api": World(
        Service(Traffic(4.0, days=1, burstiness=0.15, seed=9), wait_s=0.25, cpu_s=0.15), Config(3, 30, 2.0, 2.0, 80),
    ),
}  # fmt: skip

CHANGES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "cpu-bound": {
        "min 2 to 0": {"min_instances": 0},
        "min 2 to 6": {"min_instances": 6},
        "2 vCPU": {"vcpu": 2.0},
        "2 vCPU and 4 GiB": {"vcpu": 2.0, "memory_gib": 4.0},
        "half the memory": {"memory_gib": 1.0},
        "concurrency 80 to 2": {"concurrency": 2},
        "max 20 to 3": {"max_instances": 3},
        "by instance": {"billing_mode": "instance_based"},
        "min 0, 2 vCPU, half the memory": {"min_instances": 0, "vcpu": 2.0, "memory_gib": 1.0},
    },
    "concurrency-bound": {
        "concurrency 4 to 8": {"concurrency": 8},
        "concurrency 4 to 40": {"concurrency": 40},
        "concurrency 4 to 2": {"concurrency": 2},
        "concurrency 4 to 1": {"concurrency": 1},
        "min 1 to 4": {"min_instances": 4},
        "max 100 to 2": {"max_instances": 2},
        "by instance": {"billing_mode": "instance_based"},
        "concurrency 16, min 0": {"concurrency": 16, "min_instances": 0},
    },
    "concurrency-bound, by instance": {
        "by request": {"billing_mode": "request_based"},
        "by request, concurrency 8": {"billing_mode": "request_based", "concurrency": 8},
    },
    "single instance": {
        "min 5 to 1": {"min_instances": 1},
        "min 5 to 0": {"min_instances": 0},
        "concurrency 80 to 250": {"concurrency": 250},
        "2 vCPU": {"vcpu": 2.0},
        "by instance, min 1": {"billing_mode": "instance_based", "min_instances": 1},
    },
    "one at a time": {
        "min 3 to 0": {"min_instances": 0},
        "min 3 to 6": {"min_instances": 6},
        "4 vCPU": {"vcpu": 4.0},
        "1 vCPU, 2 GiB": {"vcpu": 1.0, "memory_gib": 2.0},
        "concurrency 1 to 2": {"concurrency": 2},
        "max 50 to 2, min 2": {"max_instances": 2, "min_instances": 2},
        "min 0, 4 vCPU": {"min_instances": 0, "vcpu": 4.0},
    },
    "bursty": {
        "min 8 to 2": {"min_instances": 2},
        "min 8 to 0": {"min_instances": 0},
        "concurrency 2 to 4": {"concurrency": 4},
        "max 50 to 4, min 2": {"max_instances": 4, "min_instances": 2},
        "by instance, min 2": {"billing_mode": "instance_based", "min_instances": 2},
    },
    "office hours": {
        "min 2 to 0": {"min_instances": 0},
        "min 2 to 4": {"min_instances": 4},
        "concurrency 10 to 40": {"concurrency": 40},
        "by instance": {"billing_mode": "instance_based"},
        "by instance, min 0": {"billing_mode": "instance_based", "min_instances": 0},
    },
    "nightly batch": {
        "min 0 to 2": {"min_instances": 2},
        "concurrency 8 to 20": {"concurrency": 20},
        "max 40 to 3": {"max_instances": 3},
        "2 vCPU, 4 GiB": {"vcpu": 2.0, "memory_gib": 4.0},
        "by instance": {"billing_mode": "instance_based"},
    },
    "small api": {
        "half a vCPU": {"vcpu": 0.5},
        "concurrency 1 to 80": {"concurrency": 80},
        "min 0 to 1": {"min_instances": 1},
    },
    "fast api": {
        "1 vCPU": {"vcpu": 1.0},
        "1 vCPU, 1 GiB, min 1": {"vcpu": 1.0, "memory_gib": 1.0, "min_instances": 1},
        "min 3 to 0": {"min_instances": 0},
        "concurrency 80 to 10": {"concurrency": 10},
    },
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One change of one world.

    ``told``: assumptions that the user adds, by parameter; ``multiple``: the demand at which risks are judged, in the
    simulation as in the model.
    """

    world: str
    change: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)
    multiple: float = 1.0


SINGLE_THREADED: Final = {"cpu_boundness": 0.0}
CASES: Final[dict[str, Case]] = {
    **{f"{world}: {name}": Case(world, change) for world, each in CHANGES.items() for name, change in each.items()},
    "cpu-bound: 2 vCPU, told single-threaded": Case("cpu-bound", {"vcpu": 2.0}, SINGLE_THREADED),
    "fast api: 1 vCPU, told single-threaded": Case("fast api", {"vcpu": 1.0}, SINGLE_THREADED),
    "single instance: 2 vCPU, told single-threaded": Case("single instance", {"vcpu": 2.0}, SINGLE_THREADED),
    "bursty: max 50 to 8, twice the demand": Case("bursty", {"max_instances": 8}, multiple=2.0),
    "one at a time: max 50 to 4, twice the demand": Case("one at a time", {"max_instances": 4}, multiple=2.0),
    "concurrency-bound: max 100 to 4, twice the demand": Case("concurrency-bound", {"max_instances": 4}, multiple=2.0),
}


@cache
def played(world: str, change: tuple[tuple[str, Any], ...] = (), multiple: float = 1.0) -> Played:
    """The world under its settings with some changed."""
    known = WORLDS[world]
    return play(known.service, replace(known.config, **dict(change)), multiple)


def learned(world: str, folder: Path) -> tuple[Bill, float]:
    """What the model may know of a world, with the true dollars of its month."""
    service, config = WORLDS[world].service, WORLDS[world].config
    before = played(world)
    evidence = Evidence(
        cloud_run_usage(NAME, config, before),
        [cloud_run_record(NAME, config)],
        cloud_run_series(NAME, service, config, before),
    )
    return learned_bill(evidence, folder)


def true_case(name: str, folder: Path) -> TrueCase:
    """What the simulation bills and risks after a change.

    Rejected work is not a saving: the usage that the turned-away requests would have had is added to the truth.
    """
    case = CASES[name]
    changed = tuple(case.change.items())
    after = played(case.world, changed)
    served = 1 - after.rejected_share
    usages = cloud_run_usage(NAME, replace(WORLDS[case.world].config, **case.change), after)
    usages = [replace(usage, amount=usage.amount / served) for usage in usages]
    billed = dollars(write_bill(usages, folder / "after.parquet"))
    risks = (_true_risk(case.world, (), case.multiple), _true_risk(case.world, changed, case.multiple))
    return TrueCase(billed, risks)


def scenario(name: str) -> Scenario:
    """The change as a scenario, with what the user tells."""
    case = CASES[name]
    return scenario_of(_keys(case.change), _keys({"stress_multiplier": case.multiple, **case.told}))


def _keys(named: Mapping[str, Any]) -> dict[str, Any]:
    return {f"cloud_run.{NAME}.{key}": value for key, value in named.items()}


def _true_risk(world: str, change: tuple[tuple[str, Any], ...], multiple: float) -> TrueRisk:
    seen, usual = played(world, change, multiple), played(world, change)
    return TrueRisk(seen.rejected_share, seen.p95_wait_s, usual.cold_starts_per_day)
