import pytest

from data.sku_classes import SkuClass, _rules, classify, classify_with_unit, physical_factor, unit_of_kind
from model.kinds import RATE_CLASS_OF_KIND, UNIT_OF_KIND

RUN, SQL, REDIS, GCE = "Cloud Run", "Cloud SQL", "Cloud Memorystore for Redis", "Compute Engine"

KINDS = [
    (RUN, "Services CPU (Request-based billing)", "cloud_run.request_based.cpu"),
    (RUN, "Services CPU Tier 2  (Request-based billing)", "cloud_run.request_based.cpu"),
    (RUN, "Services Memory  Tier 2 (Request-based billing)", "cloud_run.request_based.memory"),
    (RUN, "Services Min Instance CPU (Request-based billing)", "cloud_run.request_based.idle_cpu"),
    (RUN, "Services Min Instance Memory Tier 2  (Request-based billing)", "cloud_run.request_based.idle_memory"),
    (RUN, "Services CPU (Instance-based billing) in us-central1", "cloud_run.instance_based.cpu"),
    (RUN, "Services Memory (Instance-based billing) in europe-west1", "cloud_run.instance_based.memory"),
    (RUN, "Requests", "cloud_run.request_based.requests"),
    (RUN, "Jobs CPU in us-central1", ""),
    (RUN, "Worker Pools Memory in us-central1", ""),
    (RUN, "Cloud Run vCPU allocation", ""),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", "cloud_sql.zonal.vcpu"),
    (SQL, "Cloud SQL for MySQL: Regional - RAM in Iowa", "cloud_sql.regional.memory"),
    (SQL, "Cloud SQL for SQL Server: Zonal - Standard storage in Americas", "cloud_sql.zonal.storage"),
    (SQL, "Cloud SQL for MySQL: Zonal - Micro instance in Americas", "cloud_sql.shared.f1_micro"),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - Small instance in Americas", "cloud_sql.shared.g1_small"),
    (SQL, "Enterprise Plus N vCPU in Iowa", "cloud_sql.plus_zonal.vcpu"),
    (SQL, "Cloud SQL for MySQL: Regional - Enterprise Plus C4A RAM in Iowa", "cloud_sql.plus_regional.memory"),
    (SQL, "Cloud SQL for PostgreSQL: Regional - Micro instance in London", "cloud_sql.shared_regional.f1_micro"),
    (SQL, "Cloud SQL for MySQL: Regional - Small instance in Dallas", "cloud_sql.shared_regional.g1_small"),
    (SQL, "Cloud SQL for Postgres: Zonal - Enterprise N4 vCPU in South Carolina", "cloud_sql.zonal.vcpu"),
    (SQL, "Cloud SQL for Postgres: Zonal- Enterprise N4 RAM in South Carolina", "cloud_sql.zonal.memory"),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - Enterprise Plus N vCPU in Carolina", "cloud_sql.plus_zonal.vcpu"),
    (
        SQL,
        "Cloud SQL for My SQL: Regional - Enterprise Plus Performance Optimized C4A vCPU in Belgium",
        "cloud_sql.plus_regional.vcpu",
    ),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - Enterprise Plus Standard Storage in Iowa", "cloud_sql.plus_zonal.storage"),
    (
        SQL,
        "Cloud SQL for Postgres: Zonal - Enterprise Storage Hyperdisk Balanced Capacity in Iowa",
        "cloud_sql.hyperdisk_zonal.storage",
    ),
    (
        SQL,
        "Cloud SQL for Postgres: Zonal - Regional Enterprise Storage Hyperdisk Balanced Capacity in Iowa",
        "cloud_sql.hyperdisk_regional.storage",
    ),
    (SQL, "Cloud SQL for Postgres: Zonal - Enterprise Storage Hyperdisk Balanced IOPS in Iowa", ""),
    (SQL, "Cloud SQL for PostgreSQL: Regional - Enterprise Plus Extended support vCPU v13 in Iowa", ""),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - Enterprise Plus Data Cache Storage in Carolina", ""),
    (SQL, "Cloud SQL for MySQL: Zonal - 4 vCPU + 15GB RAM in Americas", ""),
    (SQL, "FDC Trial in Cloud SQL for PostgreSQL: Zonal - vCPU in Singapore", ""),
    (SQL, "Cloud SQL: Backups in Americas", ""),
    (SQL, "Cloud SQL for PostgreSQL: Zonal - IP address reservation in Americas", ""),
    ("App Engine", "Cloud Firestore Read Ops Iowa", "firestore.reads"),
    ("App Engine", "Cloud Firestore Entity Writes (with free tier)", "firestore.writes"),
    ("App Engine", "Cloud Firestore Entity Deletes", "firestore.deletes"),
    ("App Engine", "Cloud Firestore Storage Iowa", "firestore.storage"),
    ("App Engine", "Point-in-time Recovery Storage", "firestore.pitr_storage"),
    (REDIS, "Redis Capacity Basic M1 Iowa", "memorystore.basic.capacity"),
    (REDIS, "Redis Capacity Standard M4 Iowa", "memorystore.standard.capacity"),
    (REDIS, "Redis Standard Node Capacity M2 Iowa", ""),
    ("Cloud Tasks", "Cloud Tasks API Operations", "cloud_tasks.operations"),
    ("Firestore", "Storage PD Snapshot", ""),
]


