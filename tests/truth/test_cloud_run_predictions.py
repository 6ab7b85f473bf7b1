"""Predictions held against a truth that does not know the model: the demo's minute-by-minute simulation, run again.

The model sees the bill before the change, its inventory and its metrics; the simulation produces the bill after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    "half the size": {"vcpu": 1, "memory_gib": 2},
    "half the memory": {"memory_gib": 2},
    "concurrency 8": {"concurrency": 8},
    "concurrency 160": {"concurrency": 160},
    "all at once": {"min_instances": 1, "vcpu": 1, "memory_gib": 2},
}
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
    boundness = min(1.0, service.cpu_seconds_per_request / service.latency_s)
    stretch = (1 - boundness) + boundness * service.vcpu / changed.vcpu
    return replace(changed, latency_s=service.latency_s * stretch)


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
    predicted = evaluate(truth.bill, scenario).saving_nanos / 1e9
    error = abs(predicted - true_saving)
    print(f"{what}, {name}: true {true_saving:.2f}, predicted {predicted:.2f}, {error / before:.2%} of its bill")
    assert error <= 0.01 * before, (true_saving, predicted)
    assert error <= max(0.10 * abs(true_saving), 0.005 * before), (true_saving, predicted)
