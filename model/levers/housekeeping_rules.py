"""The rules of housekeeping, as data: which rows, how much of them, what to do, and what it may cost.

In causal order: what is not needed at all, then less of what is, then cheaper places for the rest. Each rule acts on
what those before it leave of a row, so no row is ever saved twice; of an exclusive ``group`` one rule counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from model.monthly_kinds import UNIT_OF_MONTHLY_KIND

if TYPE_CHECKING:
    from model.parameter import Disruption

Effort = Literal["small", "medium", "large"]

STANDARD: Final = "storage.standard.capacity"
STORAGE_CLASS: Final = "storage class"
IDLE_PROJECTS: Final = "idle_projects"
_ACTIVE: Final = ("logging.volume", ".retrieval", ".class_a")
RESTING_KINDS: Final = tuple(kind for kind in UNIT_OF_MONTHLY_KIND if not kind.endswith(_ACTIVE))
"""Kinds that bill while nobody uses anything."""


@dataclass(frozen=True)
class Rule:
    """One rule; ``share`` is the stated addressable share of the rows' usage, with its range.

    ``storage_class`` is where Standard objects move to; '' where usage goes away. ``minimum_days`` is how long an
    object is billed there at least.
    """

    key: str
    title: str
    kinds: tuple[str, ...]
    share: float
    low: float
    high: float
    action: str
    effort: Effort
    risk: str
    disruption: Disruption = "online"
    group: str = ""
    storage_class: str = ""
    minimum_days: int = 0


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        IDLE_PROJECTS, "Idle projects", RESTING_KINDS, 1.0, 0.5, 1.0,
        "Shut down projects whose whole bill in the window is for things at rest: storage, addresses, backups.",
        "small", "Something outside the bill may still read them; a project can be restored for 30 days.", "one_way",
    ),
    Rule(
        "log_exclusion", "Fewer logs", ("logging.volume", "logging.retention"), 0.3, 0.1, 0.6,
        "Add exclusion filters to the log sinks, or sample what is noisy: health checks, debug lines, served requests.",
        "small", "What is excluded is not there when an incident is investigated.",
    ),
    Rule(
        "log_retention", "Shorter log retention", ("logging.retention",), 0.5, 0.2, 0.8,
        "Shorten the retention of log buckets beyond the 30 days that are free.",
        "small", "Older logs are deleted for good; audits may ask for them.", "one_way",
    ),
    Rule(
        "storage_expiry", "Objects nobody needs",
        (STANDARD, "storage.nearline.capacity", "storage.coldline.capacity", "storage.archive.capacity"),
        0.1, 0.02, 0.3,
        "Add lifecycle rules that delete noncurrent versions, unfinished uploads and expired objects.",
        "medium", "Deleted objects come back only within the soft-delete time; colder classes bill a minimum duration.",
        "one_way",
    ),
    Rule(
        "storage_nearline", "Standard to Nearline", (STANDARD,), 0.3, 0.1, 0.6,
        "Add a lifecycle rule that sets Nearline on objects read less than once a month.",
        "medium", "Reading costs; an object is billed for 30 days at least.", "online", STORAGE_CLASS, "nearline", 30,
    ),
    Rule(
        "storage_coldline", "Standard to Coldline", (STANDARD,), 0.2, 0.05, 0.4,
        "Add a lifecycle rule that sets Coldline on objects read less than once a quarter.",
        "medium", "Reading costs; an object is billed for 90 days at least.", "online", STORAGE_CLASS, "coldline", 90,
    ),
    Rule(
        "storage_archive", "Standard to Archive", (STANDARD,), 0.1, 0.02, 0.3,
        "Add a lifecycle rule that sets Archive on objects read less than once a year.",
        "medium", "Reading is dear; an object is billed for 365 days at least.", "online", STORAGE_CLASS, "archive",
        365,
    ),
    Rule(
        "snapshots", "Old snapshots and images", ("compute.snapshots", "compute.images"), 0.4, 0.1, 0.7,
        "Delete snapshots and images beyond the retention that you need, and schedule the rest.",
        "small", "A deleted snapshot cannot be restored from.", "one_way",
    ),
    Rule(
        "idle_addresses", "Idle addresses", ("compute.idle_address",), 1.0, 0.5, 1.0,
        "Release reserved addresses that nothing uses; this SKU bills only addresses that are not in use.",
        "small", "A released address is given to others; allow-lists that name it break.", "one_way",
    ),
    Rule(
        "database_addresses", "Public addresses of databases", ("cloud_sql_address.reserved",), 0.3, 0.0, 1.0,
        "Take the public address off databases that are reached over the private network or are stopped.",
        "medium", "Whoever connects by the public address loses the database until moved to the private one.",
        "migration",
    ),
    Rule(
        "unattached_disks", "Unattached disks", ("compute.disk",), 0.1, 0.0, 0.3,
        "Snapshot and delete disks that no machine uses; the bill does not tell which, the inventory of disks does.",
        "small", "A deleted disk is restored from its snapshot only.", "one_way",
    ),
    Rule(
        "artifacts", "Old container images", ("artifact_registry.storage",), 0.5, 0.2, 0.8,
        "Add cleanup policies that keep the last versions of each image.",
        "small", "A deleted image cannot be rolled back to.", "one_way",
    ),
    Rule(
        "backups", "Fewer database backups", ("cloud_sql_backups.storage",), 0.3, 0.1, 0.6,
        "Retain fewer automated backups, and delete on-demand ones that are no longer needed.",
        "small", "Recovery reaches less far back.", "one_way",
    ),
    Rule(
        "secret_versions", "Old secret versions", ("secret_manager.versions",), 0.3, 0.1, 0.6,
        "Destroy secret versions that nothing reads any more.",
        "small", "A destroyed version cannot be read again.", "one_way",
    ),
)  # fmt: skip
