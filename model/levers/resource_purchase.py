"""Resource commitments that a scenario buys: whole vCPU and GiB of a machine series in a region, slots in fifties.

They apply before spend commitments: what they cover is taken out of the pool that a spend commitment is planned on.
n units at the price p cover min(n, u_h)·w_h of an hour that runs u_h units, each worth w_h, for n·p.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_machines import MEMORY, SUSTAINED_USE
from model.commitment_pools import pool_title
from model.commitment_rates import LIST, is_below_list, price_base, share_of_list
from model.commitment_resources import resource_pools
from model.commitment_unit_prices import earns_sustained_use
from model.levers.commitment_parts import Part, offer_of
from model.levers.commitment_plan import TERM_TITLES, TYPED, PoolPlan
from model.levers.pool_figures import bought
from model.levers.pool_hours import calendar_hours, pool_usage
from model.levers.pool_planning import Purchase
from model.parameter import Parameter
from model.scenario import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.commitment_resources import ResourcePool
    from model.parameter import Values

    Floats = NDArray[np.float64]
    Series = Mapping[str, Mapping[str, Floats]]

MOST_TIMES: Final = 100
"""How many times the busiest hour may be typed."""
_CONFIGURES: Final = {
    "gce_resource": "gcloud compute commitments create --resources",
    "bigquery_slots": "bq mk --capacity_commitment --slots",
}
_BASELINE: Final = (
    "A slot commitment covers baseline slots of Enterprise and Enterprise Plus only: the reservations must have them."
)
_OFF_LIST: Final = (
    "This bill pays {:.1%} of list, and the committed price is taken as off list; ask what it is for you."
)


def parameters(bill: Bill) -> list[Parameter]:
    """An amount for every kind of unit and term; none is the current state."""
    return [_parameter(each) for each in resource_pools(bill)]


def _parameter(each: ResourcePool) -> Parameter:
    units = each.pool.eligible[each.own_class] / each.unit_price
    peak = each.step * max(1, ceil(float(units.max()) / each.step))
    return Parameter(
        each.setting, f"New commitment for {pool_title(each.name)}", each.unit, "setting", 0,
        "no new commitment; existing ones are in the bill", "measured",
        f"Whole units, sold in steps of {each.step}. They apply before a spend commitment; the fee runs every hour of "
        "the term and cannot be cancelled.",
        minimum=0, maximum=MOST_TIMES * peak, step=each.step, configures=_CONFIGURES[each.pool.pool],
        disruption="one_way",
    )  # fmt: skip


def typed_units(bill: Bill, values: Values) -> dict[str, int]:
    """Units to buy by resource pool; ScenarioError where an amount is no multiple of what is sold."""
    found = {}
    for each in resource_pools(bill):
        units = values.number(each.setting, 0.0)
        if units % each.step:
            low = int(units // each.step) * each.step
            raise ScenarioError(
                f"{each.setting} is {units:g}, and {each.unit} is sold in steps of {each.step}: "
                f"choose {low} or {low + each.step}."
            )
        if units > 0.0:
            found[each.name] = int(units)
    return found


def after_resources(bill: Bill, units: Mapping[str, int], after: Series) -> Series:
    """On-demand amounts (H,) per pool and rate class with the commitments' cover taken out of their source pools.

    Under a resource pool's own name stands what it finds: the usage that neither the bill's own commitments nor those
    before it cover.
    """
    if not units:
        return after
    found = {name: dict(series) for name, series in after.items()}
    left: dict[tuple[str, str, str], Floats] = {}
    for each in (each for each in resource_pools(bill) if each.name in units):
        kind = (each.source, each.pool.region, each.setting.rpartition("_")[0])
        if kind not in left:
            left[kind] = _left(bill, each, after)
        found[each.name] = {each.own_class: left[kind]}
        covered = _covered_by_slot(bill, each, units[each.name], left[kind])
        left[kind] = np.maximum(left[kind] - covered, 0.0)
        source = found.setdefault(each.source, {})
        before = source[each.rate_class] if each.rate_class in source else _whole(bill, each)
        source[each.rate_class] = np.maximum(before - covered, 0.0)
    return found


def resource_plans(bill: Bill, values: Values, after: Series) -> tuple[tuple[PoolPlan, ...], Series]:
    """One plan per resource commitment that is bought, and what they leave to spend commitments."""
    units = typed_units(bill, values)
    series = after_resources(bill, units, after)
    plans = tuple(
        _plan(bill, each, units[each.name], series[each.name][each.own_class], price_base(values, each.source))
        for each in resource_pools(bill)
        if each.name in units
    )
    return plans, series


def _left(bill: Bill, each: ResourcePool, after: Series) -> Floats:
    """What of a unit's own amounts the levers and the bill's commitments leave, by slot (H,)."""
    source = next(pool for pool in bill.pools if pool.name == each.source)
    usage = pool_usage(bill, source, after.get(each.source, {}))
    now, whole = usage.left[usage.classes.index(each.rate_class)], source.eligible[each.rate_class]
    share = np.divide(now, whole, out=np.zeros_like(whole), where=whole > 0.0)
    return np.asarray(each.pool.eligible[each.own_class] * share, dtype=np.float64)


def _whole(bill: Bill, each: ResourcePool) -> Floats:
    source = next(pool for pool in bill.pools if pool.name == each.source)
    covered = source.covered.get(each.rate_class)
    own = source.eligible[each.rate_class]
    return own if covered is None else own + covered


def _hours(bill: Bill, each: ResourcePool, left: Floats) -> tuple[Floats, Floats]:
    """Units and their on-demand amount by calendar hour (C,)."""
    folded = calendar_hours(bill.hours).fold(np.stack([left / each.unit_price, left]))
    return folded[0], folded[1]


def _covered(units: Floats, amounts: Floats, count: int) -> tuple[Floats, Floats]:
    """Units that are covered by hour, and their on-demand amount (C,)."""
    used = np.minimum(count, units)
    worth = np.divide(amounts, units, out=np.zeros_like(units), where=units > 0.0)
    return used, np.asarray(used * worth, dtype=np.float64)


def _covered_by_slot(bill: Bill, each: ResourcePool, count: int, left: Floats) -> Floats:
    units, amounts = _hours(bill, each, left)
    _, covered = _covered(units, amounts, count)
    spread = calendar_hours(bill.hours).spread(covered[None, :], amounts[None, :], left[None, :])
    return np.asarray(spread[0], dtype=np.float64)


def _plan(bill: Bill, each: ResourcePool, count: int, left: Floats, base: str) -> PoolPlan:
    """What so many units cover and cost over the window, exactly, hour by hour."""
    told = each.committed_price(bill, base)
    if told is None:
        raise ScenarioError(f"{each.setting}: no committed price of {pool_title(each.name)} is known.")
    price, source = told
    usage = pool_usage(bill, each.pool, {each.own_class: left})
    offer = offer_of(usage, {each.own_class: 1.0 - price / each.mean_price}, "pro_rata")
    if offer is None:
        raise ScenarioError(f"{each.setting}: {pool_title(each.name)} has no usage.")
    used, covered = _covered(*_hours(bill, each, left), count)
    part = Part(each.term, offer, count * price, covered[None, :], (used * price)[None, :])
    purchase = Purchase(each.term, covered_per_hour=count * each.mean_price)
    plan = bought(bill, each.pool, usage, purchase, [part])
    steps = _steps(each, count, price, bill.currency)
    return replace(
        plan,
        amount=TYPED,
        units=count,
        unit=each.unit,
        setting=each.setting,
        discount_source=source,
        notes=(*plan.notes, *_notes(bill, each, base)),
        steps=steps,
        rungs=tuple(replace(rung, steps=steps) for rung in plan.rungs),
    )


def _notes(bill: Bill, each: ResourcePool, base: str) -> tuple[str, ...]:
    source = next(pool for pool in bill.pools if pool.name == each.source)
    below = [_OFF_LIST.format(share_of_list(bill, source))] if is_below_list(bill, source) and base == LIST else []
    if each.machines is None:
        return (_BASELINE, *below)
    sustained = [SUSTAINED_USE] if earns_sustained_use(bill, each.machines) else []
    return (MEMORY, *sustained, *below)


def _steps(each: ResourcePool, count: int, price: float, currency: str) -> tuple[str, ...]:
    command = _CONFIGURES[each.pool.pool].partition(" --")[0]
    place = "Compute Engine, Committed use discounts" if each.machines else "BigQuery, Capacity management"
    what = f"{count} {each.unit}{'s' if each.machines is None and count != 1 else ''}"
    steps = (
        (
            f"Buy {what} ({pool_title(each.name)}) for {TERM_TITLES[each.term]} with {command}, as buy_commitments.sh "
            f"writes it out, or in the console under {place}."
        ),
        f"It costs {price:.6f} {currency} per {each.unit} and hour, {count * price:.6f} {currency} an hour.",
    )
    more = (
        "vCPU and memory of a series, region and term are bought in one commitment: buy both parts together."
        if each.machines
        else "Give the reservations of this location at least as many baseline slots."
    )
    return (*steps, more, "The fee runs every hour of the term, used or not, and cannot be cancelled: check twice.")
