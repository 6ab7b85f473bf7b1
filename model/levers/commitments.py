"""Commitments: bought last, on the usage that the other levers and the existing commitments leave.

Source: Google's rules for spend-based commitments: the fee runs every hour of the term, what an hour does not use is
lost, overage bills at on-demand. Discounts come from the dated price book.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import FILL_ORDERS, FillOrder
from model.commitment_ahead import bought_since_per_hour, held_parameters
from model.commitment_pools import pool_title
from model.commitment_rates import LIST, PRICE_BASES, is_below_list, price_base, share_of_list
from model.levers import resource_purchase
from model.levers.commitment_plan import AMOUNTS, HIGHEST, LAST_MONTH, TERM_MONTHS, ExistingCommitment, PoolPlan
from model.levers.commitment_rungs import typed_rungs
from model.levers.pool_hours import has_fallen, pool_usage
from model.levers.pool_planning import Purchase, plan_pool, plan_usage
from model.levers.resource_purchase import after_resources, typed_units
from model.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.parameter import Values

    Series = Mapping[str, Mapping[str, NDArray[np.float64]]]

__all__ = ["ExistingCommitment", "PoolPlan", "options", "parameters", "plan_pools"]

TERMS: Final = ("none", "1y", "3y")


def parameters(bill: Bill) -> list[Parameter]:
    """Term, amount, target, plan and fill order of every pool with usage; no new commitment is the current state."""
    spend = [parameter for pool in bill.pools if _has_usage(pool, {}) for parameter in _of_pool(bill, pool)]
    return [*spend, *resource_purchase.parameters(bill)]


def plan_pools(bill: Bill, values: Values, eligible_after: Series) -> tuple[PoolPlan, ...]:
    """Resource commitments as bought, then a plan per pool on what they leave; fees alone leave nothing to plan.

    ``eligible_after[pool][rate class]`` is (H,): on-demand units per slot, eligible or already covered, after the usage
    levers. Rungs win over a term; a typed amount wins over a target, a target over the plan.
    """
    resources, left = resource_purchase.resource_plans(bill, values, eligible_after)
    spend = tuple(
        _planned(bill, pool, _purchase(bill, pool, values), _Usage(left.get(pool.name, {})))
        for pool in bill.pools
        if _has_usage(pool, left)
    )
    return (*resources, *spend)


class _Usage:
    """On-demand amounts by rate class, (H,) each, that are equal where their content is."""

    def __init__(self, series: Mapping[str, NDArray[np.float64]]) -> None:
        self.series = series
        parts = (part for key, amounts in series.items() for part in (key.encode(), amounts.tobytes()))
        self.digest = hashlib.blake2b(b"|".join(parts), digest_size=16).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Usage) and self.digest == other.digest


@lru_cache(maxsize=64)
def _planned(bill: Bill, pool: Pool, purchase: Purchase, after: _Usage) -> PoolPlan:
    """Memoised, since most changes leave most pools as they are."""
    return plan_pool(bill, pool, purchase, after.series)


def options(bill: Bill, values: Values, eligible_after: Series, *, is_careful: bool = False) -> tuple[PoolPlan, ...]:
    """The highest-saving plan of every spend pool for 1 and for 3 years, whatever spend the scenario commits.

    ``is_careful``: where usage has fallen within the window, what is best for its last month.
    """
    found = []
    left = after_resources(bill, typed_units(bill, values), eligible_after)
    for pool in bill.pools:
        if _has_usage(pool, left):
            chosen = _purchase(bill, pool, values)
            usage = pool_usage(bill, pool, left.get(pool.name, {}), chosen.beside_per_hour)
            amount = LAST_MONTH if is_careful and has_fallen(usage) else HIGHEST
            found += [plan_usage(bill, pool, _of_term(chosen, term, amount), usage) for term in TERM_MONTHS]
    return tuple(found)


def _of_term(chosen: Purchase, term: str, amount: str) -> Purchase:
    return Purchase(
        term,
        amount=amount,
        fill_order=chosen.fill_order,
        price_base=chosen.price_base,
        beside_per_hour=chosen.beside_per_hour,
    )


def _has_usage(pool: Pool, eligible_after: Series) -> bool:
    return bool(pool.eligible or pool.covered or eligible_after.get(pool.name))


def _of_pool(bill: Bill, pool: Pool) -> list[Parameter]:
    most = _slider_end(pool)
    return [
        *_amounts(bill, pool, most),
        *_choices(pool),
        *([_price_base(bill, pool)] if is_below_list(bill, pool) else []),
        *held_parameters(bill, pool, most),
    ]


def _amounts(bill: Bill, pool: Pool, most: float) -> list[Parameter]:
    """How long and how much: the term, and what wins over the plan."""
    key, unit = f"commitments.{pool.name}", f"{bill.currency}/h"
    hours = "" if pool.has_hours else " Not plannable here: this pool has no hourly rows."
    return [
        Parameter(
            f"{key}.term", f"New commitment for {pool_title(pool.name)}", "", "setting", "none",
            "no new commitment; existing ones are in the bill", "measured",
            "How long to commit. The fee runs every hour of the term and cannot be cancelled." + hours,
            choices=TERMS, disruption="one_way",
        ),
        Parameter(
            f"{key}.covered_per_hour", "On-demand cost to cover", unit, "setting", None, "not typed", "measured",
            "On-demand cost per hour that the commitment covers; wins over a target and over the plan.",
            minimum=0.0, maximum=100.0 * most, step=most / 100, disruption="one_way",
        ),
        Parameter(
            f"{key}.target_coverage_ratio", "Share of eligible cost to cover", "ratio", "setting", None, "not typed",
            "measured", "The smallest commitment that, with existing ones, reaches this share; wins over the plan.",
            minimum=0.0, maximum=1.0, step=0.01, disruption="one_way",
        ),
        Parameter(
            f"{key}.target_utilisation_ratio", "Share of the commitment that finds usage", "ratio", "setting", None,
            "not typed", "measured", "The largest commitment that is used so far; a coverage target wins over it.",
            minimum=0.01, maximum=1.0, step=0.01, disruption="one_way",
        ),
    ]  # fmt: skip


def _choices(pool: Pool) -> list[Parameter]:
    """The plan, rungs of several months, and what is filled first."""
    key = f"commitments.{pool.name}"
    return [
        Parameter(
            f"{key}.plan", "How much to commit", "", "setting", "highest_savings", "where a term is chosen", "modelled",
            "Highest savings over the window's hours, over those of its last month (where usage has fallen), or only "
            "what is typed.", choices=AMOUNTS,
        ),
        Parameter(
            f"{key}.rungs", "Several commitments with their months", "rungs", "setting", "", "none typed", "measured",
            "First month, term and on-demand cost covered an hour of each, as 2026-07:3y:1.8,2027-01:1y:0.5: a mix of "
            "terms or a ladder. They win over term and amount, and end with their terms.", disruption="one_way",
        ),
        Parameter(
            f"{key}.fill_order", "Which usage a commitment covers first", "", "assumption", "pro_rata",
            "Google does not document it; the range over all orders is shown", "modelled",
            "Matters only where one commitment covers usage of several discounts.", choices=FILL_ORDERS,
        ),
    ]  # fmt: skip


def _price_base(bill: Bill, pool: Pool) -> Parameter:
    return Parameter(
        f"commitments.{pool.name}.price_base", "What a commitment's discount is off", "", "assumption", LIST,
        f"not typed in: off list, while this bill pays {share_of_list(bill, pool):.1%} of list", "modelled",
        "Your contract may lower commitment prices as it lowers your own price; ask before you sign.",
        choices=PRICE_BASES,
    )  # fmt: skip


def _slider_end(pool: Pool) -> float:
    """Twice the busiest slot's on-demand cost, in two digits: above it nothing can be used."""
    series = [*pool.eligible.values(), *pool.covered.values()]
    peak = float(np.sum(series, axis=0).max()) if series else 0.0
    if peak <= 0.0:
        return 1.0
    digit = 10.0 ** (ceil(np.log10(peak)) - 2)
    return float(2.0 * ceil(peak / digit) * digit)


def _purchase(bill: Bill, pool: Pool, values: Values) -> Purchase:
    name, key = pool.name, f"commitments.{pool.name}"
    return Purchase(
        term=values.text(f"{key}.term", "none"),
        covered_per_hour=_typed(values, f"{key}.covered_per_hour"),
        target_coverage_ratio=_typed(values, f"{key}.target_coverage_ratio"),
        target_utilisation_ratio=_typed(values, f"{key}.target_utilisation_ratio"),
        amount=values.text(f"{key}.plan", HIGHEST),
        fill_order=fill_order(values, name),
        price_base=price_base(values, name),
        beside_per_hour=bought_since_per_hour(bill, pool, values),
        rungs=typed_rungs(values, name),
    )


def _typed(values: Values, key: str) -> float | None:
    value = values.get(key)
    return None if value is None else float(value)


def fill_order(values: Values, name: str) -> FillOrder:
    """Which usage a commitment of this pool covers first, as the scenario assumes it."""
    asked = values.text(f"commitments.{name}.fill_order", "pro_rata")
    return next((order for order in FILL_ORDERS if order == asked), "pro_rata")
