"""Cloud Tasks: rates and attempts of a queue in one ``gcloud tasks queues update``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange

READINGS: Final = {
    "max_dispatches_per_s": Reading("number", "", "rateLimits.maxDispatchesPerSecond", values.decimal),
    "max_concurrent_dispatches": Reading("number", "", "rateLimits.maxConcurrentDispatches", values.whole),
    "max_attempts": Reading("number", "", "retryConfig.maxAttempts", values.whole),
}
"""Attribute → how it is read and written."""

_FLAGS: Final = {
    "max_dispatches_per_s": "--max-dispatches-per-second",
    "max_concurrent_dispatches": "--max-concurrent-dispatches",
    "max_attempts": "--max-attempts",
}


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One update for a queue's changes."""
    attributes = attributes_of(changes, READINGS)
    flags = tuple(f"{_FLAGS[attribute.name]}={attribute.after}" for attribute in attributes)
    name = own_name(changes[0])
    step = Step(
        changes=tuple(changes),
        describe=("tasks", "queues", "describe", name),
        update=Command(("tasks", "queues", "update", name, *flags)),
        attributes=attributes,
        location_flag="--location",
        disruption=worst(changes),
    )
    return [step], []
