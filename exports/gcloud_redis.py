"""Memorystore for Redis: create a cache that is not there yet, resize or set up one that is; its tier is fixed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange
    from model.parameter import Value

NAME_RULE: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""Google's rule for instance names: 1–40 lower-case letters, digits and hyphens, a letter first, no hyphen last."""

_TIER_IS_FIXED: Final = "The tier of a cache cannot be changed: create a new cache, move to it, delete the old one."

DEFAULT_TIER: Final = "basic"
"""What ``gcloud redis instances create`` takes where no tier is given."""


def _tier(value: Value) -> str:
    return values.one_of(value, "basic", "standard")


def _policy(value: Value) -> str:
    return values.one_of(value, "allkeys-lru", "allkeys-random", "volatile-lru", "volatile-random", "volatile-ttl")


READINGS: Final = {
    "size_gib": Reading("number", "", "memorySizeGb", values.whole),
    "tier": Reading("redis_tier", "", "tier", _tier),
    "policy": Reading("text", "volatile-lru", "redisConfigs.maxmemory-policy", _policy),
}
"""Attribute → how it is read and written; sizes are whole GiB. A policy that is not set is volatile-lru."""


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """Create, resize, set the policy, or (where the plan leads back to no cache) delete; size 0 means there is none."""
    by_name = {change.attribute: change for change in changes}
    size, tier, policy = (by_name.get(name) for name in ("size_gib", "tier", "policy"))
    name = own_name(changes[0])
    if size is not None and size.after == 0:
        return [_delete(changes, name)], []
    is_new = size is not None and not size.before
    if is_new and not NAME_RULE.fullmatch(name):
        why = "A new cache needs a name of 1-40 lower-case letters, digits and hyphens, a letter first."
        return [], [ByHand(change, why) for change in changes]
    if is_new:
        return [_create(changes, name)], []
    made = [] if size is None else [_update(size, name, f"--size={READINGS['size_gib'].written(size.after)}")]
    if policy is not None:
        made.append(_update(policy, name, f"--update-redis-config=maxmemory-policy={_policy(policy.after)}"))
    return made, [] if tier is None else [ByHand(tier, _TIER_IS_FIXED)]


def _create(changes: Sequence[PlanChange], name: str) -> Step:
    attributes = attributes_of(changes, READINGS)
    wanted = {attribute.name: attribute.after for attribute in attributes}
    size, tier, policy = wanted["size_gib"], wanted.get("tier", DEFAULT_TIER), wanted.get("policy")
    config = (f"--redis-config=maxmemory-policy={policy}",) if policy else ()
    return Step(
        changes=tuple(changes),
        describe=("redis", "instances", "describe", name),
        update=Command(("redis", "instances", "update", name, f"--size={size}")),
        attributes=attributes,
        location_flag="--region",
        create=Command(("redis", "instances", "create", name, f"--size={size}", f"--tier={tier}", *config)),
        presence="created",
        disruption=worst(changes),
    )


def _update(change: PlanChange, name: str, flag: str) -> Step:
    """One change of a standing cache: size and policy are separate operations of Google's."""
    return Step(
        changes=(change,),
        describe=("redis", "instances", "describe", name),
        update=Command(("redis", "instances", "update", name, flag)),
        attributes=attributes_of((change,), READINGS),
        location_flag="--region",
        disruption=change.disruption,
    )


def _delete(changes: Sequence[PlanChange], name: str) -> Step:
    return Step(
        changes=tuple(changes),
        describe=("redis", "instances", "describe", name),
        update=Command(("redis", "instances", "delete", name)),
        attributes=attributes_of([c for c in changes if c.attribute == "size_gib"], READINGS),
        presence="deleted",
        location_flag="--region",
        disruption="one_way",
    )
