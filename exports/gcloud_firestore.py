"""Firestore: point-in-time recovery of a database; TTL and index exemptions need fields that a bill does not name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange


READINGS: Final = {
    "pitr_enabled": Reading("recovery", "false", "pointInTimeRecoveryEnablement", values.boolean),
}
"""Attribute → how it is read and written."""


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One update for a database."""
    attributes = attributes_of(changes, READINGS)
    flag = "--enable-pitr" if attributes[0].after == "true" else "--no-enable-pitr"
    database = f"--database={own_name(changes[0])}"
    step = Step(
        changes=tuple(changes),
        describe=("firestore", "databases", "describe", database),
        update=Command(("firestore", "databases", "update", database, flag)),
        attributes=attributes,
        disruption=worst(changes),
    )
    return [step], []
