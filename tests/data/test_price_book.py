"""The price book holds the sourced facts and nothing else."""

import tomllib
from pathlib import Path

import pytest

from data.price_book import PriceBookError, load_price_book
from model.kinds import UNIT_OF_KIND
from model.monthly_kinds import unit_of

FACTS = Path(__file__).resolve().parents[2] / ".." / "shared" / "facts" / "gcp_prices.toml"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the facts file ../shared/facts/gcp_prices.toml is absent")

READ_LATER = {
    ("storage.coldline.capacity", "us-central1"): 0.004, ("storage.nearline.retrieval", "*"): 0.01,
    ("storage.coldline.retrieval", "*"): 0.02, ("storage.archive.retrieval", "*"): 0.05,
    ("storage.nearline.class_a", "us-central1"): 1e-5,
}  # fmt: skip
"""Prices that the facts file lacks: read from copies of Google's storage page; each entry names its own."""


@pytest.fixture(scope="module")
def facts():
    return tomllib.loads(FACTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def usd():
    return {(entry.key, entry.region): entry.usd for entry in load_price_book().prices}


def expected_prices(facts):
    """(key, region) → price, computed here from the facts file, as an independent reading of it."""
    run, sql, fire = facts["cloud_run"], facts["cloud_sql"], facts["firestore"]["standard"]
    based, instance = run["request_based"], run["instance_based"]
    found = {("cloud_run.request_based.requests", "*"): based["requests_per_million"] / 1e6}
    for region in run["tier1_regions"]:
        found |= {
            ("cloud_run.request_based.cpu", region): based["cpu_vcpu_second"],
            ("cloud_run.request_based.memory", region): based["memory_gib_second"],
            ("cloud_run.request_based.idle_cpu", region): based["idle_min_instance_cpu_vcpu_second"],
            ("cloud_run.request_based.idle_memory", region): based["idle_min_instance_memory_gib_second"],
            ("cloud_run.instance_based.cpu", region): instance["cpu_vcpu_second"],
            ("cloud_run.instance_based.memory", region): instance["memory_gib_second"],
        }
    for region in ("us-central1", "us-east1"):
        found |= {
            ("cloud_sql.zonal.vcpu", region): sql["enterprise"]["vcpu_hour"],
            ("cloud_sql.zonal.memory", region): sql["enterprise"]["memory_gib_hour"],
            ("cloud_sql.zonal.storage", region): sql["storage"]["ssd_gib_month"],
            ("cloud_sql.shared.f1_micro", region): sql["shared_core"]["db_f1_micro_hour"],
            ("cloud_sql.shared.g1_small", region): sql["shared_core"]["db_g1_small_hour"],
            ("cloud_sql.shared_regional.f1_micro", region): sql["shared_core"]["db_f1_micro_ha_hour"],
            ("cloud_sql.plus_zonal.vcpu@C4", region): sql["enterprise_plus_c4"]["vcpu_hour"],
            ("cloud_sql.plus_zonal.memory@C4", region): sql["enterprise_plus_c4"]["memory_gib_hour"],
        }
    plus = sql["enterprise_plus_n_us_east1"]
    found |= {
        ("cloud_sql.regional.vcpu", "us-central1"): sql["enterprise"]["ha_vcpu_hour"],
        ("cloud_sql.regional.memory", "us-central1"): sql["enterprise"]["ha_memory_gib_hour"],
        ("cloud_sql.plus_zonal.vcpu", "us-east1"): plus["vcpu_hour"],
        ("cloud_sql.plus_zonal.memory", "us-east1"): plus["memory_gib_hour"],
        ("cloud_sql.plus_zonal.storage", "us-east1"): sql["storage"]["ssd_gib_month"],
        ("cloud_sql.hyperdisk_zonal.storage", "us-east1"): sql["enterprise_n4_us_east1"][
            "hyperdisk_balanced_gib_month"
        ],
        ("cloud_tasks.operations", "*"): facts["cloud_tasks"]["ops_per_million"] / 1e6,
    }
    for region, table in (("us-central1", fire), ("nam5", fire["nam5"])):
        found |= {
            (f"firestore.{kind}", region): table[f"{kind}_per_100k"] / 1e5 for kind in ("reads", "writes", "deletes")
        }
        found[("firestore.storage", region)] = table["storage_gib_month"]
    found[("firestore.pitr_storage", "us-central1")] = fire["pitr_gib_month"]
    for name in ("standard", "nearline", "archive"):
        found[(f"storage.{name}.capacity", "us-central1")] = facts["cloud_storage"][f"{name}_gib_month"]
    for size in facts["memorystore_redis"]["tier"]:
        for tier in ("basic", "standard"):
            found[(f"memorystore.{tier}.capacity@{size['class']}", "us-central1")] = size[f"{tier}_gib_hour"]
    return found | READ_LATER


@needs_facts
def test_every_price_equals_the_facts_and_none_is_added(facts, usd):
    assert usd == pytest.approx(expected_prices(facts), rel=1e-12)


@needs_facts
def test_discounts_equal_the_facts(facts):
    flexible, request_based = (cud for cud in facts["cud"] if cud["product"] == "compute_flexible")
    by_product = {cud["product"]: cud for cud in facts["cud"]}
    source = {
        "compute_engine": flexible, "gke_autopilot": flexible, "cloud_run_instance_based": flexible,
        "cloud_run_request_based": request_based, "cloud_sql": by_product["cloud_sql"],
        "memorystore": by_product["memorystore"], "firestore": by_product["firestore"],
        "bigquery": by_product["bigquery_spend"], "bigquery_slots": by_product["bigquery_slot_commitment"],
        "gce_resource": by_product["gce_resource_general_purpose"],
    }  # fmt: skip
    found = {d.rate_class: (d.one_year, d.three_years) for d in load_price_book().discounts}
    assert found == {name: (cud["pct_1y"], cud["pct_3y"]) for name, cud in source.items()}


@needs_facts
def test_free_tiers_equal_the_facts(facts):
    run = facts["cloud_run"]
    based, instance = run["request_based"]["free_per_month"], run["instance_based"]["free_per_month"]
    assert load_price_book().free_per_month == {
        "cloud_run.request_based.cpu": based["vcpu_seconds"],
        "cloud_run.request_based.memory": based["gib_seconds"],
        "cloud_run.request_based.requests": based["requests"],
        "cloud_run.instance_based.cpu": instance["vcpu_seconds"],
        "cloud_run.instance_based.memory": instance["gib_seconds"],
        "cloud_tasks.operations": facts["cloud_tasks"]["free_ops_per_month"],
    }
    by_day = {e.kind: (e.quantity, e.scope) for e in load_price_book().free_tiers if e.period == "day"}
    per_day = facts["firestore"]["standard"]["free_per_day"]
    assert by_day == {f"firestore.{kind}": (per_day[kind], "project") for kind in ("reads", "writes", "deletes")}


def test_every_entry_is_keyed_by_a_kind_in_its_unit_and_says_where_it_was_read():
    book = load_price_book()
    for entry in book.prices:
        kind = entry.key.partition("@")[0]
        assert entry.unit == unit_of(kind)
        assert entry.source
        assert len(entry.as_of) == 10
        assert entry.confidence in {"single", "inferred"} or entry.confidence.startswith("verified-")
    assert all(e.unit == UNIT_OF_KIND[e.kind] and set(e.shared_with) <= set(UNIT_OF_KIND) for e in book.free_tiers)


def test_google_example_of_200_gib_standard_is_6_dollars_an_hour(usd):
    assert 200 * usd[("memorystore.standard.capacity@M5", "us-central1")] == pytest.approx(6.00)


def test_64_vcpu_enterprise_plus_c4_reproduces_the_published_machine(usd):
    vcpu, memory = (usd[(f"cloud_sql.plus_zonal.{part}@C4", "us-central1")] for part in ("vcpu", "memory"))
    assert 64 * vcpu + 512 * memory == pytest.approx(8.064)


def test_a_gib_hour_of_the_storage_page_is_the_730th_part_of_the_months_price(usd):
    """The page of 2026-09-20 states hours: 0.000013699, 0.000005479 and 0.000001644 a GiB-hour."""
    hourly = {"nearline": 0.000013699, "coldline": 0.000005479, "archive": 0.000001644}
    for name, per_hour in hourly.items():
        assert usd[(f"storage.{name}.capacity", "us-central1")] == pytest.approx(730 * per_hour, rel=1e-3)


def test_what_no_source_gives_is_absent(usd):
    assert not {("storage.coldline.class_a", "us-central1"), ("storage.archive.class_a", "us-central1")} & set(usd)
    assert ("cloud_sql.regional.storage", "us-central1") not in usd
    assert not any(key.startswith("cloud_sql.plus_regional") for key, _ in usd)
    assert ("cloud_run.instance_based.cpu", "us-west2") not in usd


ENTRY = (
    '[[price]]\nkey = "a"\nregions = ["r"]\nusd = {usd}\nunit = "u"\n'
    'source = "s"\nas_of = "2026-01-01"\nconfidence = "single"\n'
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("= no toml", "cannot be read"),
        ('name = "x"\n', "lacks or misnames a field"),
        ('name = "x"\ndiscount = []\nfree_tier = []\n' + ENTRY.format(usd=1) * 2, "prices a in r twice"),
        ('name = "x"\ndiscount = []\nfree_tier = []\n' + ENTRY.format(usd="nan"), "must not be negative"),
    ],
)
def test_a_broken_book_is_refused_with_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "book.toml"
    path.write_text(text)
    with pytest.raises(PriceBookError, match=sentence):
        load_price_book(path)
