"""What a scenario makes of a cache: size from a target hit rate, hit rate from a size, or both as typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.cache_curve import MAX_SIZE_GIB, REDIS_CLOCK_S, CachePoint, hit_ratio, size_for
from model.lever import Guardrail
from model.levers.cache_capacity import cheapest_size_at_least, cost_per_hour, size_class
from model.levers.cache_instance import LEVER, NEW_POLICY
from model.levers.cache_parameters import asked_of, asked_today, load_of

if TYPE_CHECKING:
    from model.behaviour.cache_curve import CacheLoad
    from model.bill import Bill
    from model.levers.cache_instance import Cache
    from model.parameter import Values

_UNITS_OF_TIME = ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min"))
REACHABLE = "hit rate reachable"
SETTINGS = ("target_hit_ratio", "size_gib", "tier", "ttl_s", "ttl_sliding", "policy")


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


def choose(bill: Bill, cache: Cache, values: Values, demand: float = 1.0) -> CacheChoice:
    """Size, tier and hit ratio in force; a derived size is never one that a larger, cheaper one dominates."""
    load = load_of(values, cache, demand=demand)
    today = hit_ratio_today(bill, values, cache)
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


def hit_ratio_today(bill: Bill, values: Values, cache: Cache) -> float:
    """What the curve gives a cache of today at today's demand; 0 for a new one."""
    return hit_ratio(load_of(values, cache, asked_today(bill, cache)), cache.size_gib).hit_ratio


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


def choice_guardrails(cache: Cache, choice: CacheChoice, values: Values) -> list[Guardrail]:
    """Whether the size can be had, the target be reached, and the policy evict anything."""
    found = _policy_guardrails(cache, choice, values)
    if not choice.is_allowed:
        size = choice.size_gib
        sentence = f"{cache.name}: {size:g} GiB cannot be had; whole GiB from 1 to {MAX_SIZE_GIB} can."
        found.append(Guardrail("allowed size", LEVER, cache.name, MAX_SIZE_GIB, size, "GiB", False, sentence))  # noqa: FBT003
    if choice.target:
        reached, limit = choice.point.hit_ratio, choice.target
        found.append(
            Guardrail(
                REACHABLE, LEVER, cache.name, limit, reached, "ratio", choice.is_reached,
                _reach_sentence(cache, choice), is_floor=True,
            )
        )  # fmt: skip
    return found


def _policy_guardrails(cache: Cache, choice: CacheChoice, values: Values) -> list[Guardrail]:
    """A cache that fills up and evicts nothing refuses writes; judged where the scenario has a say in it."""
    asked = asked_of(values, cache)
    is_asked = cache.resource is None or any(values.is_changed(cache.key(name)) for name in ("policy", "ttl_s"))
    if not is_asked or not choice.size_gib or not asked.evicts_nothing:
        return []
    sentence = (
        f"{cache.name}: {asked.policy} evicts only keys that have a time to live and none is set, so a full cache "
        f"refuses writes; set {cache.key('ttl_s')}, or take {NEW_POLICY}."
    )
    return [Guardrail("policy evicts", LEVER, cache.name, 0.0, 1.0, "problems", passed=False, sentence=sentence)]


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
    """What size and hit rate come to, how long keys stay, and a larger size that costs less."""
    found = [_follows(cache, choice)] if choice.size_gib else []
    size, time_s = choice.size_gib, choice.point.characteristic_time_s
    if size and np.isfinite(time_s):
        is_random = choice.point.eviction == "random" and time_s < REDIS_CLOCK_S
        order = " (under a second Redis evicts in random order)" if is_random else ""
        found.append(f"{cache.name}: a key that is not asked for stays about {_duration(time_s)}{order}.")
    better = cheapest_size_at_least(bill, choice.tier, size, cache.region)
    if better != size:
        now, then = (cost_per_hour(bill, choice.tier, each, cache.region) or 0.0 for each in (size, better))
        found.append(
            f"{cache.name}: {better:g} GiB cost less than {size:g} GiB ({then:.3f} against {now:.3f} "
            f"{bill.currency} an hour); take {better:g} GiB."
        )
    return tuple(found)


def _follows(cache: Cache, choice: CacheChoice) -> str:
    """Which of size and hit rate follows from the other."""
    size = f"{choice.size_gib:g} GiB"
    if choice.target is None:
        return f"{cache.name}: a hit rate of {choice.hit_ratio:.1%} follows from {size}."
    if choice.is_size_derived:
        return f"{cache.name}: {size} follow from a hit rate of {choice.hit_ratio:.1%}."
    return f"{cache.name}: {size} are priced and a hit rate of {choice.hit_ratio:.1%} is taken as typed."