@pytest.mark.parametrize(("service", "sku", "kind"), KINDS)
def test_descriptions_are_read_as_their_kind(service: str, sku: str, kind: str) -> None:
    assert classify("x", service, "y", sku).kind == kind


def test_the_table_and_the_model_know_the_same_kinds_and_units() -> None:
    written = {rule["kind"] for rule in _rules()["kind"]}
    assert written == set(UNIT_OF_KIND)
    assert {kind: unit_of_kind(kind) for kind in written} == UNIT_OF_KIND


@pytest.mark.parametrize(("service", "sku", "kind"), [each for each in KINDS if each[2]])
def test_pools_agree_with_the_model(service: str, sku: str, kind: str) -> None:
    found = classify("x", service, "y", sku)
    expected = RATE_CLASS_OF_KIND.get(kind, ("", ""))
    if kind.startswith("memorystore"):  # depends on the size class: M1 is too small for a commitment
        expected = ("", "") if " M1 " in sku else ("memorystore", "memorystore")
    assert (found.pool, found.rate_class) == expected


def test_a_renamed_service_keeps_its_product_by_id() -> None:
    assert classify("152E-C115-5142", "Run (new name)", "y", "Requests").product == RUN


def test_firestore_stands_apart_from_the_service_that_bills_it() -> None:
    assert classify("x", "App Engine", "y", "Cloud Firestore Read Ops").product == "Firestore"
    assert classify("x", "App Engine", "y", "Frontend Instances").product == "App Engine"
    assert classify("x", "App Engine", "y", "Point-in-time Recovery Storage").product == "Firestore"


@pytest.mark.parametrize(
    ("service", "sku", "pool", "rate_class", "is_regional"),
    [
        (RUN, "Jobs CPU in us-central1", "compute_flexible", "cloud_run_instance_based", False),
        (RUN, "Worker Pools Memory in us-central1", "compute_flexible", "cloud_run_instance_based", False),
        (GCE, "E2 Instance Core running in Americas", "compute_flexible", "compute_engine.e2.vcpu", False),
        (GCE, "N2D AMD Custom Instance Ram running in Iowa", "compute_flexible", "compute_engine.n2d.memory", False),
        (GCE, "N1 Predefined Instance Core running in Iowa", "compute_flexible", "compute_engine.n1.vcpu", False),
        (GCE, "Custom Instance Core running in Americas", "compute_flexible", "compute_engine.n1.vcpu", False),
        (GCE, "Compute optimized Ram running in Americas", "compute_flexible", "compute_engine.c2.memory", False),
        (GCE, "Spot Preemptible E2 Instance Core running in Americas", "", "", False),
        (GCE, "Licensing Fee for Debian 10 Buster (RAM cost)", "", "", False),
        (GCE, "M1 Memory-optimized Instance Core running in Americas", "", "", False),
        ("Kubernetes Engine", "Autopilot Pod mCPU Requests (us-central1)", "compute_flexible", "gke_autopilot", False),
        ("BigQuery Reservation API", "BigQuery Enterprise Edition for US (multi-region)", "bigquery", "bigquery", True),
        ("BigQuery", "Analysis", "", "", False),
        (SQL, "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", "cloud_sql", "cloud_sql", True),
        (SQL, "Cloud SQL for PostgreSQL: Zonal - Standard storage in Americas", "", "", False),
    ],
)
def test_what_a_commitment_covers(service: str, sku: str, pool: str, rate_class: str, is_regional: bool) -> None:
    found = classify("x", service, "y", sku)
    assert (found.pool, found.rate_class, found.pool_is_regional) == (pool, rate_class, is_regional)


