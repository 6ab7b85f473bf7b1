from __future__ import annotations

import json

import pytest

from data.sources.price_export import read_commitment_prices
from data.sources.refusal import SourceRefused


def rates(*amounts):
    return {"tiered_rates": [{"start_usage_amount": i, "account_currency_amount": x} for i, x in enumerate(amounts)]}


def row(sku, own, models, service="Cloud SQL", sku_id="S1"):
    return {
        "service": {"id": "x", "description": service},
        "sku": {"id": sku_id, "description": sku},
        "list_price": rates("0.05"),
        "billing_account_price": own,
        "consumption_model_prices": [
            {"consumption_model_id": identity, "list_price": rates("9"), "billing_account_price": price}
            for identity, price in models.items()
        ],
    }


VCPU = row(
    "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", rates("0.04"),
    {"61F8-639B-D89C": rates("0.03"), "52FB-D69D-95BE": rates("0.02"), "D97B-0795-975B": rates("0.001")},
)  # fmt: skip


def read(tmp_path, *rows, text=None):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(rows) if text is None else text, encoding="utf-8")
    return {fact.key: (fact.value, fact.source) for fact in read_commitment_prices([path])}


def test_discounts_are_off_the_own_price(tmp_path):
    assert read(tmp_path, VCPU) == {
        "commitment_rates.cloud_sql.one_year": (0.25, "prices.json: 1 SKUs"),
        "commitment_rates.cloud_sql.three_years": (0.5, "prices.json: 1 SKUs"),
    }


def test_the_first_tier_that_costs_anything_counts(tmp_path):
    reads = row(
        "Cloud Firestore Read Ops Iowa", rates("0", "0.5", "0.4"), {"3892-BA17-92A7": rates("0", "0.4", "0.3")},
        service="App Engine",
    )  # fmt: skip
    assert read(tmp_path, reads)["commitment_rates.firestore.one_year"][0] == pytest.approx(0.2)


def test_of_several_skus_the_smallest_discount_is_taken(tmp_path):
    memory = row(
        "Cloud SQL for PostgreSQL: Zonal - RAM in Americas", rates("0.01"), {"61F8-639B-D89C": rates("0.008")},
        sku_id="S2",
    )  # fmt: skip
    value, source = read(tmp_path, VCPU, memory)["commitment_rates.cloud_sql.one_year"]
    assert value == pytest.approx(0.2)
    assert source == "prices.json: 2 SKUs from 20.0% to 25.0%, the smallest is taken"


def test_json_lines_are_read_and_others_left(tmp_path):
    other = row("Standard storage", rates("0.1"), {}, service="Cloud Storage")
    assert read(tmp_path, text=json.dumps(VCPU) + "\n" + json.dumps(other)) == read(tmp_path, VCPU)


@pytest.mark.parametrize("text", ["", "sku,price\n", "[]", '[{"sku": {}}]'])
def test_other_files_are_refused(tmp_path, text):
    with pytest.raises(SourceRefused, match="cloud_pricing_export"):
        read(tmp_path, text=text)


def test_an_export_without_commitment_prices_is_refused(tmp_path):
    with pytest.raises(SourceRefused, match="tells no commitment price"):
        read(tmp_path, row("Standard storage", rates("0.1"), {}, service="Cloud Storage"))


def test_fees_of_machines_are_prices_by_series_part_and_region(tmp_path):
    def fee(sku, price, regions, sku_id):
        found = row(sku, rates(price), {}, service="Compute Engine", sku_id=sku_id)
        return {**found, "geo_taxonomy": {"type": "REGIONAL", "regions": regions}}

    found = read(
        tmp_path, VCPU,
        fee("Commitment v1: N2D AMD Cpu in Americas for 1 Year", "0.0173", ["us-central1", "us-east1"], "F1"),
        fee("Commitment v1: Compute optimized Ram in Americas for 3 Years", "0.002", ["us-central1"], "F2"),
        fee("Commitment v1: Local SSD in Americas for 1 Year", "0.03", ["us-central1"], "F3"),
    )  # fmt: skip
    machines = {key: value for key, (value, _) in found.items() if ".gce_resource." in key}
    assert machines == {
        "commitment_rates.gce_resource.n2d.vcpu.us-central1.one_year": 0.0173,
        "commitment_rates.gce_resource.n2d.vcpu.us-east1.one_year": 0.0173,
        "commitment_rates.gce_resource.c2.memory.us-central1.three_years": 0.002,
    }
