"""A Cloud Run service played event by event, from Google's documented behaviour (facts §3.1, §6.1), not from a formula.

Every 10 s the autoscaler asks for max(CPU used ÷ (vCPU × 60 %), requests in flight ÷ (concurrency × 60 %)) instances,
both averaged over the last minute, between min and max. Requests go to one of the wanted instances at random, to others
that are still up when those are full, else into a queue that starts an instance at once and gives up after the larger
of 3.5 start-up times and 10 s (429). An instance is full at its concurrency, or while its CPU is (Google: it "might not
send as many requests to a given instance if the CPU is already highly utilised"). Idle instances above min stay for 15
minutes. A request waits (for others) and computes; computing is slower on a smaller vCPU, and not faster than the code
is parallel. Requests that together need more than the vCPU share it: all of them slow down.
Billed by request: time in which an instance starts or holds a request, in steps of 100 ms, and idle time of min
instances. Billed by instance: all time that it is up, at least a minute.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.truth.traffic import Traffic, arrivals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

TARGET: Final = 0.6
EVALUATED_EVERY_S: Final = 10.0
WINDOW_STEPS: Final = 6
KEPT_IDLE_S: Final = 900.0
BILLING_STEP_S: Final = 0.1
INSTANCE_MINIMUM_S: Final = 60.0
READY: Final = -1
"""The version of an event that says that an instance has started; others say that a request is done."""


@dataclass(frozen=True)
class Config:
    """What is configured on the service."""

    min_instances: int = 0
    max_instances: int = 100
    vcpu: float = 1.0
    memory_gib: float = 1.0
    concurrency: int = 80
    billing_mode: str = "request_based"

    def __post_init__(self) -> None:
        if self.min_instances > self.max_instances:
            raise ValueError(f"Cloud Run refuses min {self.min_instances} above max {self.max_instances}.")


@dataclass(frozen=True)
class Service:
    """The work of a request: it waits ``wait_s`` and computes ``cpu_s`` vCPU-seconds (means of log-normal times).

    It computes on up to ``parallel`` vCPU at once.
    """

    traffic: Traffic
    wait_s: float
    cpu_s: float
    parallel: float = 1.0
    spread: float = 0.5
    startup_s: float = 4.0


@dataclass(eq=False)
class Played:
    """What happened, per simulated hour (H,) or minute (60·H,); ``latency_s`` includes the queue, as metrics do."""

    hours: int
    active_s: NDArray[np.float64]
    idle_s: NDArray[np.float64]
    up_s: NDArray[np.float64]
    requests: NDArray[np.int64]
    requests_by_minute: NDArray[np.int64]
    cpu_s: NDArray[np.float64]
    latency_s: NDArray[np.float64]
    served: int
    rejected: int
    waits_s: NDArray[np.float64] = field(repr=False)
    cold_starts: int = 0

    @property
    def rejected_share(self) -> float:
        """Requests turned away, of all that came."""
        return self.rejected / max(1, self.served + self.rejected)

    @property
    def p95_wait_s(self) -> float:
        """95th percentile of the time in the queue of all served requests."""
        return float(np.quantile(self.waits_s, 0.95)) if len(self.waits_s) else 0.0

    @property
    def cold_starts_per_day(self) -> float:
        """Instances started on demand, a day."""
        return self.cold_starts / (self.hours / 24)


class _Instance:
    """``inside``: heap of (progress at which it is done, request, CPU rate); progress runs at ``rate`` per second."""

    __slots__ = ("born", "inside", "is_ready", "load", "progress", "rate", "since", "updated", "version")

    def __init__(self, now: float, *, is_ready: bool) -> None:
        self.born = now
        self.inside: list[tuple[float, int, float]] = []
        self.load = 0.0
        self.is_ready = is_ready
        self.since = now  # busy or idle since
        self.progress, self.rate, self.updated, self.version = 0.0, 1.0, now, 0


def play(
    service: Service,
    config: Config,
    multiple: float = 1.0,
    times: NDArray[np.float64] | None = None,
    waiting: NDArray[np.float64] | None = None,
) -> Played:
    """Play all requests.

    ``times`` replaces the traffic's own arrivals (a queue in front), ``waiting`` what each request waits for others.
    """
    arriving = arrivals(service.traffic, multiple) if times is None else times
    return _Run(service, config, arriving, waiting).result()


class _Run:
    def __init__(
        self, service: Service, config: Config, arriving: NDArray[np.float64], waiting: NDArray[np.float64] | None
    ) -> None:
        random = np.random.default_rng([7, service.traffic.seed])
        count = len(arriving)
        half = service.spread**2 / 2
        self.config, self.service = config, service
        self.arriving = arriving
        own_waiting = service.wait_s * np.exp(service.spread * random.standard_normal(count) - half)
        self.waiting = (own_waiting if waiting is None else waiting).tolist()
        self.working = (service.cpu_s * np.exp(service.spread * random.standard_normal(count) - half)).tolist()
        self.picks = random.random(count).tolist()
        self.patience_s = max(3.5 * service.startup_s, 10.0)
        self.end = service.traffic.seconds
        self.up = [_Instance(0.0, is_ready=True) for _ in range(config.min_instances)]
        self.wanted = config.min_instances
        self.starting = 0
        self.events: list[tuple[float, int, int, _Instance]] = []
        self.sequence = 0
        self.queue: deque[tuple[float, int]] = deque()
        self.busy: list[tuple[float, float]] = []
        self.lives: list[tuple[float, float]] = []
        self.in_flight, self.load = 0, 0.0
        self.in_flight_integral, self.load_integral, self.clock = 0.0, 0.0, 0.0
        self.durations = np.zeros(count)
        self.waits = np.full(count, -1.0)
        self.cold_starts = 0
        self._play()

    def _play(self) -> None:
        tick = EVALUATED_EVERY_S
        history: deque[tuple[float, float]] = deque([(0.0, 0.0)], maxlen=WINDOW_STEPS + 1)
        events = self.events
        for number, arrival in enumerate(self.arriving.tolist()):
            while True:
                next_event = events[0][0] if events else math.inf
                if tick <= arrival and tick <= next_event:
                    self._integrate(tick)
                    self._evaluate(tick, history)
                    tick += EVALUATED_EVERY_S
                elif next_event <= arrival:
                    self._happen()
                else:
                    break
            self._integrate(arrival)
            if self.queue or not self._place(arrival, number, arrival):
                self.queue.append((arrival, number))
                self._start_for_queue(arrival)
        while tick < self.end or events:
            if events and events[0][0] <= tick:
                self._happen()
            else:
                self._integrate(tick)
                self._evaluate(tick, history)
                tick += EVALUATED_EVERY_S

    def _integrate(self, now: float) -> None:
        elapsed = now - self.clock
        self.in_flight_integral += self.in_flight * elapsed
        self.load_integral += self.load * elapsed
        self.clock = now

    def _place(self, now: float, number: int, arrival: float) -> bool:
        chosen = self._free(self.picks[number])
        if chosen is None:
            return False
        work = self.working[number]
        alone = self.waiting[number] + work / min(self.service.parallel, self.config.vcpu)
        load = work / alone
        if not chosen.inside:
            chosen.since = now
        self._advance(chosen, now)
        heapq.heappush(chosen.inside, (chosen.progress + alone, number, load))
        self._reload(chosen, now, load)
        self.in_flight += 1
        self.waits[number] = now - arrival
        return True

    def _advance(self, one: _Instance, now: float) -> None:
        one.progress += (now - one.updated) * one.rate
        one.updated = now

    def _reload(self, one: _Instance, now: float, load: float) -> None:
        """Change what an instance is asked to compute, share its vCPU, and tell when its next request is done."""
        vcpu = self.config.vcpu
        self.load -= min(one.load, vcpu)
        one.load = one.load + load if one.inside else 0.0
        self.load += min(one.load, vcpu)
        one.rate = 1.0 if one.load <= vcpu else vcpu / one.load
        one.version += 1
        if one.inside:
            ends = now + max(0.0, one.inside[0][0] - one.progress) / one.rate
            heapq.heappush(self.events, (ends, self._next_number(), one.version, one))

    def _next_number(self) -> int:
        self.sequence += 1
        return self.sequence

    def _free(self, pick: float) -> _Instance | None:
        up, concurrency, vcpu = self.up, self.config.concurrency, self.config.vcpu
        routed = min(max(self.wanted, 1), len(up))
        first = int(pick * routed)
        for step in range(routed):
            one = up[(first + step) % routed]
            if one.is_ready and len(one.inside) < concurrency and one.load < vcpu:
                return one
        for one in up[routed:]:
            if one.is_ready and len(one.inside) < concurrency and one.load < vcpu:
                return one
        return None

    def _happen(self) -> None:
        now, _, version, one = heapq.heappop(self.events)
        if version not in (READY, one.version):
            return  # the instance's load has changed since
        self._integrate(now)
        if version == READY:
            one.is_ready = True
            self.starting -= 1
            self.busy.append((one.born, now))
            one.since = one.updated = now
        else:
            self._advance(one, now)
            _, number, load = heapq.heappop(one.inside)
            self.in_flight -= 1
            self.durations[number] = now - self.arriving[number]
            self._reload(one, now, -load)
            if not one.inside:
                self.busy.append((one.since, now))
                one.since = now
        queue = self.queue
        while queue and now - queue[0][0] > self.patience_s:
            queue.popleft()
        while queue and self._place(now, queue[0][1], queue[0][0]):
            queue.popleft()

    def _start(self, now: float) -> None:
        one = _Instance(now, is_ready=False)
        self.up.append(one)
        self.starting += 1
        self.cold_starts += 1
        heapq.heappush(self.events, (now + self.service.startup_s, self._next_number(), READY, one))

    def _start_for_queue(self, now: float) -> None:
        has_room = len(self.up) < self.config.max_instances
        if has_room and self.starting * self.config.concurrency < len(self.queue):
            self._start(now)

    def _evaluate(self, now: float, history: deque[tuple[float, float]]) -> None:
        history.append((self.in_flight_integral, self.load_integral))
        seconds = EVALUATED_EVERY_S * (len(history) - 1)
        in_flight = (history[-1][0] - history[0][0]) / seconds
        load = (history[-1][1] - history[0][1]) / seconds
        wanted = max(load / (TARGET * self.config.vcpu), in_flight / (TARGET * self.config.concurrency))
        self.wanted = max(self.config.min_instances, min(self.config.max_instances, math.ceil(wanted - 1e-9)))
        while self.queue and now - self.queue[0][0] > self.patience_s:
            self.queue.popleft()
        while len(self.up) < self.wanted:
            self._start(now)
        if self.queue:
            self._start_for_queue(now)
        self._stop_idle(now)

    def _stop_idle(self, now: float) -> None:
        least = self.config.min_instances
        if len(self.up) <= least:
            return
        kept = self.up[:least]
        for one in self.up[least:]:
            if one.is_ready and not one.inside and now - one.since >= KEPT_IDLE_S:
                self.lives.append((one.born, one.since + KEPT_IDLE_S))
            else:
                kept.append(one)
        self.up = kept

    def result(self) -> Played:
        """The billed quantities per hour."""
        hours = round(self.end / 3600)
        self.lives += [(one.born, self.end) for one in self.up]
        steps = [(a, a + math.ceil((b - a) / BILLING_STEP_S - 1e-6) * BILLING_STEP_S) for a, b in self.busy]
        lives = [(a, max(b, a + INSTANCE_MINIMUM_S)) for a, b in self.lives]
        was_served = self.waits >= 0
        per_hour, per_minute = (self.arriving // 3600).astype(int), (self.arriving // 60).astype(int)
        served_in = np.bincount(per_hour[was_served], minlength=hours)
        latency = np.bincount(per_hour[was_served], weights=self.durations[was_served], minlength=hours)
        cpu = np.bincount(per_hour[was_served], weights=np.array(self.working)[was_served], minlength=hours)
        return Played(
            hours=hours,
            active_s=by_hour(steps, hours),
            idle_s=_idle_of_min(self.busy, self.config.min_instances, hours),
            up_s=by_hour(lives, hours),
            requests=served_in[:hours],
            requests_by_minute=np.bincount(per_minute, minlength=hours * 60)[: hours * 60],
            cpu_s=cpu[:hours],
            latency_s=(latency / np.maximum(served_in, 1))[:hours],
            served=int(was_served.sum()),
            rejected=int((~was_served).sum()),
            waits_s=self.waits[was_served],
            cold_starts=self.cold_starts,
        )


def by_hour(intervals: Iterable[tuple[float, float]], hours: int) -> NDArray[np.float64]:
    """Seconds of intervals per hour; what lies behind the last hour counts in the first, since the days repeat."""
    ends = np.array(list(intervals), dtype=np.float64).reshape(-1, 2)
    edges = np.arange(2 * hours + 1) * 3600.0
    covered = np.zeros(len(edges))
    for sign, times in ((1.0, ends[:, 0]), (-1.0, ends[:, 1])):  # Σ max(0, edge − start) − Σ max(0, edge − end)
        rising = np.sort(times)
        before = np.searchsorted(rising, edges)
        sums = np.concatenate([[0.0], np.cumsum(rising)])
        covered += sign * (edges * before - sums[before])
    seconds = np.diff(covered)
    return np.asarray(np.round(seconds[:hours] + seconds[hours:], 6) + 0.0, dtype=np.float64)


def _idle_of_min(busy: list[tuple[float, float]], minimum: int, hours: int) -> NDArray[np.float64]:
    """∫ max(0, min − busy instances) dt per hour."""
    if minimum == 0:
        return np.zeros(hours)
    spans = np.array(busy, dtype=np.float64).reshape(-1, 2) % (hours * 3600.0)
    wraps = spans[:, 1] < spans[:, 0]
    edges = np.arange(hours) * 3600.0
    at = np.concatenate([spans[:, 0], spans[:, 1], edges])
    step = np.concatenate([np.ones(len(spans)), -np.ones(len(spans)), np.zeros(hours)])
    order = np.argsort(at, kind="stable")
    level = np.cumsum(step[order]) + int(wraps.sum())
    width = np.diff(np.concatenate([at[order], [hours * 3600.0]]))
    hour = np.minimum((at[order] // 3600).astype(int), hours - 1)
    return np.bincount(hour, weights=np.maximum(0, minimum - level) * width, minlength=hours)
