"""The account's own unit prices: rows of the price export by kind and region, and what a plan makes of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cli import cli
from data.own_prices import own_prices, price_reading, save_own_prices
from data.sources.unit_prices import own_prices_of
from data.workspace import Workspace
from model.outcome import evaluate
from pages.parts.price_session import add_prices
from pages.parts.session import find_scenario, import_demo, load_bill

GIB_HOUR = {"pricing_unit": "GiBy.h", "pricing_unit_description": "gibibyte hour"}


def rates(amount, quantity=1.0):
    free = {"pricing_unit_quantity": quantity, "start_usage_amount": 0.0, "account_currency_amount": 0.0}
    return {"tiered_rates": [free, free | {"start_usage_amount": 1.0, "account_currency_amount": amount}]}


def row(own=0.02, **changes):
    base = {
        "service": {"id": "x", "description": "Cloud Memorystore for Redis"},
        "sku": {"id": "R1", "description": "Redis Capacity Basic M1 Iowa"},
        "list_price": rates(0.049), "billing_account_price": rates(own),
        "geo_taxonomy": {"type": "REGIONAL", "regions": ["us-central1"]}, "consumption_model_prices": [],
        "account_currency_code": "USD", "pricing_as_of_time": "2026-11-20T08:00:00Z", **GIB_HOUR,
    }  # fmt: skip
    return base | changes


def found(*rows):
    return {(one.key, one.region): (one.on_demand, one.list) for one in own_prices_of([("prices.json", rows)])}


def test_a_price_is_per_physical_unit_by_size_class_and_region():
    reads = row(
        service={"id": "y", "description": "App Engine"}, pricing_unit="count",
        pricing_unit_description="count", billing_account_price=rates(0.3, 1e6), list_price=rates(0.6, 1e6),
        sku={"id": "F1", "description": "Cloud Firestore Read Ops Iowa"}, geo_taxonomy={"type": "GLOBAL"},
    )  # fmt: skip
    vcpu = row(
        sku={"id": "V1", "description": "Services CPU (Request-based billing)"}, pricing_unit_description="hour",
        service={"id": "152E-C115-5142", "description": "Cloud Run"}, billing_account_price=rates(0.36),
        list_price=rates(0.72), pricing_unit="h",
        geo_taxonomy={"type": "REGIONAL", "regions": ["us-central1", "us-east1"]},
    )  # fmt: skip
    assert found(row(), reads, vcpu) == {
        ("memorystore.basic.capacity@M1", "us-central1"): (0.02, 0.049),
        ("firestore.reads", "*"): pytest.approx((3e-7, 6e-7)),
        ("cloud_run.request_based.cpu", "us-central1"): pytest.approx((1e-4, 2e-4)),
        ("cloud_run.request_based.cpu", "us-east1"): pytest.approx((1e-4, 2e-4)),
    }


def test_the_dearest_sku_of_a_kind_counts_and_the_last_row_of_a_sku():
    other = row(own=0.03, sku={"id": "R2", "description": "Redis Capacity Basic M1 Oregon"})
    assert found(row(own=0.5), row(own=0.02), other)["memorystore.basic.capacity@M1", "us-central1"] == (0.03, 0.049)


@pytest.mark.parametrize("changes", [
    {"geo_taxonomy": {"type": "MULTI_REGION", "regions": ["us-central1"]}}, {"pricing_unit_description": "furlong",
    "pricing_unit": "fur"}, {"account_currency_code": None}, {"sku": {"id": "R1", "description": "Something else"}},
    {"billing_account_price": rates(0.0), "list_price": None},
    {"billing_account_price": rates("NaN"), "list_price": rates("many")},
])  # fmt: skip
def test_what_cannot_be_placed_or_read_is_no_price(changes):
    assert not found(row(**changes))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("demo"))
    import_demo(workspace)
    return workspace


def cache_sources(workspace):
    bill = load_bill(workspace)
    scenario = find_scenario(workspace, None, ("cache.new.size_gib=2", "cache.new.tier=basic"), bill)
    deltas = [each for each in evaluate(bill, scenario).deltas if each.kind == "memorystore.basic.capacity"]
    assert deltas
    return {each.price_source for each in deltas}, sum(each.costs.on_demand for each in deltas)


def test_usage_that_the_bill_lacks_is_priced_by_the_account_not_by_the_book(demo, tmp_path):
    book, by_book = cache_sources(demo)
    assert not any("your own price" in source for source in book)
    file = tmp_path / "prices.json"
    file.write_text(json.dumps([row()]))
    add_prices(demo, [file])
    sources, by_account = cache_sources(demo)
    assert sources == {"your own price: prices.json, SKU R1, as of 2026-11-20"}
    assert by_account == pytest.approx(by_book * 0.02 / 0.049, rel=1e-6)
    reading = price_reading(demo)
    assert (reading.name, reading.price_count) == ("prices.json", 1)
    file.write_text(json.dumps([row(account_currency_code="EUR")]))
    add_prices(demo, [file])
    assert cache_sources(demo) == (book, by_book), "prices in another currency are not used"
    save_own_prices(demo, [], "")
    assert (own_prices(demo), price_reading(demo)) == ([], None)


def test_the_command_reads_them_beside_a_bill(demo, tmp_path):
    file = tmp_path / "prices.json"
    file.write_text(json.dumps([row()]))
    done = CliRunner().invoke(cli, ["import", "demo", "--prices", str(file), "--workspace", str(demo.folder)])
    assert (done.exit_code, len(own_prices(demo))) == (0, 1), done.output
