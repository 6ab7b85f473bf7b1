"""What files are: taken by their content, or refused in one sentence that says what to do."""

import gzip
import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.sources.charges import SourceRefused, create_charge_view, expand, inspect
from tests.data.nasty_bill import NASTY_ROWS, csv_text, jsonl_text, row, write_parquet

BILL = csv_text(NASTY_ROWS).encode()


def refused(path):
    with pytest.raises(SourceRefused) as error:
        inspect(duckdb.connect(), path)
    sentence = str(error.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b" \n\n", "is empty"),
        ("header.csv", BILL.split(b"\n", 1)[0] + b"\n\n", "no rows"),
        ("random.csv", b"name,age\nAda,36\n", "cost, currency, usage_start_time"),
        ("random.csv", b"name,age\nAda,36\n", "BilledCost"),
        ("half.csv", b"cost,usage_start_time\n1,2026-01-01\n", "lacks the column currency"),
        ("cut.csv.gz", gzip.compress(BILL, mtime=0)[:-9], "gzip file that is cut short"),
        ("cut.csv.gz", gzip.compress(BILL, mtime=0)[:200], "gzip file that is cut short"),
        ("junk.bin", bytes(range(256)) * 9, "a binary file of no known kind"),
        ("bill.xlsx", b"PK\x03\x04rest", "Excel workbook; export the billing data as Parquet, CSV or JSON lines"),
        ("bill.pdf", b"%PDF-1.7 rest", "a PDF; export the billing data"),
        ("bill.csv", "cost,currency\n1,USD\n".encode("utf-16"), "UTF-16"),
        ("cut.parquet", b"PAR1" + b"x" * 500, "Parquet file that is cut short"),
        ("broken.parquet", b"PAR1" + b"x" * 500 + b"PAR1", "cannot be read"),
        ("bill.parquet.gz", gzip.compress(b"PAR1" + b"x" * 500 + b"PAR1", mtime=0), "unzip it first"),
        ("text.json", b'{\n  "a": 1\n}\n', "one object per line"),
        ("broken.json", b'[{"cost": 1, "currency": "USD"}, {"co', "cannot be read"),
        ("none.json", b"[]", "no billing rows"),
        ("prices.csv", b"sku.id,list_price,geo_taxonomy\n1,2,3\n", "is a pricing export"),
        ("cuds.csv", b"cud_product,subscription,region,term\n1,2,3,P1Y\n", "is the cud_subscriptions_export"),
        ("cuds.csv", b"cud_product.id,subscription.instance_id,term\n1,2,P1Y\n", "is the cud_subscriptions_export"),
        ("sql.json", json.dumps([{"databaseVersion": "X", "settings": {"tier": "x"}}]).encode(), "--inventory"),
        ("run.json", json.dumps([{"metadata": {"name": "a"}, "spec": {"template": {"x": 1}}}]).encode(), "Cloud Run"),
        ("tasks.json", json.dumps([{"name": "q", "rateLimits": {"a": 1}, "retryConfig": {"b": 1}}]).encode(), "queues"),
    ],
)  # fmt: skip
def test_refusals(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    assert says in refused(path)


def test_a_parquet_file_without_rows_is_refused(tmp_path):
    write_parquet([], tmp_path / "bill.parquet")
    assert "no rows" in refused(tmp_path / "bill.parquet")


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path):
    assert "cannot be opened" in refused(tmp_path / "nowhere.csv")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "README.md").write_text("no bill")
    for given, says in ((tmp_path / "folder", "holds no Parquet"), (tmp_path / "*.csv", "names no file")):
        with pytest.raises(SourceRefused, match=says):
            expand([given])


