"""Memorystore for Redis: create a cache that is not there yet, resize one that is. A tier cannot be changed."""

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


READINGS: Final = {
    "size_gib": Reading("number", "", "memorySizeGb", values.whole),
    "tier": Reading("redis_tier", "", "tier", _tier),
}
"""Attribute → how it is read and written; sizes are whole GiB."""


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """Create, resize or (where the plan leads back to no cache) delete; a size of 0 means that there is none."""
    by_name = {change.attribute: change for change in changes}
    size, tier = by_name.get("size_gib"), by_name.get("tier")
    name = own_name(changes[0])
    if size is None:
        return [], [ByHand(change, _TIER_IS_FIXED) for change in changes]
    if size.after == 0:
        return [_delete(changes, name)], []
    is_new = size.before is None or size.before == 0
    if is_new and not NAME_RULE.fullmatch(name):
        why = "A new cache needs a name of 1-40 lower-case letters, digits and hyphens, a letter first."
        return [], [ByHand(change, why) for change in changes]
    hand = [] if tier is None or is_new else [ByHand(tier, _TIER_IS_FIXED)]
    used = tuple(change for change in changes if change is not tier or is_new)
    return [_create_or_resize(used, name, DEFAULT_TIER if tier is None else _tier(tier.after), is_new=is_new)], hand


def _create_or_resize(changes: tuple[PlanChange, ...], name: str, tier: str, *, is_new: bool) -> Step:
    attributes = attributes_of(changes, READINGS)
    size = next(attribute.after for attribute in attributes if attribute.name == "size_gib")
    create = Command(("redis", "instances", "create", name, f"--size={size}", f"--tier={tier}"))
    return Step(
        changes=changes,
        describe=("redis", "instances", "describe", name),
        update=Command(("redis", "instances", "update", name, f"--size={size}")),
        attributes=attributes,
        location_flag="--region",
        create=create if is_new else None,
        presence="created" if is_new else "exists",
        disruption=worst(changes),
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
