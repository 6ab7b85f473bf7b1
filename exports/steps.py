"""Steps of a plan: the changes of one resource that one command makes, and those that people must make by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from exports.gcloud_values import nearest_memory
from model.bill_build import UNNAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from model.lever import PlanChange
    from model.parameter import Disruption, Value

DISRUPTIONS: Final[tuple[Disruption, ...]] = ("online", "restart", "migration", "one_way")
"""From the least to the most disruptive."""

_DEARER_WHEN_GREATER: Final = frozenset({"min_instances", "vcpu", "memory_gib", "size_gib", "storage_gib"})
_DEARER_VALUES: Final = frozenset({"regional", "enterprise_plus", "standard", "instance_based", "true"})
_DEARER_BY_ITSELF: Final = {"replica_of": True, "ttl_enabled": False}
"""A replica costs where there is one; expiry deletes what is stored."""
_UNUSABLE_NAMES: Final = frozenset({"", "all", "*", UNNAMED})


Presence = Literal["exists", "created", "deleted"]
"""What the plan expects of a resource: that it exists, or that the step creates or deletes it."""


@dataclass(frozen=True)
class Reading:
    """How an attribute is read and written: the fields of ``Attribute``, and its value as a flag writes it."""

    kind: str
    absent: str
    field: str
    written: Callable[[Value], str]


@dataclass(frozen=True)
class Attribute:
    """One attribute that a step changes, with how its live value is read.

    ``field`` is the projection of ``gcloud … describe --format``; ``kind`` names the comparison in ``bash/common.sh``;
    ``absent`` is what a field that is not set means. ``before`` is '' where it is unknown.
    """

    name: str
    kind: str
    absent: str
    before: str
    after: str
    field: str


@dataclass(frozen=True)
class Command:
    """One gcloud command: words as they are (each is quoted later), then a bash function that sets ``FLAGS``."""

    words: tuple[str, ...]
    flags_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What happens to one resource: how its live state is read and the command that changes it.

    ``create`` is the command for a resource that does not exist yet (None: it must exist); ``also`` are further fields
    to read, as (name, projection). ``tries_out`` has a new revision take over step by step (the names that its traffic
    is led by). ``fields`` makes the step once for each field that people name: how, and for which database.
    """

    changes: tuple[PlanChange, ...]
    describe: tuple[str, ...]
    update: Command
    attributes: tuple[Attribute, ...]
    location_flag: str = ""
    create: Command | None = None
    presence: Presence = "exists"
    also: tuple[tuple[str, str], ...] = ()
    disruption: Disruption = "online"
    tries_out: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def first(self) -> PlanChange:
        """The change that names the resource."""
        return self.changes[0]

    @property
    def is_dearer(self) -> bool:
        """Whether any change costs more than before, or may (the state before is not known)."""
        return any(costs_more(change) for change in self.changes)


@dataclass(frozen=True)
class ByHand:
    """A change that no command here makes, and why or how to make it."""

    change: PlanChange
    why: str


def text_of(value: object) -> str:
    """A parameter's value as text: whole numbers without a point, booleans as true or false, None as ''.

    >>> text_of(2.0), text_of(True), text_of(None), text_of(0.5)
    ('2', 'true', '', '0.5')
    >>> text_of(1.9004821250000001)
    '1.900482125'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def attributes_of(changes: Iterable[PlanChange], readings: Mapping[str, Reading]) -> tuple[Attribute, ...]:
    """How changes are read and compared.

    A state before that no flag can set (a shared-core size) stands as plain text. Raises KeyError for an attribute
    without a reading and ValueError for a value that cannot be set.
    """
    return tuple(_attribute(change, readings[change.attribute]) for change in changes)


def _attribute(change: PlanChange, how: Reading) -> Attribute:
    try:
        before = "" if change.before is None else how.written(change.before)
    except ValueError:
        before = _of_no_flag(change)
    return Attribute(change.attribute, how.kind, how.absent, before, how.written(change.after), how.field)


def _of_no_flag(change: PlanChange) -> str:
    """A live value that no flag sets, as it is compared: memory of a part of a MiB, or plain text."""
    if change.attribute == "memory_gib" and isinstance(change.before, float) and change.before > 0.0:
        return nearest_memory(change.before)
    return text_of(change.before)


def costs_more(change: PlanChange) -> bool:
    """Whether a change makes a resource dearer by itself; unknown states before count as dearer."""
    if change.attribute in _DEARER_BY_ITSELF:
        return _DEARER_BY_ITSELF[change.attribute] and bool(change.after)
    if change.attribute in _DEARER_WHEN_GREATER:
        before, after = change.before, change.after
        if isinstance(before, int | float) and isinstance(after, int | float):
            return after > before
        return True
    return text_of(change.after) in _DEARER_VALUES


def own_name(change: PlanChange) -> str:
    """The resource's name at Google: the inventory adds ``@region`` or ``@project`` where a name occurs twice."""
    return bare_name(change.resource, change.region, change.project)


def bare_name(resource: str, region: str, project: str) -> str:
    """A resource's name without the place that was added to it.

    >>> bare_name("api@us-central1", "us-central1", "demo")
    'api'
    """
    for suffix in (f"@{region}@{project}", f"@{project}@{region}", f"@{region}", f"@{project}"):
        if len(suffix.strip("@")) > 0 and resource.endswith(suffix):
            return resource.removesuffix(suffix)
    return resource


def name_problem(change: PlanChange) -> str:
    """Why a command cannot name this resource; '' when it can."""
    name = own_name(change)
    if name in _UNUSABLE_NAMES:
        return "The bill does not say which resources it means; give an inventory and export again."
    if any(text.startswith("-") for text in (name, change.region, change.project)):
        return "A name that starts with '-' would be read as an option, so no command is written for it."
    texts = (name, change.region, change.project)
    if any("\0" in text or re.search("[\ud800-\udfff]", text) for text in texts):
        return "The name holds characters that no command line can carry."
    return ""


def grouped(changes: Iterable[PlanChange]) -> list[tuple[PlanChange, ...]]:
    """Changes by resource, in the plan's order of first mention."""
    groups: dict[tuple[str, str, str, str], list[PlanChange]] = {}
    for change in changes:
        groups.setdefault((change.lever, change.project, change.region, change.resource), []).append(change)
    return [tuple(group) for group in groups.values()]


def worst(changes: Sequence[PlanChange]) -> Disruption:
    """The most disruptive of several changes."""
    return max((change.disruption for change in changes), key=DISRUPTIONS.index)


def inverse(changes: Iterable[PlanChange]) -> tuple[list[PlanChange], list[ByHand]]:
    """Changes that lead back, the last one first, and those that cannot be led back with the reason.

    What a new cache is set to goes with it.
    """
    back: list[PlanChange] = []
    cannot: list[ByHand] = []
    known = list(changes)
    new = {(c.project, c.region, c.resource) for c in known if c.attribute == "size_gib" and c.before == 0}
    for change in known:
        is_of_new = change.lever == "cache" and (change.project, change.region, change.resource) in new
        if change.before is None and is_of_new:
            continue
        if change.before is None:
            cannot.append(ByHand(change, _BEFORE_UNKNOWN))
        elif change.disruption == "one_way":
            cannot.append(ByHand(change, "This change cannot be undone: skipped."))
        else:
            back.insert(0, replace(change, before=change.after, after=change.before))
    return back, cannot


_BEFORE_UNKNOWN: Final = (
    "What it was before is not known (not in the bill or inventory): skipped. apply.log says what apply.sh found."
)
