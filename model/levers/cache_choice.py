"""What a scenario makes of a cache: size from a target hit rate, hit rate from a size, or both as typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.cache_curve import MAX_SIZE_GIB, CachePoint, hit_ratio, size_for
from model.lever import Guardrail
from model.levers.cache_capacity import cheapest_size_at_least, cost_per_hour, size_class
from model.levers.cache_instance import LEVER
from model.levers.cache_parameters import load_of, ttl_today

if TYPE_CHECKING:
    from model.behaviour.cache_curve import CacheLoad
    from model.bill import Bill
    from model.levers.cache_instance import Cache
    from model.parameter import Values

_UNITS_OF_TIME = ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min"))
SETTINGS = ("target_hit_ratio", "size_gib", "tier", "ttl_s")


@dataclass(frozen=True)
class CacheChoice:
    """A cache as the scenario wants it. ``point`` is what the curve gives at the size; ``hit_ratio`` is what counts."""

    size_gib: float
    tier: str
    hit_ratio: float
    hit_ratio_today: float
    point: CachePoint
    target: float | None
    is_reached: bool
    is_size_derived: bool

    @property
    def is_allowed(self) -> bool:
        """Whether there is such a size (none at all is one)."""
        return not self.size_gib or (float(self.size_gib).is_integer() and bool(size_class(self.size_gib)))


def is_moved(cache: Cache, values: Values) -> bool:
    """Whether the scenario moves a setting of the cache."""
    return any(values.is_changed(cache.key(name)) for name in SETTINGS)


def choose(bill: Bill, cache: Cache, values: Values) -> CacheChoice:
    """Size, tier and hit ratio in force; a derived size is never one that a larger, cheaper one dominates."""
    load = load_of(values, cache, values.number(cache.key("ttl_s")))
    today = hit_ratio(load_of(values, cache, ttl_today(bill, cache)), cache.size_gib).hit_ratio
    tier = values.text(cache.key("tier"), cache.tier)
    has_target, has_size = (_is_given(values, cache.key(name)) for name in ("target_hit_ratio", "size_gib"))
    target = values.number(cache.key("target_hit_ratio")) if has_target else None
    if target is not None and not has_size:
        return _of_target(bill, cache, load, tier, today, target)
    size = values.number(cache.key("size_gib"), cache.size_gib)
    point = hit_ratio(load, size)
    ratio = point.hit_ratio if target is None or size <= 0.0 else target
    is_reached = point.hit_ratio >= ratio - 1e-9
    return CacheChoice(size, tier, ratio, today, point, target, is_reached, is_size_derived=False)


def _of_target(bill: Bill, cache: Cache, load: CacheLoad, tier: str, today: float, target: float) -> CacheChoice:
    if target <= 0.0:
        return CacheChoice(0.0, tier, 0.0, today, hit_ratio(load, 0.0), target, is_reached=True, is_size_derived=True)
    found = size_for(load, target)
    size = cheapest_size_at_least(bill, tier, found.point.size_gib, cache.region)
    ratio = target if found.is_reached else found.point.hit_ratio
    return CacheChoice(size, tier, ratio, today, hit_ratio(load, size), target, found.is_reached, is_size_derived=True)


def _is_given(values: Values, key: str) -> bool:
    """Whether the scenario states a value, be it today's."""
    chosen = values.by_key.get(key)
    return chosen is not None and (chosen.is_changed or chosen.source.startswith("set in scenario"))


def choice_guardrails(cache: Cache, choice: CacheChoice) -> list[Guardrail]:
    """Whether the size can be had, and the target be reached."""
    found = []
    if not choice.is_allowed:
        size = choice.size_gib
        sentence = f"{cache.name}: {size:g} GiB cannot be had; whole GiB from 1 to {MAX_SIZE_GIB} can."
        found.append(Guardrail("allowed size", LEVER, cache.name, MAX_SIZE_GIB, size, "GiB", False, sentence))  # noqa: FBT003
    if choice.target:
        reached, limit = choice.point.hit_ratio, choice.target
        found.append(
            Guardrail(
                "hit rate reachable", LEVER, cache.name, limit, reached, "ratio", choice.is_reached,
                _reach_sentence(cache, choice), is_floor=True,
            )
        )  # fmt: skip
    return found


def _reach_sentence(cache: Cache, choice: CacheChoice) -> str:
    curve = f"the curve gives {choice.point.hit_ratio:.1%} at {choice.point.size_gib:g} GiB"
    if choice.is_reached:
        return f"{cache.name}: a hit rate of {choice.target:.1%} is reachable; {curve}."
    if choice.is_size_derived:
        return f"{cache.name}: a hit rate of {choice.target:.1%} is not reachable; at best {curve}."
    return f"{cache.name}: a hit rate of {choice.target:.1%} was typed, but {curve}."


def _duration(seconds: float) -> str:
    """A time in the largest unit of which there are two: 3 630 s is 60.5 min."""
    size, unit = next((each for each in _UNITS_OF_TIME if seconds >= 2.0 * each[0]), (1.0, "s"))
    amount = seconds / size
    return f"{amount:,.0f} {unit}" if amount >= 100.0 else f"{amount:.3g} {unit}"


def choice_notes(bill: Bill, cache: Cache, choice: CacheChoice) -> tuple[str, ...]:
    """How long keys stay, and a larger size that costs less."""
    found = []
    size, time_s = choice.size_gib, choice.point.characteristic_time_s
    if size and np.isfinite(time_s):
        order = " (under a second Redis evicts in random order)" if choice.point.eviction == "random" else ""
        found.append(f"{cache.name}: a key that is not asked for stays about {_duration(time_s)}{order}.")
    better = cheapest_size_at_least(bill, choice.tier, size, cache.region)
    if better != size:
        now, then = (cost_per_hour(bill, choice.tier, each, cache.region) or 0.0 for each in (size, better))
        found.append(
            f"{cache.name}: {better:g} GiB cost less than {size:g} GiB ({then:.3f} against {now:.3f} "
            f"{bill.currency} an hour); take {better:g} GiB."
        )
    return tuple(found)
