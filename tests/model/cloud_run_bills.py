"""Small hand-made bills of Cloud Run services, and an event-by-event simulation of the platform to judge the model by.

The simulation shares no code with the model: requests arrive one by one, instances hold them, an autoscaler looks at
each minute, and time is billed by what each instance holds, in steps of 100 ms. Requests do not slow each other down.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from model.bill import Bill, HourAxis, Lines, Resource
from model.lever import Effects, LeverResult
from model.levers.cloud_run import LEVER
from model.parameter import Fact
from model.prices import PriceBook
from model.scenario import Assumption, Scenario

RB = "cloud_run.request_based."
IB = "cloud_run.instance_based."
PRICE = {
    RB + "cpu": 24e-6, RB + "memory": 2.5e-6, RB + "idle_cpu": 2.5e-6, RB + "idle_memory": 2.5e-6,
    RB + "requests": 0.4e-6, IB + "cpu": 18e-6, IB + "memory": 2e-6,
}  # fmt: skip
FIRST_HOUR = 490_000


def bill_of(usage: dict[str, np.ndarray], facts: dict[str, object] | None = None, name: str = "api", **other) -> Bill:
    hours = len(next(iter(usage.values())))
    axis = other.pop("axis", None) or HourAxis(
        np.arange(FIRST_HOUR, FIRST_HOUR + hours), np.zeros(hours, dtype=np.int64), np.ones(hours, dtype=bool)
    )
    resource = Resource("cloud_run", name, "p", "us-central1", usage, {}, **other)
    none = np.zeros(0, dtype=np.int64)
    lines = Lines({}, none, np.zeros(0), none, none, none, none, {})
    known = {f"cloud_run.{name}.{key}": Fact(value, "measured", "inventory") for key, value in (facts or {}).items()}
    return Bill("USD", (202601,), axis, lines, {"cloud_run": (resource,)}, (), PriceBook(), known, 1.0)


def apply(bill: Bill, settings=None, assumptions=None, effects: Effects = Effects()) -> LeverResult:  # noqa: B008
    name = bill.of("cloud_run")[0].name
    scenario = Scenario(
        settings={f"cloud_run.{name}.{key}": value for key, value in (settings or {}).items()},
        assumptions={f"cloud_run.{name}.{key}": Assumption(value) for key, value in (assumptions or {}).items()},
    )
    parameters = LEVER.parameters(bill)
    scenario.check(parameters)
    return LEVER.apply(bill, scenario.values(parameters), effects)


def usage_after(bill: Bill, result: LeverResult) -> dict[str, np.ndarray]:
    return dict(bill.of("cloud_run")[0].usage) | {change.kind: change.usage for change in result.usage}


def cost(usage: dict[str, np.ndarray]) -> float:
    return sum(float(amount.sum()) * PRICE[kind] for kind, amount in usage.items())


@dataclass(frozen=True)
class World:
    """A workload: request times and durations, the same for every configuration that is tried on it."""

    rate_by_hour: tuple[float, ...]
    latency_s: float
    cpu_s: float
    burstiness: float = 0.0
    startup_s: float = 4.0
    seed: int = 1
    arrivals: list = field(init=False, compare=False)
    durations: list = field(init=False, compare=False)
    minute_rate: np.ndarray = field(init=False, compare=False)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        minutes = np.repeat(np.array(self.rate_by_hour), 60)
        if self.burstiness:
            minutes = minutes * random.gamma(1 / self.burstiness, self.burstiness, len(minutes))
        counts = random.poisson(minutes * 60)
        times = np.repeat(np.arange(len(minutes)) * 60.0, counts) + random.uniform(0, 60, counts.sum())
        object.__setattr__(self, "arrivals", np.sort(times).tolist())
        object.__setattr__(self, "durations", random.exponential(self.latency_s, counts.sum()).tolist())
        object.__setattr__(self, "minute_rate", np.where(counts > 0, minutes, 0.0))

    @property
    def hours(self) -> int:
        return len(self.rate_by_hour)


@dataclass(frozen=True)
class Config:
    minimum: int = 0
    maximum: int = 100
    vcpu: float = 1.0
    memory: float = 1.0
    concurrency: int = 80
    slowdown: float = 1.0

    @property
    def facts(self) -> dict[str, object]:
        return {
            "min_instances": self.minimum, "max_instances": self.maximum, "vcpu": self.vcpu,
            "memory_gib": self.memory, "concurrency": self.concurrency,
        }  # fmt: skip


def wanted_by_minute(world: World, config: Config) -> list[int]:
    wanted = []
    for rate in world.minute_rate.tolist():
        by_cpu = rate * world.cpu_s / (0.6 * config.vcpu)
        by_concurrency = rate * world.latency_s * config.slowdown / (0.6 * config.concurrency)
        want = max(1, math.ceil(max(by_cpu, by_concurrency) - 1e-9)) if rate > 0 else 0
        wanted.append(max(config.minimum, min(want, config.maximum)))
    return wanted


@cache
def simulate(world: World, config: Config, mode: str = "request_based") -> dict[str, np.ndarray]:
    wanted = wanted_by_minute(world, config)
    starts, alive = np.zeros(world.hours), np.zeros(world.hours)
    for minute, want in enumerate(wanted):
        kept = max([config.minimum, *wanted[max(0, minute - 15) : minute]])
        starts[minute // 60] += max(0, want - kept)
        alive[minute // 60] += 60 * max([config.minimum, *wanted[max(0, minute - 14) : minute + 1]])
    size = {"cpu": config.vcpu, "memory": config.memory}
    if mode == "instance_based":
        return {IB + what: alive * amount for what, amount in size.items()}
    busy, idle, requests = _serve(world, config, wanted)
    active = busy + starts * world.startup_s
    usage = {RB + what: active * amount for what, amount in size.items()}
    usage |= {RB + "idle_" + what: idle * amount for what, amount in size.items()}
    return usage | {RB + "requests": requests}


def _serve(  # noqa: C901 - one event loop
    world: World, config: Config, wanted: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(99)
    picks = random.random(len(world.arrivals)).tolist()
    busy, idle, requests = np.zeros(world.hours), np.zeros(world.hours), np.zeros(world.hours)
    held: dict[int, int] = {}
    since: dict[int, float] = {}
    leaving: list[tuple[float, int]] = []
    waiting: deque[float] = deque()
    clock = 0.0

    def advance(until: float) -> None:
        nonlocal clock
        while clock < until:
            hour = min(int(clock // 3600), world.hours - 1)
            step = min(until, (hour + 1) * 3600.0) if clock < world.hours * 3600.0 else until
            busy[hour] += len(held) * (step - clock)
            idle[hour] += max(0, config.minimum - len(held)) * (step - clock)
            clock = step

    def place(duration: float, pick: float) -> bool:
        up = wanted[min(int(clock // 60), len(wanted) - 1)] or 1
        free = [i for i in range(up) if held.get(i, 0) < config.concurrency]
        if not free:
            return False
        chosen = free[int(pick * len(free))]
        since.setdefault(chosen, clock)
        held[chosen] = held.get(chosen, 0) + 1
        heapq.heappush(leaving, (clock + duration, chosen))
        return True

    def leave_until(until: float) -> None:
        while leaving and leaving[0][0] <= until:
            when, who = heapq.heappop(leaving)
            advance(when)
            held[who] -= 1
            if not held[who]:
                del held[who]
                tenths = (when - since.pop(who)) * 10.0
                busy[min(int(when // 3600), world.hours - 1)] += (math.ceil(tenths - 1e-6) - tenths) / 10.0
            while waiting and place(waiting[0], 0.5):
                waiting.popleft()

    for arrival, duration, pick in zip(world.arrivals, world.durations, picks, strict=True):
        leave_until(arrival)
        advance(arrival)
        requests[int(arrival // 3600)] += 1
        if not place(duration * config.slowdown, pick):
            waiting.append(duration * config.slowdown)
    leave_until(world.hours * 3600.0)
    advance(world.hours * 3600.0)
    return busy, idle, requests


def daily(mean: float, swing: float = 0.8, days: int = 1) -> tuple[float, ...]:
    """Rates of whole days, every second hour of them: a quiet night and a busy afternoon."""
    hour = np.arange(0, 24 * days, 2)
    return tuple((mean * (1 + swing * np.sin(2 * np.pi * (hour - 9) / 24))).tolist())
