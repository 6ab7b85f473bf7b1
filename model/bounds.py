"""What a platform cannot change in place: the way from today to the plan, in a sentence, for each such change.

Shapes that do not exist cannot be chosen at all (ranges and choices of the declarations) or break a limit where they
depend on each other (``allowed shape`` of Cloud SQL, ``shape`` of Cloud Run).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.lever import PlanChange
    from model.parameter import Value

_PATHS: Final[dict[tuple[str, str], str]] = {
    ("cache", "tier"): (
        "the tier of a Redis instance cannot be updated. Create one at the new tier beside it, point the application "
        "at its address, let it fill, then delete the old one."
    ),
    ("cloud_sql", "edition"): (
        "the edition changes in place only from some machine types and versions. Try it on a clone and plan an "
        "interruption, or make a new instance, replicate and switch."
    ),
    ("firestore", "ttl_enabled"): (
        "what a TTL policy deletes is gone. Export the database first, and check the time field on a sample."
    ),
}
_DISK_GROWS: Final = "a disk that has grown cannot be made smaller again in place."
_DISK_SHRINKS: Final = (
    "a disk cannot be made smaller by a setting. Shrink it with downtime, or make a new instance with the smaller "
    "disk, replicate and switch."
)
_DEFAULT: Final = {
    "migration": "this cannot be changed in place. Make the new beside the old, move, switch, then delete the old.",
    "one_way": "this cannot be taken back. Keep a way to make it anew before you change it.",
}
_SAID_ELSEWHERE: Final = ("commitments", "housekeeping")
"""Levers whose own notes say what cannot be undone."""


def migrations(changes: Iterable[PlanChange]) -> tuple[str, ...]:
    """A sentence for each change that is a migration or cannot be taken back; none for what is new or turned off."""
    found = [change for change in changes if change.lever not in _SAID_ELSEWHERE]
    fresh = {(change.lever, change.resource) for change in found if _is_new(change)}
    return tuple(
        f"{change.resource}: {path_of(change)}"
        for change in found
        if change.disruption in _DEFAULT and change.after is not False and (change.lever, change.resource) not in fresh
    )


def path_of(change: PlanChange) -> str:
    """How to get there, or what to keep first, for one change."""
    if (change.lever, change.attribute) == ("cloud_sql", "storage_gib"):
        return _DISK_GROWS if _number(change.after) >= _number(change.before) else _DISK_SHRINKS
    return _PATHS.get((change.lever, change.attribute)) or _DEFAULT[change.disruption]


def _is_new(change: PlanChange) -> bool:
    """A cache that today has no size is made, not changed."""
    return (change.lever, change.attribute) == ("cache", "size_gib") and _number(change.before) == 0.0


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)
