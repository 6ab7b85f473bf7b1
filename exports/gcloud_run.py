"""Cloud Run: all changed settings of a service in one ``gcloud run services update`` (one new revision).

The revision starts without traffic and takes over in steps while its errors and times are held against the old one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.steps import ByHand, Command, Reading, Step, attributes_of, own_name, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.steps import Attribute
    from model.lever import PlanChange
    from model.parameter import Value

_ANNOTATIONS: Final = "spec.template.metadata.annotations"
_LIMITS: Final = "spec.template.spec.containers[0].resources.limits"
_REVISION_MINIMUM: Final = f"{_ANNOTATIONS}['autoscaling.knative.dev/minScale']"
_SERVICE_MINIMUM: Final = "metadata.annotations['run.googleapis.com/minScale']"
_TRAFFIC: Final = (
    ("pinned", "spec.traffic[0].revisionName"),
    ("second_traffic", "spec.traffic[1].percent"),
    ("serving", "status.traffic[0].revisionName"),
    ("newest", "status.latestReadyRevisionName"),
)
"""Whether all traffic goes to the newest revision, which revision serves, and which is the newest."""


def _billing_mode(value: Value) -> str:
    return values.one_of(value, "request_based", "instance_based")


READINGS: Final = {
    "min_instances": Reading("minimum", "0", _REVISION_MINIMUM, values.whole),
    "max_instances": Reading("number", "100", f"{_ANNOTATIONS}['autoscaling.knative.dev/maxScale']", values.whole),
    "vcpu": Reading("cpu", "1", f"{_LIMITS}.cpu", values.cpu),
    "memory_gib": Reading("memory", "512Mi", f"{_LIMITS}.memory", values.memory),
    "concurrency": Reading("number", "80", "spec.template.spec.containerConcurrency", values.whole),
    "billing_mode": Reading(
        "billing", "request_based", f"{_ANNOTATIONS}['run.googleapis.com/cpu-throttling']", _billing_mode
    ),
}
"""Attribute → how it is read and written; an unset field means Google's default."""

_FLAGS: Final = {
    "max_instances": "--max-instances",
    "vcpu": "--cpu",
    "memory_gib": "--memory",
    "concurrency": "--concurrency",
}


def _flag(attribute: Attribute) -> str:
    if attribute.name == "billing_mode":
        return "--cpu-throttling" if attribute.after == "request_based" else "--no-cpu-throttling"
    return f"{_FLAGS[attribute.name]}={attribute.after}"


def _in_filter(name: str) -> str:
    """A name within the quotes of a logging filter."""
    return name.replace("\\", "\\\\").replace('"', '\\"')


def steps(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """One step for a service's changes. The minimum's flag depends on where the service sets it today."""
    attributes = attributes_of(changes, READINGS)
    name = own_name(changes[0])
    flags = tuple(_flag(attribute) for attribute in attributes if attribute.name != "min_instances")
    minimum = next((attribute.after for attribute in attributes if attribute.name == "min_instances"), None)
    step = Step(
        changes=tuple(changes),
        describe=("run", "services", "describe", name),
        update=Command(
            ("run", "services", "update", name, *flags), () if minimum is None else ("minimum_flags", minimum)
        ),
        attributes=attributes,
        location_flag="--region",
        also=(("revision_minimum", _REVISION_MINIMUM), ("service_minimum", _SERVICE_MINIMUM), *_TRAFFIC),
        disruption=worst(changes),
        tries_out=("revision" if flags else "minimum", name, _in_filter(name)),
    )
    return [step], []
