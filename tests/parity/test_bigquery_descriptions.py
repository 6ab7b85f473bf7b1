"""The price export and the commitments export from tables: the newest snapshot, with the facts that files give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from bigquery_fake import FakeClient, Table
from google.api_core import exceptions

from data.bigquery_descriptions import price_description, read_description
from data.sources.refusal import SourceRefused
from tests.data.nasty_bill import TEXT

pytestmark = pytest.mark.xdist_group("zetasql")
PRICES, SUBSCRIPTIONS = "acme.billing.cloud_pricing_export", "acme.billing.cud_subscriptions_export"
INSTANT = pa.timestamp("us", "UTC")
RATES = pa.struct([("tiered_rates", pa.list_(pa.struct([("account_currency_amount", pa.float64())])))])
PRICE_SCHEMA = pa.schema(
    [("export_time", INSTANT), ("billing_account_id", TEXT), ("list_price", RATES), ("billing_account_price", RATES)]
    + [(name, pa.struct([("id", TEXT), ("description", TEXT)])) for name in ("service", "sku")]
    + [("consumption_model_prices", pa.list_(pa.struct([("consumption_model_id", TEXT), ("list_price", RATES)])))]
)
SUBSCRIPTION_SCHEMA = pa.schema(
    [("billing_account_id", TEXT), ("region", TEXT), ("term", TEXT), ("start_time", INSTANT), ("end_time", INSTANT),
     ("state", TEXT), ("export_time", INSTANT)]
    + [(name, pa.struct([(part, TEXT) for part in parts])) for name, parts in {
        "consumption_model": ("id", "description"), "subscription": ("instance_id", "display_name"),
    }.items()]
    + [("commitent_amount", pa.struct([("unit", TEXT), ("value", pa.float64())]))]
)  # fmt: skip
TODAY = datetime.now(UTC).replace(microsecond=0)


def rates(amount):
    return {"tiered_rates": [{"account_currency_amount": 0.0}, {"account_currency_amount": amount}]}


def price(days_ago, own, committed, sku="S1"):
    return {
        "export_time": TODAY - timedelta(days=days_ago), "billing_account_id": "A", "list_price": rates(9.0),
        "billing_account_price": rates(own), "service": {"id": "x", "description": "Cloud SQL"},
        "sku": {"id": sku, "description": "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas"},
        "consumption_model_prices": [{"consumption_model_id": "61F8-639B-D89C", "list_price": rates(committed)}],
    }  # fmt: skip


def subscription(days_ago, state="Active", value=0.5):
    return {
        "billing_account_id": "A", "region": "us-central1", "term": "P1Y", "state": state,
        "start_time": datetime(2026, 1, 1, tzinfo=UTC), "end_time": datetime(2027, 1, 1, tzinfo=UTC),
        "export_time": TODAY - timedelta(days=days_ago),
        "consumption_model": {"id": "61F8-639B-D89C", "description": "Cloud SQL CUD - 1 Year"},
        "subscription": {"instance_id": "769c", "display_name": "db"},
        "commitent_amount": {"unit": "$/hr", "value": value},
    }  # fmt: skip


def read(what, name, schema, rows, **given):
    client = FakeClient({name: Table(schema, rows)})
    facts = read_description(what, [f"bq://{name}"], client=client, **given)
    return {fact.key: fact.value for fact in facts}, {fact.source for fact in facts}, client


def test_the_newest_price_of_each_sku_counts():
    rows = [price(1, 0.04, 0.03), price(2, 0.04, 0.01), price(300, 0.04, 0.0001, sku="S2")]
    facts, sources, client = read("prices", PRICES, PRICE_SCHEMA, rows)
    assert facts == {"commitment_rates.cloud_sql.one_year": 0.25}
    assert sources == {f"bq://{PRICES}: 1 SKUs"}
    assert [config.dry_run for _, config, _ in client.jobs] == [True, False]
    assert all(config.maximum_bytes_billed for _, config, _ in client.jobs)


def test_the_newest_state_of_each_subscription_counts():
    rows = [subscription(1, "Expired", 0.75), subscription(3)]
    facts, sources, _ = read("commitments", SUBSCRIPTIONS, SUBSCRIPTION_SCHEMA, rows)
    key = "commitments.cloud_sql-us-central1.769c."
    assert (facts[key + "state"], facts[key + "amount_per_hour"]) == ("expired", 0.75)
    assert (facts[key + "ends"], facts[key + "term"]) == ("2027-01-01T00:00:00Z", "1y")
    assert sources == {f"bq://{SUBSCRIPTIONS}"}


def test_an_export_that_has_stopped_is_said():
    with pytest.raises(SourceRefused, match="no rows of the last 8 days"):
        read("prices", PRICES, PRICE_SCHEMA, [price(9, 0.04, 0.03)])


def test_another_table_is_refused_by_its_columns():
    with pytest.raises(SourceRefused, match="no column service: give Google's table cloud_pricing"):
        read("prices", SUBSCRIPTIONS, SUBSCRIPTION_SCHEMA, [subscription(1)])


def test_the_price_comes_first_and_holds():
    client = FakeClient({PRICES: Table(PRICE_SCHEMA, [price(1, 0.04, 0.03)])})
    found = price_description("prices", f"bq://{PRICES}", client)
    assert (found.byte_count, found.kind) == (1000, "prices")
    with pytest.raises(SourceRefused, match="--maximum-bytes 1000"):
        read("prices", PRICES, PRICE_SCHEMA, [price(1, 0.04, 0.03)], maximum_bytes=999)


def test_an_error_names_the_table():
    client = FakeClient({PRICES: Table(PRICE_SCHEMA, [])}, fail=raising(exceptions.Forbidden("Access Denied")))
    with pytest.raises(SourceRefused, match=r"bq://acme\.billing.*ON SCHEMA `acme`\.`billing`"):
        read_description("prices", [f"bq://{PRICES}"], client=client)


def raising(error):
    def fail(*_):
        raise error

    return fail
