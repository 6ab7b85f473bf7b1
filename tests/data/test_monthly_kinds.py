"""Which SKUs housekeeping may act on, and how a bill of them is read."""

from __future__ import annotations

import pytest

from data.monthly_kinds import MONTHLY_KINDS, monthly_factor, monthly_kind, unit_of_monthly_kind
from data.sku_classes import classify
from model.bill_build import LEVER_OF_KIND
from model.kinds import UNIT_OF_KIND
from model.levers.housekeeping_rules import RULES
from model.monthly_kinds import PRODUCT_OF_MONTHLY_KIND, UNIT_OF_MONTHLY_KIND

GIB_MONTH = ("gibibyte month",)
SKUS = [
    ("Cloud Logging", "Log Storage cost", ("gibibyte",), "logging.volume"),
    ("Cloud Logging", "Log Retention cost", GIB_MONTH, "logging.retention"),
    ("Cloud Storage", "Standard Storage US Regional", GIB_MONTH, "storage.standard.capacity"),
    ("Cloud Storage", "Standard Storage US Multi-region", GIB_MONTH, "storage.standard.capacity"),
    ("Cloud Storage", "Standard Storage Iowa", ("gibibyte hour",), "storage.standard.capacity"),
    ("Cloud Storage", "Nearline Storage Iowa", GIB_MONTH, "storage.nearline.capacity"),
    ("Cloud Storage", "Archive Storage Belgium Dual-region", GIB_MONTH, "storage.archive.capacity"),
    ("Cloud Storage", "Nearline Storage Doha (Early Delete)", GIB_MONTH, ""),
    ("Cloud Storage", "Nearline Data Retrieval", ("gibibyte",), "storage.nearline.retrieval"),
    ("Cloud Storage", "Regional Nearline Class A Operations", ("count",), "storage.nearline.class_a"),
    ("Cloud Storage", "Regional Standard Class A Operations", ("count",), ""),
    ("Cloud Storage", "Multi-Region Nearline Class A Operations", ("count",), ""),
    ("Compute Engine", "Storage PD Snapshot", GIB_MONTH, "compute.snapshots"),
    ("Compute Engine", "Storage PD Snapshot in Iowa", GIB_MONTH, "compute.snapshots"),
    ("Compute Engine", "Standard Snapshot Storage in Iowa", GIB_MONTH, "compute.snapshots"),
    ("Compute Engine", "Archive Snapshot Early Deletion in Iowa", GIB_MONTH, ""),
    ("Compute Engine", "Storage PD Snapshot Early Deletion", GIB_MONTH, ""),
    ("Compute Engine", "Storage PD Capacity", GIB_MONTH, "compute.disk"),
    ("Compute Engine", "Regional Storage PD Capacity", GIB_MONTH, "compute.disk"),
    ("Compute Engine", "SSD backed PD Capacity in Americas", GIB_MONTH, "compute.disk"),
    ("Compute Engine", "Balanced PD Capacity", GIB_MONTH, "compute.disk"),
    ("Compute Engine", "Hyperdisk Balanced Capacity", GIB_MONTH, "compute.disk"),
    ("Compute Engine", "Hyperdisk Balanced IOPS", ("count",), ""),
    ("Compute Engine", "SSD backed Local Storage", GIB_MONTH, ""),
    ("Compute Engine", "Static Ip Charge", ("hour",), "compute.idle_address"),
    ("Compute Engine", "External IP Charge on a Standard VM", ("hour",), ""),
    ("Compute Engine", "Storage Image", GIB_MONTH, "compute.images"),
    ("Artifact Registry", "Artifact Registry Storage", GIB_MONTH, "artifact_registry.storage"),
    ("Cloud SQL", "Cloud SQL: Backups in Americas", GIB_MONTH, "cloud_sql_backups.storage"),
    ("Cloud SQL", "Cloud SQL for PostgreSQL: Zonal - IP address reservation in Americas", ("hour",),
     "cloud_sql_address.reserved"),
    ("Secret Manager", "Secret version replica storage", ("month",), "secret_manager.versions"),
    ("Spanner", "Storage PD Snapshot", GIB_MONTH, ""),
]  # fmt: skip


@pytest.mark.parametrize(("product", "sku", "units", "kind"), SKUS)
def test_public_sku_names_are_read_as_their_kind(product, sku, units, kind):
    assert monthly_kind(product, sku, units) == kind


@pytest.mark.parametrize(("product", "sku", "units", "kind"), [each for each in SKUS if each[3]])
def test_no_lever_owns_what_housekeeping_acts_on(product, sku, units, kind):
    assert classify("x", product, "y", sku).kind == ""
    assert kind.partition(".")[0] not in LEVER_OF_KIND


def test_a_unit_that_is_not_known_leaves_the_sku_without_a_kind():
    assert monthly_kind("Cloud Logging", "Log Storage cost", ("furlong",)) == ""
    assert monthly_kind("Cloud Logging", "Log Storage cost", ("gibibyte", "furlong")) == ""
    assert monthly_kind("Cloud Logging", "Log Storage cost", ()) == ""


def test_gib_hours_are_the_730th_part_of_a_gib_month():
    assert monthly_factor("storage.standard.capacity", "gibibyte hour") == pytest.approx(1 / 730)
    assert pytest.approx(0.02, rel=1e-4) == 0.000027397 * 730, "as the price page states the same price both ways"


def test_the_rules_the_model_and_housekeeping_know_the_same_kinds_and_units():
    assert set(UNIT_OF_MONTHLY_KIND) == MONTHLY_KINDS
    assert {kind: unit_of_monthly_kind(kind) for kind in MONTHLY_KINDS} == UNIT_OF_MONTHLY_KIND
    assert not MONTHLY_KINDS & set(UNIT_OF_KIND)
    assert {kind.partition(".")[0] for kind in MONTHLY_KINDS} == set(PRODUCT_OF_MONTHLY_KIND)
    acted_on = {kind for rule in RULES for kind in rule.kinds}
    assert acted_on <= MONTHLY_KINDS
    assert {kind for kind in MONTHLY_KINDS - acted_on if not kind.endswith((".retrieval", ".class_a"))} == set()
