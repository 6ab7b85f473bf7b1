"""What is assumed about the future and the money: growth, prices, ramps, rates, and the service levels to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.assumed import Assumed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.parameter import Parameter

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


_MONEY: Final = "money"
"""Stands for the bill's currency."""

_ASSUMED: Final = {
    GROWTH: Assumed(
        "Usage growth a year", "ratio", 0.0, -0.1, 0.3, -0.9, 5.0, 0.01,
        "How demand moves from today on, before any lever; tiers follow in steps.", "no growth",
    ),
    PRICE_CHANGE: Assumed(
        "Price change a year", "ratio", 0.0, -0.03, 0.03, -0.5, 0.5, 0.01,
        "How Google's unit prices move. A commitment's fee stays as it was signed.", "no change",
    ),
    DISCOUNT_RATE: Assumed(
        "Discount rate a year", "ratio", 0.08, None, None, 0.0, 1.0, 0.005,
        "What money later is worth less than money now; your company's cost of capital.", "8 %",
    ),
    ONE_OFF_COST: Assumed(
        "One-off cost of the change", _MONEY, 0.0, None, None, 0.0, 1e9, 100.0,
        "Work, migration and tests, paid on the day of the decision.", "nothing",
    ),
    RECURRING_COST: Assumed(
        "Recurring cost a month", _MONEY, 0.0, None, None, 0.0, 1e9, 10.0,
        "Running what the plan adds: support, tools, people.", "nothing",
    ),
    MINIMUM_SPEND: Assumed(
        "Minimum spend agreed a year", _MONEY, 0.0, None, None, 0.0, 1e12, 1000.0,
        "What you have agreed to spend with Google; a saving below it is not cash.", "no agreement",
    ),
    "service_level.p95_wait_s": Assumed(
        "Longest wait for 95 % of requests", "s", 1.0, None, None, 0.0, 600.0, 0.1,
        "Waiting for an instance at the stressed demand; a plan may not make it longer than this.", "1 s",
    ),
    "service_level.rejected_share": Assumed(
        "Largest share of requests rejected", "ratio", 0.001, None, None, 0.0, 1.0, 0.0005,
        "Requests that find no instance in time at the stressed demand.", "0.1 %",
    ),
    "service_level.instance_utilisation": Assumed(
        "Highest use of instances in the busiest hour", "ratio", 0.8, None, None, 0.05, 1.0, 0.01,
        "Share of the slots of the allowed instances that are busy.", "80 %",
    ),
    "service_level.latency_ratio": Assumed(
        "Longest request time against today's", "× today", 1.25, None, None, 1.0, 100.0, 0.05,
        "A smaller or slower instance makes requests take longer; a plan may not go beyond this.", "1.25 times",
    ),
    "service_level.database_cpu": Assumed(
        "Highest CPU of a database at its peak", "ratio", 0.7, None, None, 0.05, 1.0, 0.01,
        "In the highest projected month, at the largest query work.", "70 %",
    ),
    "service_level.database_memory": Assumed(
        "Most of a database's memory that its working set may take", "ratio", 0.9, None, None, 0.05, 1.0, 0.01,
        "The rest is for connections, sorts and what lies between two measurements.", "90 %",
    ),
}  # fmt: skip


def parameters(levers: Iterable[tuple[str, str]], currency: str) -> tuple[Parameter, ...]:
    """Assumptions of every bill, then two of each lever (key, title): when it starts, and how long until it works.

    Amounts are in ``currency``, the bill's.
    """
    stated = [(key, replace(each, unit=currency) if each.unit == _MONEY else each) for key, each in _ASSUMED.items()]
    ramps = [_ramp(*item, name) for item in levers for name in ("start_month", "months")]
    return (*(assumed.parameter(key, "") for key, assumed in stated), *ramps)


def _ramp(lever: str, title: str, name: str) -> Parameter:
    what, text = {
        "start_month": ("starts after", "Months from the decision until the first change of this lever is live."),
        "months": ("takes", "Months from its start until the lever works in full; its saving grows evenly."),
    }[name]
    assumed = Assumed(what, "months", 0.0, None, None, 0.0, float(HORIZON_MONTHS), 1.0, text, "at once")
    return assumed.parameter(f"ramp.{lever}.{name}", title)
