"""What can be set and must be assumed for a Firestore database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.assumed import Assumed
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.bill import Bill, Resource

LEVER: Final = "firestore"
READS: Final = "firestore.reads"
WRITES: Final = "firestore.writes"
DELETES: Final = "firestore.deletes"
STORAGE: Final = "firestore.storage"
PITR: Final = "firestore.pitr_storage"
MOST_FIELDS: Final = 200
"""Field level configurations that a database may have (exemptions and TTL together)."""


ASSUMED: Final = {
    "expired_share": Assumed(
        "share of the data that has had its day", "ratio", None, None, None, 0.0, 1.0, 0.01,
        "Documents that TTL would delete, as a share of what is stored and of what is created.",
    ),
    "created_share": Assumed(
        "share of writes that create a document", "ratio", 0.5, 0.1, 1.0, 0.0, 1.0, 0.05,
        "The rest of the writes update one. Documents that will expire are deleted at the rate they are created.",
    ),
    "document_bytes": Assumed(
        "stored bytes of a document with its indexes", "bytes", 2048.0, 512.0, 16_384.0, 0.0, 1_048_576.0, 256.0,
        "Tells how many documents are expired already: TTL deletes them once, and each delete is billed.",
    ),
    "index_write_share": Assumed(
        "share of billed writes that one field's indexes cause", "ratio", 0.0, 0.0, 0.0, 0.0, 1.0, 0.01,
        "0 in Standard edition: a document write is one operation whatever its indexes. Enterprise edition counts "
        "write units by size.",
    ),
    "index_storage_share": Assumed(
        "share of storage that one field's indexes take", "ratio", 0.05, 0.01, 0.1, 0.0, 1.0, 0.01,
        "Every field is indexed up and down unless it is exempted; the entries are stored and billed as data.",
    ),
}  # fmt: skip


def key_of(resource: Resource, parameter: str) -> str:
    """Scenario key of a parameter of a database."""
    return f"{LEVER}.{resource.name}.{parameter}"


def has_pitr(bill: Bill, resource: Resource) -> bool:
    """Whether point-in-time recovery is on today: as the inventory says, else as the rows do."""
    fact = bill.fact(key_of(resource, "pitr_enabled"))
    return bool(fact.value) if fact else bool(resource.hourly(PITR, len(bill.hours)).any())


def firestore_parameters(bill: Bill, resource: Resource) -> list[Parameter]:
    """Settings, then assumptions, of one database."""
    return [*_settings(bill, resource), *(_assumption(bill, resource, name) for name in ASSUMED)]


def _settings(bill: Bill, resource: Resource) -> list[Parameter]:
    name = resource.name
    ttl, pitr, indexes = (
        bill.fact(key_of(resource, each)) for each in ("ttl_enabled", "pitr_enabled", "exempted_indexes")
    )
    return [
        Parameter(
            key_of(resource, "ttl_enabled"), f"{name}: expired documents are deleted", "", "setting",
            bool(ttl.value) if ttl else False, ttl.source if ttl else "not told by any list: taken as off",
            ttl.evidence if ttl else "modelled",
            "A TTL policy on a time field. Its deletes are billed and never free, and cannot be taken back.",
            choices=(False, True), configures="--enable-ttl", disruption="one_way",
            protects="documents that are past their day",
        ),
        Parameter(
            key_of(resource, "pitr_enabled"), f"{name}: point-in-time recovery", "", "setting",
            has_pitr(bill, resource), pitr.source if pitr else "this bill's rows", "measured",
            "Keeps every version of the last 7 days and bills the size of the database once more. Off, only the last "
            "hour can be read back.",
            choices=(False, True), configures="--enable-pitr", protects="recovery of what was deleted or overwritten",
        ),
        Parameter(
            key_of(resource, "exempted_indexes"), f"{name}: more fields exempted from indexing", "fields", "setting",
            indexes.value if indexes else 0, indexes.source if indexes else "counted from today's on",
            indexes.evidence if indexes else "modelled",
            "Fields that no query filters or sorts by need no index. A query that needs one fails.",
            minimum=0.0, maximum=float(MOST_FIELDS), step=1.0, configures="--disable-indexes",
            protects="queries by these fields",
        ),
    ]  # fmt: skip


def _assumption(bill: Bill, resource: Resource, name: str) -> Parameter:
    key = key_of(resource, name)
    return ASSUMED[name].parameter(key, resource.name, bill.fact(key))
