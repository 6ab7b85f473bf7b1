"""Declarations of what can be set and must be assumed for a Cloud Run service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.levers.cloud_run_settings import (
    CONCURRENCY_MAXIMUM,
    FRACTIONS,
    INSTANCE_BASED,
    REQUEST_BASED,
    SECOND_GENERATION_LEAST_GIB,
    WHOLE_VCPUS,
)
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.levers.cloud_run_reading import Reading
    from model.levers.cloud_run_settings import Told
    from model.parameter import Kind, Value


@dataclass(frozen=True)
class Declared:
    """One parameter of every service; bounds widen to hold the current value."""

    title: str
    unit: str
    kind: Kind
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    configures: str = ""


DECLARED: Final[dict[str, Declared]] = {
    "min_instances": Declared(
        "Min instances", "instances", "setting",
        "Instances kept warm. While they serve nothing they are billed at the idle rate; fewer mean more cold starts.",
        0, 100, 1, configures="--min-instances",
    ),
    "max_instances": Declared(
        "Max instances", "instances", "setting",
        "The most instances that may run. It limits load, not cost: requests that find no instance are rejected.",
        1, 1000, 1, configures="--max-instances",
    ),
    "vcpu": Declared(
        "vCPU per instance", "vCPU", "setting",
        "1, 2, 4, 6 or 8; below 1 an instance serves one request at a time and must be billed by request.",
        choices=(*FRACTIONS, *WHOLE_VCPUS), configures="--cpu",
    ),
    "memory_gib": Declared(
        "Memory per instance", "GiB", "setting",
        "1 vCPU takes up to 4 GiB, 2 up to 8, 4 from 2 to 16, 6 from 4 to 24, 8 from 4 to 32.",
        0.125, 32, 0.125, configures="--memory",
    ),
    "concurrency": Declared(
        "Concurrency", "requests per instance", "setting",
        "Requests that one instance serves at once. More saves only while it decides the number of instances.",
        1, CONCURRENCY_MAXIMUM, 1, configures="--concurrency",
    ),
    "billing_mode": Declared(
        "Billing", "", "setting",
        "By request: instances cost while they serve, and requests cost. By instance: all time that they are up.",
        choices=(REQUEST_BASED, INSTANCE_BASED), configures="--cpu-throttling/--no-cpu-throttling",
    ),
    "latency_s": Declared(
        "Time per request", "s", "assumption",
        "Mean time that a request takes at today's size; with the rate it gives the requests in flight.",
        0.001, 3600, 0.01,
    ),
    "cpu_seconds_per_request": Declared(
        "CPU time per request", "vCPU-s", "assumption",
        "CPU that a request uses; with the vCPU it decides when CPU asks for more instances.",
        0, 3600, 0.001,
    ),
    "cpu_boundness": Declared(
        "CPU-bound share", "ratio", "assumption",
        "Share of a request's time that becomes longer in step when the vCPU shrinks, and shorter when it grows. "
        "Untyped: the time it computes, on one vCPU unless it takes more CPU time than it lasts.",
        0, 1, 0.05,
    ),
    "startup_s": Declared(
        "Start-up time", "s", "assumption",
        "Time from start to first request; billed as active. Requests wait for 3.5 times as long, at least 10 s.",
        0, 240, 0.5,
    ),
    "burstiness": Declared(
        "Burstiness", "CV²", "assumption",
        "Squared coefficient of variation of the one-minute request rate within an hour; 0 is perfectly even.",
        0, 30, 0.05,
    ),
    "stress_multiplier": Declared(
        "Stress", "× demand", "assumption",
        "How many times the billed demand the service must bear when its max is judged.",
        1, 10, 0.1,
    ),
    "database_time_share": Declared(
        "Time in the database", "ratio", "assumption",
        "Share of a request's time spent waiting for the database; it shrinks with query tuning and caching.",
        0, 1, 0.05,
    ),
    "peak_memory_utilisation": Declared(
        "Peak memory in use", "ratio", "assumption",
        "Largest share of today's memory that an instance uses; without it less memory cannot be judged.",
        0, 1, 0.01,
    ),
    "requests_per_s": Declared(
        "Request rate", "requests/s", "assumption",
        "Mean request rate. Instance-based billing does not count requests, so it must be told.",
        0, 1e6, 0.1,
    ),
}  # fmt: skip
"""Parameter name → declaration (cli_contract: keys of Cloud Run)."""

SECOND_GENERATION: Final[dict[str, Declared]] = {
    "vcpu": replace(
        DECLARED["vcpu"], choices=WHOLE_VCPUS,
        help="1, 2, 4, 6 or 8: this service runs in the second generation environment, which takes no less than 1.",
    ),
    "memory_gib": replace(
        DECLARED["memory_gib"], minimum=SECOND_GENERATION_LEAST_GIB,
        help="At least 0.5 GiB in the second generation environment; 1 vCPU takes up to 4 GiB, 2 up to 8, 4 from 2 to "
        "16, 6 from 4 to 24, 8 from 4 to 32.",
    ),
}  # fmt: skip
"""What a service that is pinned to the second generation may take instead (run docs: CPU and memory limits)."""


def service_parameters(reading: Reading) -> list[Parameter]:
    """Every parameter of one service, with what is known of it now."""
    names = [name for name in DECLARED if name != "requests_per_s" or not reading.billed.has_requests]
    allowed = SECOND_GENERATION if reading.is_second_generation else DECLARED
    return [_parameter(reading.key(name), allowed.get(name, DECLARED[name]), reading.told[name]) for name in names]


def _parameter(key: str, declared: Declared, known: Told) -> Parameter:
    low, high = _with(known.number, declared.minimum, declared.maximum)
    return Parameter(
        key=key,
        title=declared.title,
        unit=declared.unit,
        kind=declared.kind,
        current=known.value,
        default_from=known.source,
        evidence=known.evidence,
        help=declared.help,
        minimum=low,
        maximum=high,
        step=declared.step,
        choices=_choices(declared.choices, known.value),
        configures=declared.configures,
        low=known.low,
        high=known.high,
    )


def _with(value: float, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    return (None if low is None else min(low, value)), (None if high is None else max(high, value))


def _choices(choices: tuple[Value, ...], current: Value) -> tuple[Value, ...]:
    """The choices with the current value among them, in order."""
    if not choices or current in choices:
        return choices
    numbers = sorted({float(c) for c in (*choices, current) if isinstance(c, int | float)})
    return tuple(numbers) if len(numbers) == len(choices) + 1 else (*choices, current)
