"""Predictions held against the demo's minute-by-minute simulation, run again with the changed settings.

The model sees the bill before the change, its inventory and its metrics; the simulation produces the bill after it. The
simulation shares no code with the model, but follows the same autoscaler rule, so it tests what hourly means hide, not
the rule. Every case that was tried is here; those that miss the aim are named in MISSES with what they were off by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from data.sources.demo import company, workload
from data.workspace import Workspace
from model.outcome import evaluate
from model.scenario import Scenario
from pages.parts import session

if TYPE_CHECKING:
    from pathlib import Path

    from model.bill import Bill

pytestmark = pytest.mark.xdist_group("demo-truth")

MONTHS = (202508, 202509, 202510, 202511, 202512, 202601)
CHANGES: dict[str, dict[str, Any]] = {
    "min 1": {"min_instances": 1},
    "min 10": {"min_instances": 10},
    "max 20": {"max_instances": 20},
    "double the vCPU": {"vcpu": 4},
    "half the size": {"vcpu": 1, "memory_gib": 2},
    "half the memory": {"memory_gib": 2},
    "concurrency 8": {"concurrency": 8},
    "concurrency 20": {"concurrency": 20},
    "concurrency 160": {"concurrency": 160},
    "all at once": {"min_instances": 1, "vcpu": 1, "memory_gib": 2},
    "all at once, max 100": {"min_instances": 1, "vcpu": 1, "memory_gib": 2, "max_instances": 100},
}
MISSES = {
    ("max 20", "worker"): 0.006,
    ("max 20", "renderer"): 0.016,
    ("min 10", "api"): 0.011,
    ("double the vCPU", "renderer"): 0.023,
    ("half the size", "api"): 0.024,
    ("half the size", "renderer"): 0.009,
    ("all at once", "api"): 0.025,
    ("all at once, max 100", "api"): 0.025,
    ("all at once, max 100", "renderer"): 0.012,
    ("concurrency 8", "renderer"): 0.115,
    ("concurrency 20", "renderer"): 0.115,
    ("concurrency 160", "renderer"): 0.115,
}
"""Cases outside the aim (1 % of the service's bill, and the larger of 10 % of the saving and 0.5 % of the bill), with
the share of the bill that they are off by at the most. A case that comes to meet the aim must leave this table.

Eight of them came when the model learned what this simulation leaves out: requests that compute on one vCPU share it
(``test_a_busy_instance_computes_no_more_than_its_vcpu_can``), and each busy period is billed in steps of 100 ms."""
SERVICES = tuple(service.name for service in workload.SERVICES)


@dataclass(frozen=True)
class Truth:
    """The simulated company: its demand, and the bill that the model was given."""

    demand: float
    bill: Bill

    def cost(self, service: workload.Service, index: int) -> float:
        return workload.cost_nanos(workload.simulate(service, index, self.demand)) / 1e9


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder: Path = tmp_path_factory.mktemp("truth")
    workspace = Workspace(folder)
    session.import_demo(workspace)
    return Truth(_demand(), session.load_bill(workspace, MONTHS))


def _demand() -> float:
    """The demand at which the simulated first service costs what the demo bill says."""
    target = workload.cost_nanos(workload.workload(company.CLOUD_RUN_NANOS)[0])
    low, high = 0.5, 2.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        cheap = workload.cost_nanos(workload.simulate(workload.SERVICES[0], 0, middle)) < target
        low, high = (middle, high) if cheap else (low, middle)
    return low


def _after(service: workload.Service, change: dict[str, Any]) -> workload.Service:
    changed = replace(service, **change)
    boundness = _boundness(service)
    stretch = (1 - boundness) + boundness * service.vcpu / changed.vcpu
    return replace(changed, latency_s=service.latency_s * stretch)


def _boundness(service: workload.Service) -> float:
    """The share of a request's time that the simulation moves in step with the vCPU, which the model is told."""
    return min(1.0, service.cpu_seconds_per_request / service.latency_s)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("what", CHANGES)
def test_the_bill_after_a_change_is_predicted(truth: Truth, what: str, name: str) -> None:
    index = SERVICES.index(name)
    service = workload.SERVICES[index]
    before = truth.cost(service, index)
    true_saving = before - truth.cost(_after(service, CHANGES[what]), index)
    scenario = Scenario()
    for key, value in CHANGES[what].items():
        scenario = scenario.with_setting(f"cloud_run.{name}.{key}", value)
    scenario = scenario.with_assumption(f"cloud_run.{name}.cpu_boundness", _boundness(service))
    predicted = evaluate(truth.bill, scenario).saving_nanos / 1e9
    error = abs(predicted - true_saving)
    print(f"{what}, {name}: true {true_saving:.2f}, predicted {predicted:.2f}, {error / before:.2%} of its bill")
    miss = MISSES.get((what, name))
    is_met = error <= 0.01 * before and error <= max(0.10 * abs(true_saving), 0.005 * before)
    assert is_met == (miss is None), (true_saving, predicted)
    assert error <= (miss or 0.01) * before, (true_saving, predicted)


def test_this_simulation_lets_a_busy_instance_compute_more_than_its_vcpu_can(truth: Truth) -> None:
    """Why the renderer's concurrency is missed: in its busiest hours it would compute more than 2 vCPU a busy second.

    That the model does not: ``test_a_busy_instance_computes_no_more_than_its_vcpu_can``.
    """
    index = SERVICES.index("renderer")
    service = workload.SERVICES[index]
    played = workload.simulate(replace(service, concurrency=8), index, truth.demand)
    needed_s = played.requests_per_hour * service.cpu_seconds_per_request / service.vcpu
    busiest = np.argsort(needed_s)[-500:]
    assert 60.0 * played.busy.reshape(-1, 60).sum(axis=1)[busiest].sum() < needed_s[busiest].sum()
