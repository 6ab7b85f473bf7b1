"""What commitments are sold: their pools with scope and order of application, and what of a bill none covers.

Source: Google Cloud's pages on committed use discounts, read 2025-07 to 2026-10; rates by class are in the price book.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.money import exact_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill

Scope = Literal["billing_account", "region"]
Bought = Literal["spend", "slots", "machines"]


@dataclass(frozen=True)
class PoolRule:
    """One pool: ``order`` is when it applies (1 first); ``step`` is what amounts are whole multiples of, 0 if free.

    ``classes`` are rate classes, each with a discount of its own; where there are several, the fill order matters.
    ``models`` are the ids of its prices for 1 and for 3 years in the export.
    """

    pool: str
    title: str
    scope: Scope
    bought: Bought
    order: int
    classes: tuple[str, ...]
    covers: str
    models: tuple[str, str] = ("", "")
    step: float = 0.0
    unit: str = ""


POOLS: Final = (
    PoolRule(
        "gce_resource", "Compute Engine resources", "region", "machines", 1, ("gce_resource",),
        "vCPU and memory of one machine series in one region", step=1.0, unit="vCPU",
    ),
    PoolRule(
        "bigquery_slots", "BigQuery slots", "region", "slots", 1, ("bigquery_slots",),
        "baseline slots of Enterprise and Enterprise Plus in one location", step=50.0, unit="slot",
    ),
    PoolRule(
        "compute_flexible", "Compute flexible", "billing_account", "spend", 2,
        ("cloud_run_request_based", "cloud_run_instance_based", "gke_autopilot", "compute_engine"),
        "Compute Engine, GKE Autopilot and Cloud Run (services, jobs, worker pools; requests too) in every region",
        ("D97B-0795-975B", "70D7-D1AB-12A4"),
    ),
    PoolRule(
        "cloud_sql", "Cloud SQL", "region", "spend", 2, ("cloud_sql",),
        "vCPU and memory of dedicated cores, both editions",
        ("61F8-639B-D89C", "52FB-D69D-95BE"),
    ),
    PoolRule(
        "memorystore", "Memorystore", "billing_account", "spend", 2, ("memorystore",),
        "Redis of 5 GiB and more, Redis Cluster, Valkey and Memcached in every region",
        ("DD5B-8EB3-C48D", "8E4B-B283-45D8"),
    ),
    PoolRule(
        "firestore", "Firestore", "billing_account", "spend", 2, ("firestore",),
        "read, write and delete operations of Firestore and Datastore in every region",
        ("3892-BA17-92A7", "2FD9-44B6-D2AC"),
    ),
    PoolRule(
        "bigquery", "BigQuery", "region", "spend", 2, ("bigquery",),
        "pay-as-you-go slots of editions and BigQuery services",
        ("DD83-D9A3-79AF", "4D8D-49A7-C5B1"),
    ),
)  # fmt: skip
"""Resource commitments apply before spend commitments; spend pools hold different usage, so they do not meet."""

RULE_OF_POOL: Final = {rule.pool: rule for rule in POOLS}

_UNNAMED: Final = "its rows do not name what is billed as Google does, so what a commitment covers cannot be told"
_NONE_SOLD: Final = "no commitment is sold for {}"
_NOT_PLANNED: Final = "a commitment is sold for {}, but its rows are in no pool that is planned here"
_SOLD_TOO: Final = ("spanner", "bigtable", "alloydb", "dataflow", "kafka", "functions", "vmware", "netapp")
_REASONS: Final = (
    ("Cloud SQL", "shared", "shared cores are not covered, only dedicated ones"),
    ("Cloud SQL", "micro", "shared cores are not covered, only dedicated ones"),
    ("Cloud SQL", "small", "shared cores are not covered, only dedicated ones"),
    ("Cloud SQL", "licen", "licences are not covered"),
    ("Cloud SQL", "", "only vCPU and memory are covered, not storage, backups, addresses or traffic"),
    ("Memorystore for Redis", " m1", "instances below 5 GiB are not covered"),
    ("Memorystore for Redis", "", "only node capacity of 5 GiB and more is covered"),
    ("Firestore", "", "only read, write and delete operations are covered, not storage, backups or traffic"),
    ("BigQuery", "", "only slots are covered, not queries by bytes or storage"),
    ("Cloud Run", "gpu", "GPUs have no committed price"),
    ("Cloud Run", "", "only vCPU, memory and requests are covered"),
    ("Compute Engine", "", "only vCPU and memory of general series are covered, not disks, addresses or traffic"),
    ("Kubernetes Engine", "", "only Autopilot's vCPU and memory are covered"),
)  # fmt: skip
"""Product, a word of the SKU in lower case, why its usage outside every pool is not covered; the first match counts."""


@dataclass(frozen=True)
class NotEligible:
    """Usage that no commitment covers: its headline share of the window (nanos), and why."""

    product: str
    reason: str
    cost_nanos: int


def rule_of(pool: str) -> PoolRule | None:
    """The rule of a pool; None for what is not known here."""
    return RULE_OF_POOL.get(pool)


def pool_title(name: str) -> str:
    """A pool's name for people, with its region.

    >>> pool_title("cloud_sql-us-central1"), pool_title("compute_flexible"), pool_title("other")
    ('Cloud SQL, us-central1', 'Compute flexible', 'other')
    >>> pool_title("gce_resource-n2d-us-east1-memory-1y"), pool_title("bigquery_slots-us-3y")
    ('Compute Engine N2D memory, us-east1 (1 year)', 'BigQuery slots, us (3 years)')
    """
    pool, _, region = name.partition("-")
    rule = rule_of(pool)
    if rule is None:
        return name
    if region and rule.step:
        return _resource_title(rule, region)
    return f"{rule.title}, {region}" if region else rule.title


def _resource_title(rule: PoolRule, rest: str) -> str:
    """What one resource commitment is of: series, part, place and term of machines, place and term of slots."""
    place, _, term = rest.rpartition("-")
    years = {"1y": "1 year", "3y": "3 years"}.get(term, term)
    if rule.bought == "slots":
        return f"{rule.title}, {place} ({years})" if place else f"{rule.title} ({years})"
    series, _, where = place.partition("-")
    region, _, part = where.rpartition("-")
    what = f"Compute Engine {series_title(series)} {'vCPU' if part == 'vcpu' else part}"
    return f"{what}, {region} ({years})" if region else f"{what} ({years})"


CLASS_TITLES: Final = {
    "cloud_run_request_based": "Cloud Run request-based",
    "cloud_run_instance_based": "Cloud Run instance-based",
    "gke_autopilot": "GKE Autopilot",
    "compute_engine": "Compute Engine",
    "cloud_sql": "Cloud SQL",
    "memorystore": "Memorystore",
    "firestore": "Firestore operations",
    "bigquery": "BigQuery",
    "gce_resource": "Compute Engine",
    "bigquery_slots": "BigQuery slots",
}


def class_title(rate_class: str) -> str:
    """A rate class for people.

    >>> class_title("gke_autopilot"), class_title("compute_engine.n2d"), class_title("unheard_of")
    ('GKE Autopilot', 'Compute Engine N2D', 'unheard of')
    """
    known = class_in_book(rate_class)
    series = rate_class[len(known) + 1 :].upper()
    return f"{CLASS_TITLES.get(known, known.replace('_', ' '))} {series}".strip()


def series_title(series: str) -> str:
    """A machine series for people.

    >>> series_title("n2d")
    'N2D'
    """
    return series.upper()


def class_in_book(rate_class: str) -> str:
    """The class under which prices know a rate class: machines of every series have one flexible rate.

    >>> class_in_book("compute_engine.n2"), class_in_book("cloud_sql")
    ('compute_engine', 'cloud_sql')
    """
    return rate_class.partition(".")[0]


def class_titles(rate_classes: Iterable[str]) -> str:
    """Several classes for people, the series of one product together.

    >>> class_titles(["compute_engine.e2", "compute_engine.n2", "gke_autopilot"])
    'Compute Engine E2/N2, GKE Autopilot'
    """
    series: dict[str, list[str]] = {}
    for each in rate_classes:
        known = class_in_book(each)
        series.setdefault(known, []).extend([each[len(known) + 1 :].upper()] if known != each else [])
    return ", ".join(f"{class_title(known)} {'/'.join(names)}".strip() for known, names in series.items())


def rates_words(rates: Mapping[str, float], word: str) -> str:
    """Discounts by class for people, classes of one rate together.

    >>> rates_words({"compute_engine.e2": 0.28, "compute_engine.n2": 0.28, "cloud_run_request_based": 0.17}, "off")
    '28% off Compute Engine E2/N2, 17% off Cloud Run request-based'
    """
    of_rate: dict[float, list[str]] = {}
    for key, rate in rates.items():
        of_rate.setdefault(rate, []).append(key)
    return ", ".join(f"{rate:.0%} {word} {class_titles(keys)}" for rate, keys in of_rate.items())


def not_eligible(bill: Bill) -> tuple[NotEligible, ...]:
    """On-demand cost of usage outside every pool, by product and reason, the dearest first."""
    text, lines = bill.lines.text, bill.lines
    outside = (text["pool"] == "") & (text["fee_of"] == "") & (text["charge_class"] == "usage")
    rows: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(outside).tolist():
        product = str(text["product"][row]) or "what names no product"
        rows.setdefault((product, _reason(product, str(text["sku"][row]), has_pools=bool(bill.pools))), []).append(row)
    found = [NotEligible(*key, exact_sum(lines.on_demand_nanos[of_key])) for key, of_key in rows.items()]
    return tuple(sorted((each for each in found if each.cost_nanos), key=lambda each: -abs(each.cost_nanos)))


def _reason(product: str, sku: str, *, has_pools: bool) -> str:
    words = sku.lower()
    if not has_pools and any(name == product for name, _, _ in _REASONS):
        return _UNNAMED
    if any(word in product.lower() for word in _SOLD_TOO):
        return _NOT_PLANNED.format(product)
    fitting = (reason for name, word, reason in _REASONS if name == product and word in words)
    return next(fitting, _NONE_SOLD.format(product))
