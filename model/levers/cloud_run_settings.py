"""Settings and workload of one Cloud Run service, what they make of an instance, and the shapes that exist."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, cast

from model.behaviour.autoscaler import Capacity

if TYPE_CHECKING:
    from model.parameter import Evidence, Value

BillingMode = Literal["request_based", "instance_based"]
REQUEST_BASED: Final = "request_based"
INSTANCE_BASED: Final = "instance_based"

WHOLE_VCPUS: Final = (1.0, 2.0, 4.0, 6.0, 8.0)
FRACTIONS: Final = (0.08, 0.1, 0.125, 0.167, 0.2, 0.25, 0.333, 0.4, 0.5, 0.583, 0.6, 0.75, 0.8, 0.9)
MEMORY_BOUNDS_GIB: Final = {1.0: (0.125, 4.0), 2.0: (0.125, 8.0), 4.0: (2.0, 16.0), 6.0: (4.0, 24.0), 8.0: (4.0, 32.0)}
SECOND_GENERATION_LEAST_GIB: Final = 0.5
CONCURRENCY_MAXIMUM: Final = 1000
"""Allowed shapes (facts §3.1: run docs, CPU and memory limits); fractions go in steps of 0.001, these are offered."""

LATENCY_FLOOR_S: Final = 1e-6
PARALLEL_FROM: Final = 1.1
"""From here on, with more CPU time than a request lasts, it computes on several vCPU; below, measuring may be off."""


@dataclass(frozen=True)
class Told:
    """A value with what it rests on, and its default range."""

    value: Value
    evidence: Evidence
    source: str
    low: float | None = None
    high: float | None = None

    @property
    def number(self) -> float:
        """The value as a float."""
        return 0.0 if self.value is None or isinstance(self.value, str) else float(self.value)


@dataclass(frozen=True)
class Settings:
    """What is configured on a service."""

    min_instances: int
    max_instances: int
    vcpu: float
    memory_gib: float
    concurrency: int
    billing_mode: BillingMode

    @property
    def concurrency_in_force(self) -> int:
        """Below one vCPU an instance serves one request at a time."""
        return 1 if self.vcpu < 1.0 else self.concurrency


@dataclass(frozen=True)
class Workload:
    """What the requests of a service need at its current settings, and how bursty they come.

    ``cpu_boundness`` is the share of latency that moves in step with the vCPU; None: what CPU time and latency imply.
    With ``shares_cpu`` latency is that of a request alone on its instance.
    """

    latency_s: float
    cpu_seconds_per_request: float
    cpu_boundness: float | None
    startup_s: float
    burstiness: float
    stress_multiplier: float
    database_time_share: float
    requests_per_s: float
    shares_cpu: bool = field(default=False, kw_only=True)


WORKLOAD_NAMES: Final = tuple(name for name in Workload.__dataclass_fields__ if name != "shares_cpu")
"""What can be told of a workload."""


def settings_from(values: dict[str, Value]) -> Settings:
    """Settings from plain values, each in its own type."""
    return Settings(
        min_instances=round(_number(values["min_instances"])),
        max_instances=round(_number(values["max_instances"])),
        vcpu=_number(values["vcpu"]),
        memory_gib=_number(values["memory_gib"]),
        concurrency=max(1, round(_number(values["concurrency"]))),
        billing_mode=cast("BillingMode", str(values["billing_mode"])),
    )


def workload_from(values: dict[str, Value]) -> Workload:
    """Workload from plain values; a CPU-bound share that is None follows from the others."""
    workload = Workload(*(_number(values[name]) for name in WORKLOAD_NAMES))
    return workload if values["cpu_boundness"] is not None else replace(workload, cpu_boundness=None)


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)


def rounded(value: float) -> float:
    """Four significant digits, as a solved value is shown and used."""
    return float(f"{value:.4g}")


def instance(settings: Settings, latency_s: float, cpu_seconds_per_request: float) -> Capacity:
    """One instance at these settings, latency and CPU time."""
    return Capacity(
        vcpu=settings.vcpu,
        concurrency=settings.concurrency_in_force,
        latency_s=max(latency_s, LATENCY_FLOOR_S),
        cpu_seconds_per_request=cpu_seconds_per_request,
        minimum=settings.min_instances,
        maximum=max(settings.max_instances, 1),
    )


def capacity(new: Settings, current: Settings, workload: Workload, database_work: float = 1.0) -> Capacity:
    """What one instance carries at new settings.

    Latency S′ = S · [1 − φ(1 − M) + β(r − 1)]: the share φ in the database shrinks with M, the share β in which a
    request computes takes r times as long. They are different parts of the same request: a told β counts at most 1 − φ,
    and φ at most what CPU time leaves of the latency. With one of them this is S[(1 − φ) + φM] or S·τ.
    """
    phi = workload.database_time_share
    share, ratio = computing(workload, current.vcpu, new.vcpu)
    if workload.cpu_boundness is None:
        phi = min(phi, 1.0 - share)
    factor = 1.0 - phi * (1.0 - database_work) + min(share, 1.0 - phi) * (ratio - 1.0)
    one = instance(new, workload.latency_s * factor, workload.cpu_seconds_per_request)
    return replace(one, shares_cpu=workload.shares_cpu)


def computing(workload: Workload, vcpu: float, new_vcpu: float) -> tuple[float, float]:
    """Share of latency in which a request computes, and how much longer that takes on new vCPU.

    A told share takes v ÷ v′. Else a request computes for κ ÷ min(p, v), and then for κ ÷ min(p, v′): on p = 1 vCPU,
    the least that any code uses, unless it takes more CPU time than it lasts; then on all of them.
    """
    if workload.cpu_boundness is not None:
        return workload.cpu_boundness, vcpu / new_vcpu
    is_parallel = workload.cpu_seconds_per_request > PARALLEL_FROM * workload.latency_s
    used, then = (v if is_parallel else min(v, 1.0) for v in (vcpu, new_vcpu))
    return min(1.0, workload.cpu_seconds_per_request / used / max(workload.latency_s, LATENCY_FLOOR_S)), used / then


def shape_problem(settings: Settings) -> str:
    """Why this combination cannot be deployed, with what is allowed; '' when it can (facts §3.1)."""
    if settings.min_instances > settings.max_instances:
        return f"min {settings.min_instances} is above max {settings.max_instances}; min must not exceed max."
    if not 1 <= settings.concurrency <= CONCURRENCY_MAXIMUM:
        return f"concurrency {settings.concurrency} is outside 1 to {CONCURRENCY_MAXIMUM}."
    return _fraction_problem(settings) if settings.vcpu < 1.0 else _whole_problem(settings)


def _fraction_problem(settings: Settings) -> str:
    v, m = settings.vcpu, settings.memory_gib
    if v < 0.08:
        return f"{v:g} vCPU is too little; the least is 0.08 vCPU."
    if settings.concurrency != 1:
        return f"{v:g} vCPU needs concurrency 1 (it is {settings.concurrency}); or take 1 vCPU or more."
    if settings.billing_mode != REQUEST_BASED:
        return f"{v:g} vCPU needs request_based billing; instance_based billing needs 1 vCPU or more."
    if m > 1.0:
        return f"{m:g} GiB needs at least 1 vCPU; below one vCPU memory ends at 1 GiB."
    if m > 0.5 and v < 0.5:
        return f"{m:g} GiB needs at least 0.5 vCPU; {v:g} vCPU takes up to 0.5 GiB."
    return "" if m >= 0.125 else f"{m:g} GiB is too little; the least is 0.125 GiB."


def _whole_problem(settings: Settings) -> str:
    v, m = settings.vcpu, settings.memory_gib
    bounds = MEMORY_BOUNDS_GIB.get(v)
    if bounds is None:
        return f"{v:g} vCPU does not exist; choose 1, 2, 4, 6, 8, or less than 1."
    low, high = bounds
    return "" if low <= m <= high else f"{v:g} vCPU takes {low:g} to {high:g} GiB of memory, not {m:g} GiB."
