"""Firestore: point-in-time recovery of a database; TTL and index exemptions of the fields that people name.

A bill names no fields: they are read from ``firestore_fields.csv`` beside the scripts, one a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exports.steps import ByHand
    from model.lever import PlanChange

READINGS: Final = {
    "pitr_enabled": Reading("recovery", "false", "pointInTimeRecoveryEnablement", values.boolean),
    "ttl_enabled": Reading("expiry", "false", "ttlConfig.state", values.boolean),
    "exempted_indexes": Reading("exempt", "false", "indexConfig.usesAncestorConfig", values.whole),
}
"""Attribute → how it is read and written."""


FIELDS_FILE: Final = "firestore_fields.csv"
_HOW: Final = {"ttl_enabled": "ttl", "exempted_indexes": "exempt"}


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One update for a database, then one step for the fields that expire and one for those without indexes."""
    return [_recovery(change) if change.attribute == "pitr_enabled" else _fields(change) for change in changes], []


def _recovery(change: PlanChange) -> Step:
    attributes = attributes_of((change,), READINGS)
    flag = "--enable-pitr" if attributes[0].after == "true" else "--no-enable-pitr"
    database = f"--database={own_name(change)}"
    return Step(
        changes=(change,),
        describe=("firestore", "databases", "describe", database),
        update=Command(("firestore", "databases", "update", database, flag)),
        attributes=attributes,
        disruption=worst((change,)),
    )


def _fields(change: PlanChange) -> Step:
    """Each field that ``firestore_fields.csv`` names for this; ``on`` or ``off`` is what it becomes."""
    becomes = "on" if change.after else "off"
    return Step(
        changes=(change,),
        describe=(),
        update=Command(()),
        attributes=attributes_of((change,), READINGS),
        disruption=change.disruption,
        fields=(_HOW[change.attribute], becomes, own_name(change)),
    )


def fields_file(changes: Iterable[PlanChange]) -> str:
    """The file to fill in, as text; '' where no change of a plan asks for fields."""
    asked = [change for change in changes if change.lever == "firestore" and change.attribute in _HOW]
    if not asked:
        return ""
    kinds = ", ".join(dict.fromkeys(_HOW[change.attribute] for change in asked))
    lines = [
        f"# Fields of Firestore, one a line: what,collection group,field. What is one of: {kinds}.",
        "# ttl: documents expire at the time that the field holds, and their deletion cannot be taken back.",
        "# exempt: the field has no single-field index any more; queries that need it fail.",
    ]
    return "\n".join(lines) + "\n"