def test_expand_sorts_and_names_each_file_once(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.csv.gz", "a.parquet", "sub/c.jsonl", ".hidden.csv", "notes.txt", "_SUCCESS"):
        (tmp_path / name).write_text("x")
    expected = [tmp_path / name for name in ("a.parquet", "b.csv.gz", "sub/c.jsonl")]
    assert expand([tmp_path]) == expected
    assert expand([tmp_path / "sub" / "c.jsonl", str(tmp_path / "**" / "*.csv.gz"), tmp_path]) == expected
    assert expand([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]


def test_standard_is_without_resources(tmp_path):
    rows = [{key: value for key, value in row().items() if key != "resource"}]
    (tmp_path / "a.jsonl").write_text(jsonl_text(rows))
    (tmp_path / "b.jsonl").write_text(jsonl_text([*rows * 40, row()]))
    connection = duckdb.connect()
    assert [inspect(connection, tmp_path / name).kind for name in ("a.jsonl", "b.jsonl")] == ["standard", "detailed"]


def test_a_path_with_pattern_characters_is_one_file(tmp_path):
    for name in ("bill [1].parquet", "what?.parquet", "it's*.parquet"):
        write_parquet(NASTY_ROWS, tmp_path / name)
        connection = duckdb.connect()
        rejects = create_charge_view(connection, inspect(connection, tmp_path / name), tmp_path / "it's staging")
        assert rejects.accepted_count == len(NASTY_ROWS)


def focus_table(**columns):
    base = {
        "BilledCost": [1.0], "EffectiveCost": [0.5], "BillingCurrency": ["USD"], "ChargeCategory": ["Usage"],
        "BillingPeriodStart": ["2026-05-01T00:00:00Z"], "ChargePeriodStart": ["2026-05-02T00:00:00Z"],
    }  # fmt: skip
    return pa.table(base | columns)


@pytest.mark.parametrize(
    ("start", "month"),
    [
        ("2026-05-01T00:00:00Z", 202605),  # as the specification says
        ("2026-05-01", 202605),
        ("2026-05-01T07:00:00Z", 202605),  # Google's view: Pacific midnight in summer
        ("2026-12-01T08:00:00Z", 202612),  # and in winter
        ("2026-05-01T00:00:00-07:00", 202605),
        ("2026-04-30T22:00:00Z", 202605),  # Central European midnight
        ("2026-04-30T15:00:00Z", 202605),  # Tokyo
        ("2026-04-01 00:00:00", 202604),
    ],
)
def test_the_month_of_a_focus_billing_period(tmp_path, start, month):
    pq.write_table(focus_table(BillingPeriodStart=[start]), tmp_path / "focus.parquet")
    connection = duckdb.connect()
    create_charge_view(connection, inspect(connection, tmp_path / "focus.parquet"), tmp_path)
    assert connection.execute("SELECT invoice_month FROM charge").fetchall() == [(month,)]


def test_google_columns_beside_focus(tmp_path):
    columns = {
        "x_ServiceId": ["152E-C115-5142"], "SkuId": ["AAAA"], "ServiceName": ["Cloud Run"],
        "ChargeDescription": ["CPU"],
        "x_Project": [{"id": "shop-prod", "number": "1"}], "SubAccountId": ["01AAAA-BBBBBB-CCCCCC"],
        "x_Labels": [[{"key": "team", "value": "web"}]], "x_ConsumptionModelId": ["73A1-AD60-B867"],
        "ResourceId": ["//run.googleapis.com/projects/p/services/api"], "ChargeClass": ["correction"],
    }  # fmt: skip
    pq.write_table(focus_table(**columns), tmp_path / "focus.parquet")
    connection = duckdb.connect()
    source = inspect(connection, tmp_path / "focus.parquet")
    assert source.kind == "focus"
    create_charge_view(connection, source, tmp_path)
    found = connection.execute(
        "SELECT sku_key, sku, project, labels, consumption_model, resource, is_correction, list_nanos, on_demand_nanos,"
        " cost_nanos, effective_nanos FROM charge"
    ).fetchall()[0]
    assert found == (
        "152E-C115-5142/AAAA", "CPU", "shop-prod", [{"key": "team", "value": "web"}], "73A1-AD60-B867", "api", True,
        10**9, 10**9, 10**9, 5 * 10**8,
    )  # fmt: skip


TAGS = pa.map_(pa.string(), pa.string())


@pytest.mark.parametrize(
    "tags",
    [
        pa.array([[("env", "prod"), ("size", "500")]], TAGS),
        pa.array(['{"env": "prod", "size": 500}']),
        pa.array(["{'env': 'prod', 'size': 500}"]),
        pa.array([{"env": "prod", "size": "500", "absent": None}]),
        pa.array([[{"key": "env", "value": "prod"}, {"key": "size", "value": "500"}]]),
    ],
)
def test_tags_of_every_shape(tmp_path, tags):
    pq.write_table(focus_table(Tags=tags), tmp_path / "focus.parquet")
    connection = duckdb.connect()
    create_charge_view(connection, inspect(connection, tmp_path / "focus.parquet"), tmp_path)
    labels = connection.execute("SELECT labels FROM charge").fetchall()[0][0]
    assert labels == [{"key": "env", "value": "prod"}, {"key": "size", "value": "500"}]


def test_an_empty_json_object_is_no_bill(tmp_path):
    (tmp_path / "bill.json").write_text("{}", encoding="utf-8")
    with duckdb.connect() as connection, pytest.raises(SourceRefused, match="holds no billing rows"):
        inspect(connection, tmp_path / "bill.json")


def test_the_google_view_as_json_lines(tmp_path):
    record = {
        "BilledCost": 1.5, "BillingCurrency": "USD", "ChargePeriodStart": "2026-05-01T00:00:00Z",
        "BillingPeriodStart": "2026-05-01T07:00:00Z", "x_CostType": "regular", "PricingQuantity": 1,
        "ConsumedQuantity": 3600, "ConsumedUnit": "seconds",
    }  # fmt: skip
    (tmp_path / "view.jsonl").write_text(json.dumps(record), encoding="utf-8")
    with duckdb.connect() as connection:
        create_charge_view(connection, inspect(connection, tmp_path / "view.jsonl"), tmp_path / "staging")
        assert connection.execute("SELECT usage, pricing_unit FROM charge").fetchall() == [(3600.0, "seconds")]
