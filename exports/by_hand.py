"""What people must do themselves: why no command here does it, and how it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from model.lever import PlanChange

_COMMITMENT: Final = (
    "Spend-based commitments have no gcloud command: buy it in the console's Billing pages, and only after the other "
    "changes are live."
)

_WHY: Final[dict[tuple[str, str], str]] = {
    ("cloud_sql", "replicas"): "Read replicas are created with gcloud sql instances create REPLICA "
    "--master-instance-name=INSTANCE and deleted by their own names, which the bill does not tell.",
    ("cloud_sql", "shared_core"): "For tests and development only: gcloud sql instances patch INSTANCE --tier=TIER "
    "restarts it on a shared core; Google's agreement does not cover shared cores.",
    ("cloud_sql", "pool_size"): "Set it where the application opens its connections: see pooling/.",
    ("cache", "ttl_s"): "Set it where the application writes to the cache: see redis/.",
    ("cache", "ttl_sliding"): "Set the time to live again where the application reads from the cache.",
    ("cache", "target_hit_ratio"): "It follows from size and workload: measure it after the cache is filled.",
    ("firestore", "ttl_enabled"): "Per field: gcloud firestore fields ttls update FIELD "
    "--collection-group=COLLECTION --enable-ttl; deletes of expired documents cannot be taken back.",
    ("firestore", "exempted_indexes"): "Per field: gcloud firestore indexes fields update FIELD "
    "--collection-group=COLLECTION --disable-indexes.",
}

_WHY_OF_LEVER: Final = {
    "commitments": _COMMITMENT,
    "queries": "Make its indexes with sql/ (outside a transaction) and put the new text into the application.",
    "housekeeping": "Follow the finding: the resources are named in the trail of its rows.",
}


def why_by_hand(change: PlanChange) -> str:
    """Why a change has no command, and how to make it; one or two sentences."""
    known = _WHY.get((change.lever, change.attribute)) or _WHY_OF_LEVER.get(change.lever)
    if known:
        return known
    return f"No command of this bundle sets {change.attribute}; change it in the console or in your own tooling."
