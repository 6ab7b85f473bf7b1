"""Usage kinds as people read them: ``cloud_sql.plus_regional.vcpu`` is Cloud SQL Enterprise Plus regional vCPU."""

from __future__ import annotations

from typing import Final

from model.monthly_kinds import PRODUCT_OF_MONTHLY_KIND

_PRODUCTS: Final = {
    "cloud_run": "Cloud Run",
    "cloud_sql": "Cloud SQL",
    "firestore": "Firestore",
    "memorystore": "Memorystore for Redis",
    "cloud_tasks": "Cloud Tasks",
}
_WORDS: Final = {
    "class_a": "class A operations",
    "cpu": "vCPU time",
    "f1_micro": "db-f1-micro",
    "g1_small": "db-g1-small",
    "hyperdisk_regional": "regional Hyperdisk",
    "hyperdisk_zonal": "zonal Hyperdisk",
    "idle_cpu": "idle vCPU time",
    "instance_based": "by instance",
    "pitr_storage": "point-in-time recovery",
    "plus_regional": "Enterprise Plus regional",
    "plus_zonal": "Enterprise Plus zonal",
    "request_based": "by request",
    "shared": "shared core",
    "shared_regional": "regional shared core",
    "vcpu": "vCPU",
}


def product_of(kind: str) -> str:
    """The product that a usage kind bills under."""
    first = kind.partition(".")[0]
    return _PRODUCTS.get(first) or PRODUCT_OF_MONTHLY_KIND[first]


def kind_words(kind: str) -> str:
    """A usage kind in words; what is no kind stays as it is.

    >>> kind_words("cloud_sql.plus_regional.vcpu"), kind_words("storage.coldline.class_a"), kind_words("")
    ('Cloud SQL Enterprise Plus regional vCPU', 'Cloud Storage coldline class A operations', '')
    >>> kind_words("cloud_run.request_based.idle_memory"), kind_words("commitment.fee")
    ('Cloud Run by request idle memory', 'commitment.fee')
    """
    first, *rest = kind.split(".")
    if first not in _PRODUCTS and first not in PRODUCT_OF_MONTHLY_KIND:
        return kind
    return " ".join([product_of(kind), *(_WORDS.get(part, part.replace("_", " ")) for part in rest)])
