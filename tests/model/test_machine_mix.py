"""Resource commitments beside a flexible one: the search against every whole number of units."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.machine_mix import FlexibleHours, MachineHours, machine_mix, priced

RATES = ((0.37, 0.28), (0.55, 0.46), (0.10, 0.28))
MOST = 9


def hours(seed: int, resource: float, hour_count: int = 36):
    """Two series and what runs beside them, at random."""
    rng = np.random.default_rng(seed)
    parts, amounts = [], []
    for row in range(2):
        units = np.maximum(0.0, rng.integers(0, MOST - 3) + rng.normal(0.0, 1.5, hour_count))
        price = rng.uniform(0.02, 0.1)
        parts.append(MachineHours(units, units * price, (1.0 - resource) * price, row))
        amounts.append(units * price)
    amounts[0] = amounts[0] + rng.uniform(0.0, 0.2, hour_count)
    return parts, np.array(amounts)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(RATES))
def test_no_other_plan_in_whole_units_costs_less(seed, rates):
    parts, amounts = hours(seed, rates[0])
    flexible = FlexibleHours(amounts, (rates[1], rates[1]))
    found = machine_mix(parts, flexible)
    every = itertools.product(range(MOST + 3), range(MOST + 3))
    least = min(priced(parts, flexible, counts).cost for counts in every)
    assert found.cost <= least * 1.002
    assert found.cost == pytest.approx(by_hand(parts, amounts, rates[1], found))


def by_hand(parts, amounts, discount, plan):
    """The bill of every hour with so many units and so much of a flexible commitment."""
    total = 0.0
    for hour in range(amounts.shape[1]):
        left = amounts[:, hour].sum()
        for part, count in zip(parts, plan.counts, strict=True):
            worth = part.amounts[hour] / part.units[hour] if part.units[hour] > 0.0 else 0.0
            left -= min(count, part.units[hour]) * worth
            total += count * part.price_per_hour
        total += plan.flexible_level + max(0.0, left - plan.flexible_level / (1.0 - discount))
    return total


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rates", RATES)
def test_it_is_never_dearer_than_either_kind_alone_or_none(seed, rates):
    parts, amounts = hours(seed, rates[0])
    flexible = FlexibleHours(amounts, (rates[1], None))
    found = machine_mix(parts, flexible)
    alone = [part.best_count() for part in parts]
    resource = sum(p.price_per_hour * n for p, n in zip(parts, alone, strict=True)) * amounts.shape[1]
    resource += flexible.after(parts, alone).sum()
    assert found.cost <= min(amounts.sum(), resource, priced(parts, flexible, (0, 0)).cost) + 1e-9


def test_a_steady_series_is_covered_by_the_dearer_discount_and_the_rest_by_the_flexible_one():
    """10 vCPU around the clock at 0.1 and 37 % off; Cloud Run of 1.0 an hour beside it at 28 % off."""
    units = np.full(24, 10.0)
    part = MachineHours(units, units * 0.1, 0.063, 0)
    found = machine_mix([part], FlexibleHours(np.array([units * 0.1, np.ones(24)]), (0.28, 0.28)))
    assert found.counts == (10,)
    assert found.flexible_level == pytest.approx(0.72)
    assert found.cost == pytest.approx(24 * (0.63 + 0.72))


def test_a_part_of_a_unit_is_not_bought_where_it_pays_nothing():
    part = MachineHours(np.full(24, 0.4), np.full(24, 0.04), 0.063, 0)
    assert part.best_count() == 0
    assert machine_mix([part], FlexibleHours(np.full((1, 24), 0.04), (None,))).counts == (0,)
