"""What is assumed about the future and the money: growth, prices, ramps, rates, and the service levels to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

HORIZON_MONTHS: Final = 36
GROWTH: Final = "growth.usage_per_year"
PRICE_CHANGE: Final = "prices.change_per_year"
DISCOUNT_RATE: Final = "finance.discount_rate_per_year"
ONE_OFF_COST: Final = "finance.one_off_cost"
RECURRING_COST: Final = "finance.recurring_cost_per_month"
MINIMUM_SPEND: Final = "finance.minimum_spend_per_year"
TITLES: Final = {
    "growth": "Growth",
    "prices": "Prices",
    "finance": "Finance",
    "ramp": "Ramp",
    "service_level": "Service levels",
}


@dataclass(frozen=True)
class _Declared:
    title: str
    unit: str
    value: float
    low: float | None
    high: float | None
    minimum: float
    maximum: float
    step: float
    source: str
    help: str


_STATED: Final = "not typed in: {} is taken"
_ASSUMED: Final = {
    GROWTH: _Declared(
        "Usage growth a year", "ratio", 0.0, -0.1, 0.3, -0.9, 5.0, 0.01, "no growth",
        "How demand moves from today on, before any lever; tiers follow in steps.",
    ),
    PRICE_CHANGE: _Declared(
        "Price change a year", "ratio", 0.0, -0.03, 0.03, -0.5, 0.5, 0.01, "no change",
        "How Google's unit prices move. A commitment's fee stays as it was signed.",
    ),
    DISCOUNT_RATE: _Declared(
        "Discount rate a year", "ratio", 0.08, None, None, 0.0, 1.0, 0.005, "8 %",
        "What money later is worth less than money now; your company's cost of capital.",
    ),
    ONE_OFF_COST: _Declared(
        "One-off cost of the change", "money", 0.0, None, None, 0.0, 1e9, 100.0, "nothing",
        "Work, migration and tests, paid on the day of the decision.",
    ),
    RECURRING_COST: _Declared(
        "Recurring cost a month", "money", 0.0, None, None, 0.0, 1e9, 10.0, "nothing",
        "Running what the plan adds: support, tools, people.",
    ),
    MINIMUM_SPEND: _Declared(
        "Minimum spend agreed a year", "money", 0.0, None, None, 0.0, 1e12, 1000.0, "no agreement",
        "What you have agreed to spend with Google; a saving below it is not cash.",
    ),
    "service_level.p95_wait_s": _Declared(
        "Longest wait for 95 % of requests", "s", 1.0, None, None, 0.0, 600.0, 0.1, "1 s",
        "Waiting for an instance at the stressed demand; a plan may not make it longer than this.",
    ),
    "service_level.rejected_share": _Declared(
        "Largest share of requests rejected", "ratio", 0.001, None, None, 0.0, 1.0, 0.0005, "0.1 %",
        "Requests that find no instance in time at the stressed demand.",
    ),
    "service_level.instance_utilisation": _Declared(
        "Highest use of instances in the busiest hour", "ratio", 0.8, None, None, 0.05, 1.0, 0.01, "80 %",
        "Share of the slots of the allowed instances that are busy.",
    ),
    "service_level.latency_ratio": _Declared(
        "Longest request time against today's", "× today", 1.25, None, None, 1.0, 100.0, 0.05, "1.25 times",
        "A smaller or slower instance makes requests take longer; a plan may not go beyond this.",
    ),
    "service_level.database_cpu": _Declared(
        "Highest CPU of a database at its peak", "ratio", 0.7, None, None, 0.05, 1.0, 0.01, "70 %",
        "In the highest projected month, at the largest query work.",
    ),
    "service_level.database_memory": _Declared(
        "Most of a database's memory that its working set may take", "ratio", 0.9, None, None, 0.05, 1.0, 0.01, "90 %",
        "The rest is for connections, sorts and what lies between two measurements.",
    ),
}  # fmt: skip


def parameters(levers: Iterable[tuple[str, str]]) -> tuple[Parameter, ...]:
    """Assumptions of every bill, then two of each lever (key, title): when it starts, and how long until it works."""
    ramps = [_ramp(*item, name) for item in levers for name in ("start_month", "months")]
    return (*(_parameter(key, declared) for key, declared in _ASSUMED.items()), *ramps)


def _parameter(key: str, declared: _Declared) -> Parameter:
    return Parameter(
        key, declared.title, declared.unit, "assumption", declared.value, _STATED.format(declared.source), "modelled",
        declared.help, minimum=declared.minimum, maximum=declared.maximum, step=declared.step,
        low=declared.low, high=declared.high,
    )  # fmt: skip


def _ramp(lever: str, title: str, name: str) -> Parameter:
    what, text = {
        "start_month": ("starts after", "Months from the decision until the first change of this lever is live."),
        "months": ("takes", "Months from its start until the lever works in full; its saving grows evenly."),
    }[name]
    return Parameter(
        f"ramp.{lever}.{name}", f"{title}: {what}", "months", "assumption", 0.0, _STATED.format("at once"), "modelled",
        text, minimum=0.0, maximum=float(HORIZON_MONTHS), step=1.0,
    )  # fmt: skip
