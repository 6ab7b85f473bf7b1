"""Monthly kinds: usage that housekeeping reprices by month, without hours or resources.

A test keeps this table and the one that classifies SKUs in step.
"""

from __future__ import annotations

from typing import Final

from model.kinds import UNIT_OF_KIND

UNIT_OF_MONTHLY_KIND: Final[dict[str, str]] = {
    "logging.volume": "GiB",
    "logging.retention": "GiB-month",
    "storage.standard.capacity": "GiB-month",
    "storage.nearline.capacity": "GiB-month",
    "storage.coldline.capacity": "GiB-month",
    "storage.archive.capacity": "GiB-month",
    "storage.nearline.retrieval": "GiB",
    "storage.coldline.retrieval": "GiB",
    "storage.archive.retrieval": "GiB",
    "storage.nearline.class_a": "operation",
    "storage.coldline.class_a": "operation",
    "storage.archive.class_a": "operation",
    "compute.snapshots": "GiB-month",
    "compute.images": "GiB-month",
    "compute.idle_address": "address-hour",
    "compute.disk": "GiB-month",
    "artifact_registry.storage": "GiB-month",
    "cloud_sql_backups.storage": "GiB-month",
    "cloud_sql_address.reserved": "address-hour",
    "secret_manager.versions": "version-month",
}
"""Kind → its physical unit."""

PRODUCT_OF_MONTHLY_KIND: Final[dict[str, str]] = {
    "logging": "Cloud Logging",
    "storage": "Cloud Storage",
    "compute": "Compute Engine",
    "artifact_registry": "Artifact Registry",
    "cloud_sql_backups": "Cloud SQL",
    "cloud_sql_address": "Cloud SQL",
    "secret_manager": "Secret Manager",
}
"""First part of a kind → the product that it bills under."""


def unit_of(kind: str) -> str:
    """The physical unit of a usage kind, lever's or monthly; '' where there is none."""
    return UNIT_OF_KIND.get(kind) or UNIT_OF_MONTHLY_KIND.get(kind, "")
