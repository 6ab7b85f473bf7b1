"""Cloud SQL: ``gcloud sql instances patch``. --cpu and --memory go together; Enterprise Plus takes --tier instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange
    from model.parameter import Value


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
}
"""Attribute → how it is read and written."""


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One patch for an instance's changes; a size of which only one half changes takes the other from what is live."""
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
    step = Step(
        changes=tuple(changes),
        describe=("sql", "instances", "describe", name),
        update=Command(("sql", "instances", "patch", name, *flags), shape if has_shape else ()),
        attributes=attributes,
        also=(("tier", "settings.tier"),),
        disruption=worst(changes),
    )
    return [step], []
