"""Usage that a promised plan moves: what it would be at some demand under the settings of before and of the plan.

Both are the levers' own answers on the approved bill, so that at the demand of then they are its rows, exactly. Demand
of a later month is read from usage that the plan leaves alone and that follows demand (requests of a service, writes of
a database); where a resource has none, from its product, else from the whole bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.monthly_kinds import unit_of
from model.outcome import parameters, usage_run
from model.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill, Resource

LEAST_CHANGE: Final = 0.01
"""Share of a kind's usage below which a plan's change cannot be seen in later rows."""
PROBE: Final = 1.05
"""Demand at which kinds that follow it are told."""
HOUSEKEEPING: Final = "housekeeping"
LEAST_DEMAND, MOST_DEMAND = 0.05, 20.0
"""Demand against the approved bill within which the levers are asked; beyond, usage is taken in proportion."""

_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True, order=True)
class UsageKey:
    """One kind of usage of one resource, by the lever that owns it."""

    lever: str
    resource: str
    project: str
    region: str
    kind: str

    @property
    def place(self) -> tuple[str, str, str]:
        """The resource: lever, name, project."""
        return (self.lever, self.resource, self.project)


@lru_cache(maxsize=64)
def shifted_usage(bill: Bill, scenario: Scenario, demand: float) -> Mapping[UsageKey, float]:
    """What a scenario at a demand adds to the usage of the window, by key; housekeeping by kind over all resources.

    Housekeeping acts on what grows anyway, so its shift is against usage × demand; that of the others holds the growth.
    """
    values = scenario.values(parameters(bill))
    found: dict[UsageKey, float] = {}
    for lever, result in usage_run(bill, values, demand).results:
        for change in result.usage:
            where = change.resource
            key = _key(lever, where.name, where.project, where.region, change.kind)
            shift = float((change.usage - where.hourly(change.kind, len(bill.hours))).sum())
            found[key] = found.get(key, 0.0) + shift
        for fresh in result.new_usage:
            key = _key(lever, fresh.resource, fresh.project, fresh.region, fresh.kind)
            found[key] = found.get(key, 0.0) + float(fresh.usage.sum())
    return found


def _key(lever: str, resource: str, project: str, region: str, kind: str) -> UsageKey:
    return (
        UsageKey(lever, "", "", "", kind) if lever == HOUSEKEEPING else UsageKey(lever, resource, project, region, kind)
    )


@lru_cache(maxsize=16)
def window_usage(bill: Bill) -> Mapping[UsageKey, float]:
    """Usage of the window of every kind of every resource that a lever owns."""
    return {
        UsageKey(lever, resource.name, resource.project, resource.region, kind): float(usage.sum())
        for lever, resources in bill.resources.items()
        for resource in resources
        for kind, usage in resource.usage.items()
    }


def usage_at(bill: Bill, scenario: Scenario, key: UsageKey, own: float, demand: float) -> float:
    """Usage of the window under a scenario at a demand, of a key whose rows hold ``own``."""
    bounded = min(max(demand, LEAST_DEMAND), MOST_DEMAND)
    asked = round(bounded, 4)
    base = own * asked if key.lever == HOUSEKEEPING else own
    return max(0.0, base + shifted_usage(bill, scenario, asked).get(key, 0.0)) * (demand / bounded)


@lru_cache(maxsize=16)
def touched(bill: Bill, scenario: Scenario) -> tuple[UsageKey, ...]:
    """The kinds that a plan moves by more than can be overlooked in later rows."""
    own = window_usage(bill)
    moved = shifted_usage(bill, scenario, 1.0)
    return tuple(sorted(key for key, shift in moved.items() if abs(shift) > LEAST_CHANGE * own.get(key, 0.0)))


@lru_cache(maxsize=16)
def drivers(bill: Bill, scenario: Scenario) -> tuple[UsageKey, ...]:
    """Kinds that follow demand in proportion today and that the plan leaves alone; not storage, which only piles up."""
    grown, moved = shifted_usage(bill, Scenario(), PROBE), set(touched(bill, scenario))
    return tuple(
        key for key, own in window_usage(bill).items()
        if own > 0.0 and key not in moved and "month" not in unit_of(key.kind)
        and abs(grown.get(key, 0.0) / own - (PROBE - 1.0)) < 1e-6
    )  # fmt: skip


def rows_of(bill: Bill, key: UsageKey, known: frozenset[tuple[str, str]] = frozenset()) -> NDArray[np.int64]:
    """The lines of a key in any bill: of its kind (housekeeping), of the same resource, else of those not ``known``.

    ``known`` are (name, project) of the approved bill: what a plan makes anew may get another name.
    """
    if key.lever == HOUSEKEEPING:
        return np.flatnonzero(bill.lines.text["kind"] == key.kind)
    found = twin(bill, key)
    if found is not None:
        return found.rows.get(key.kind, _NONE)
    if (key.resource, key.project) in known:
        return _NONE
    fresh = [
        each.rows[key.kind] for each in bill.of(key.lever)
        if key.kind in each.rows and each.project == key.project and (each.name, each.project) not in known
    ]  # fmt: skip
    return np.concatenate([_NONE, *fresh])


def twin(bill: Bill, key: UsageKey) -> Resource | None:
    """The same resource in another bill: by name and project, else by its short name in project and region."""
    same = [each for each in bill.of(key.lever) if each.name == key.resource and each.project == key.project]
    short = key.resource.partition("@")[0]
    near = [
        each for each in bill.of(key.lever)
        if each.name.partition("@")[0] == short and (each.project, each.region) == (key.project, key.region)
    ]  # fmt: skip
    return next(iter([*same, *near]), None)
