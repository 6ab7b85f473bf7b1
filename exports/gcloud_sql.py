"""Cloud SQL: ``gcloud sql instances patch``. --cpu and --memory go together; Enterprise Plus takes --tier instead.

A read replica is an instance of its own: made from its primary, or deleted after its name was typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange
    from model.parameter import Value


NAME_RULE: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,96}[a-z0-9])?")
"""Google's rule for instance names: lower-case letters, digits and hyphens, a letter first."""

_NO_PRIMARY: Final = "none"
_GOES: Final = "The replica is deleted by this plan, so nothing of it is changed before."


def _primary(value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not the name of an instance")  # noqa: TRY004 (the value is wrong)
    return value.partition("@")[0] or _NO_PRIMARY


def _edition(value: Value) -> str:
    return values.one_of(value, "enterprise", "enterprise_plus")


def _availability(value: Value) -> str:
    return values.one_of(value, "zonal", "regional")


READINGS: Final = {
    "vcpu": Reading("tier_vcpu", "", "settings.tier", values.whole),
    "memory_gib": Reading("tier_memory", "", "settings.tier", values.memory),
    "edition": Reading("text", "enterprise", "settings.edition", _edition),
    "availability": Reading("text", "zonal", "settings.availabilityType", _availability),
    "storage_gib": Reading("number", "", "settings.dataDiskSizeGb", values.whole),
    "replica_of": Reading("replica", _NO_PRIMARY, "masterInstanceName", _primary),
}
"""Attribute → how it is read and written."""


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One patch for an instance's changes, and one for the growth of its disk, which alone cannot be undone.

    A size of which only one half changes takes the other from what is live.
    """
    replica = [change for change in changes if change.attribute == "replica_of"]
    if replica:
        left = [ByHand(change, _GOES) for change in changes if change.attribute != "replica_of"]
        made, refused = _replica(replica[0])
        return made, refused + left
    grows = [change for change in changes if change.attribute == "storage_gib"]
    others = [change for change in changes if change.attribute != "storage_gib"]
    return [_patch(each) for each in (others, grows) if each], []


def _patch(changes: Sequence[PlanChange]) -> Step:
    attributes = attributes_of(changes, READINGS)
    after = {attribute.name: attribute.after for attribute in attributes}
    flags = tuple(
        flag
        for name, flag in (
            ("edition", f"--edition={after.get('edition', '').replace('_', '-')}"),
            ("availability", f"--availability-type={after.get('availability', '')}"),
            ("storage_gib", f"--storage-size={after.get('storage_gib', '')}GB"),
        )
        if name in after
    )
    shape = ("sql_shape_flags", after.get("vcpu", ""), after.get("memory_gib", ""), after.get("edition", ""))
    name = own_name(changes[0])
    has_shape = not after.keys().isdisjoint({"vcpu", "memory_gib", "edition"})
    return Step(
        changes=tuple(changes),
        describe=("sql", "instances", "describe", name),
        update=Command(("sql", "instances", "patch", name, *flags), shape if has_shape else ()),
        attributes=attributes,
        also=(("tier", "settings.tier"),),
        disruption=worst(changes),
    )


def _replica(change: PlanChange) -> tuple[list[Step], list[ByHand]]:
    """Create a replica of a primary, or (after '') delete it; its data goes with it."""
    name, primary = own_name(change), _primary(change.after)
    if primary == _NO_PRIMARY:
        return [_step(change, Command(("sql", "instances", "delete", name)), None)], []
    if not NAME_RULE.fullmatch(name):
        why = "A new replica needs a name of lower-case letters, digits and hyphens, a letter first."
        return [], [ByHand(change, why)]
    create = Command(("sql", "instances", "create", name, f"--master-instance-name={primary}"))
    return [_step(change, create, create)], []


def _step(change: PlanChange, command: Command, create: Command | None) -> Step:
    return Step(
        changes=(change,),
        describe=("sql", "instances", "describe", own_name(change)),
        update=command,
        attributes=attributes_of((change,), READINGS),
        create=create,
        presence="created" if create else "deleted",
        disruption=change.disruption if create else "one_way",
    )