@pytest.mark.parametrize(
    ("service", "sku_id", "sku", "fee_of", "term", "model", "discount"),
    [
        (GCE, "y", "Commitment - dollar based v1: GCE for 3 years", "compute_flexible", "3y", "legacy", 0.46),
        (SQL, "y", "Commitment - dollar based v1: Cloud SQL database in us-east1 for 1 year", "cloud_sql", "1y",
         "legacy", 0.25),
        (RUN, "y", "Commitment - dollar based v1: Cloud Run in us-central1 for 1 year", "compute_flexible", "1y",
         "legacy", 0.17),
        (GCE, "y", "Commitment v1: Cpu in Americas for 3 Year", "gce_resource", "3y", "legacy", 0.55),
        (GCE, "y", "Compute Flexible CUD - 1 Year", "compute_flexible", "1y", "new", None),
        (GCE, "5515-81A8-03A2", "renamed", "compute_flexible", "", "new", None),
        (SQL, "y", "CUDs 1 Year", "cloud_sql", "1y", "new", None),
    ],
)  # fmt: skip
def test_commitment_fees(
    service: str, sku_id: str, sku: str, fee_of: str, term: str, model: str, discount: float | None
) -> None:
    found = classify("x", service, sku_id, sku)
    assert (found.fee_of, found.term, found.fee_model, found.discount_ratio) == (fee_of, term, model, discount)
    assert (found.kind, found.pool) == ("", "")


@pytest.mark.parametrize(
    ("kind", "unit", "factor"),
    [
        ("cloud_run.request_based.cpu", "second", 1),
        ("cloud_run.request_based.cpu", "hour", 3600),
        ("cloud_run.request_based.memory", "gibibyte second", 1),
        ("cloud_run.request_based.memory", "GB-Hours", 3600),
        ("cloud_run.request_based.requests", "1000000 requests", 1_000_000),
        ("cloud_run.request_based.requests", "count", 1),
        ("cloud_sql.zonal.vcpu", "Hours", 1),
        ("cloud_sql.zonal.memory", "gibibyte hour", 1),
        ("cloud_sql.zonal.storage", "GB-Months", 1),
        ("firestore.reads", "100000 count", 100_000),
        ("firestore.reads", "gibibyte", None),
        ("cloud_sql.zonal.storage", "byte second", None),
    ],
)
def test_physical_factors(kind: str, unit: str, factor: float | None) -> None:
    assert physical_factor(kind, unit) == factor


def test_an_unknown_unit_costs_the_kind_and_says_why() -> None:
    names = ("x", RUN, "y", "Services CPU (Request-based billing)")
    lost = classify_with_unit(*names, ("fortnight",))
    assert (lost.kind, lost.product, lost.pool) == ("", RUN, "compute_flexible")
    assert "fortnight" in lost.reason
    assert "mix" in classify_with_unit(*names, ("second", "hour")).reason
    assert classify_with_unit(*names, ("second", "Seconds")).kind == "cloud_run.request_based.cpu"


def test_what_no_rule_names_keeps_its_service_and_nothing_else() -> None:
    assert classify("x", "Somebody's Product", "y", "Widget") == SkuClass("Somebody's Product")
    assert classify(None, None, None, None) == SkuClass("")
    assert classify("x", "Support", "y", "Enhanced Support").is_marketplace_or_support
