"""One small bill with everything that goes wrong in writing bills down, and writers of it in every encoding."""

import csv
import gzip
import io
import json
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

TEXT = pa.string()
PAIRS = pa.list_(pa.struct([("key", TEXT), ("value", TEXT)]))
CREDITS = pa.list_(
    pa.struct([("id", TEXT), ("full_name", TEXT), ("type", TEXT), ("name", TEXT), ("amount", pa.float64())])
)


def struct(*names, **typed):
    return pa.struct([(name, TEXT) for name in names] + list(typed.items()))


SCHEMA = pa.schema(
    [
        ("billing_account_id", TEXT),
        ("service", struct("id", "description")),
        ("sku", struct("id", "description")),
        ("usage_start_time", pa.timestamp("us", "UTC")),
        ("usage_end_time", pa.timestamp("us", "UTC")),
        ("project", struct("id", "name")),
        ("labels", PAIRS),
        ("location", struct("location", "region")),
        ("resource", struct("name", "global_name")),
        ("export_time", pa.timestamp("us", "UTC")),
        ("cost", pa.float64()),
        ("currency", TEXT),
        ("currency_conversion_rate", pa.float64()),
        ("usage", struct("unit", "pricing_unit", amount=pa.float64(), amount_in_pricing_units=pa.float64())),
        ("credits", CREDITS),
        ("invoice", struct("month")),
        ("cost_type", TEXT),
        ("adjustment_info", struct("id", "type", "mode")),
        ("cost_at_list", pa.float64()),
        ("price", struct(effective_price=pa.float64(), pricing_unit_quantity=pa.float64())),
        ("cost_at_effective_price_default", pa.float64()),
        ("consumption_model", struct("id")),
        ("a_column_of_tomorrow", TEXT),
    ]
)


def credit(type_, amount, name="Name"):
    return {"id": None, "full_name": name, "type": type_, "name": name, "amount": amount}


def row(**changes):
    base = {
        "billing_account_id": "01AAAA-BBBBBB-CCCCCC",
        "service": {"id": "152E-C115-5142", "description": "Cloud Run"},
        "sku": {"id": "AAAA-BBBB-CCCC", "description": "Services CPU"},
        "usage_start_time": "2026-05-31T23:00:00Z",
        "usage_end_time": "2026-06-01T00:00:00Z",
        "project": {"id": "shop-prod", "name": 'Shop, "the" real one'},
        "labels": [{"key": "team", "value": "o'neil"}, {"key": "env", "value": ""}],
        "location": {"location": "us-central1", "region": "us-central1"},
        "resource": {"name": "projects/p/services/api", "global_name": "//run.googleapis.com/projects/p/services/api"},
        "export_time": "2026-06-01T05:00:00Z",
        "cost": 1.25,
        "currency": "EUR",
        "currency_conversion_rate": 0.9,
        "usage": {"unit": "seconds", "pricing_unit": "hour", "amount": 3600.0, "amount_in_pricing_units": 1.0},
        "credits": [],
        "invoice": {"month": "202605"},
        "cost_type": "regular",
        "adjustment_info": {"id": None, "type": None, "mode": None},
        "cost_at_list": 1.5,
        "price": {"effective_price": 1.25, "pricing_unit_quantity": 1.0},
        "cost_at_effective_price_default": 1.25,
        "consumption_model": {"id": "7754-699E-0EBF"},
        "a_column_of_tomorrow": "ignored",
    }
    return base | changes


NASTY_ROWS = [
    row(),
    row(credits=[credit("FREE_TIER", -0.25), credit("FREE_TIER", -0.5), credit("PROMOTION", -0.1, "it's free")]),
    row(credits=[credit("SPENDING_BASED_DISCOUNT", -0.3), credit(None, -0.05), credit(None, 0.0, "")]),
    row(cost=-2.5, cost_at_list=None, adjustment_info={"id": "x", "type": "USAGE_CORRECTION", "mode": None}),
    row(
        service={"id": None, "description": "Invoice"}, sku={"id": None, "description": "Tax"}, cost_type="tax",
        project={"id": None, "name": None}, resource={"name": None, "global_name": None}, labels=[],
        cost=0.1, location={"location": None, "region": None}, consumption_model={"id": None},
    ),
    row(cost=1e-10, cost_type="rounding_error", invoice={"month": None}),
    row(
        usage_start_time="2026-06-01T06:59:59Z", invoice={"month": None}, cost=0.7,
        consumption_model={"id": "73A1-AD60-B867"},
        resource={"name": "shop-prod:orders", "global_name": None},
    ),
    row(usage_start_time="2026-06-01T07:00:00Z", invoice={"month": None}, cost_type="strange_new_type"),
    row(
        sku={"id": "AAAA-BBBB-CCCC", "description": "Red Hat® OpenShift®\nContainer; Platform"},
        resource={"name": None, "global_name": "//sqladmin.googleapis.com/projects/p/instances/db-1"},
        labels=[{"key": 'a"b', "value": "back\\slash"}],
    ),
    row(cost=0.0, cost_at_effective_price_default=None, consumption_model={"id": "73A1-AD60-B867"}),
]  # fmt: skip


def _instant(text):
    return datetime.fromisoformat(text)


def write_parquet(rows, path):
    times = ("usage_start_time", "usage_end_time", "export_time")
    typed = [one | {name: _instant(one[name]) for name in times} for one in rows]
    pq.write_table(pa.Table.from_pylist(typed, schema=SCHEMA), path)


def flat(one, separator, nested_text):
    flattened = {}
    for name, value in one.items():
        if isinstance(value, dict):
            flattened |= {f"{name}{separator}{inner}": text for inner, text in value.items()}
        else:
            flattened[name] = nested_text(value) if isinstance(value, list) else value
    return flattened


def csv_text(rows, separator=".", nested_text=json.dumps, delimiter=",", null=""):
    table = [flat(one, separator, nested_text) for one in rows]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(table[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: null if value is None else value for key, value in one.items()} for one in table)
    return out.getvalue()


def without_nulls(value):
    """As BigQuery writes JSON: absent instead of null."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def jsonl_text(rows):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)


def write_all(folder):
    """Write the nasty bill in every encoding; name → path."""
    rows = NASTY_ROWS
    texts = {
        "dotted_json.csv": csv_text(rows),
        "dotted_python.csv": csv_text(rows, nested_text=repr),
        "underscored.csv": csv_text(rows, separator="_"),
        "semicolon.csv": csv_text(rows, delimiter=";"),
        "null_word.csv": csv_text(rows, null="NULL"),
        "upper.csv": csv_text([{key.upper(): value for key, value in one.items()} for one in rows]),
        "bom.csv": "\ufeff" + csv_text(rows),
        "nested.jsonl": jsonl_text(rows),
        "sparse.jsonl": jsonl_text([without_nulls(one) for one in rows]),
        "flat.ndjson": jsonl_text([flat(one, ".", json.dumps) for one in rows]),
        "array.json": json.dumps(rows, indent=1),
        "parquet_called.csv": None,
        "nested.parquet": None,
    }
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / name
        if text is None:
            write_parquet(rows, paths[name])
            continue
        paths[name].write_text(text, encoding="utf-8")
        paths[f"{name}.gz"] = folder / f"{name}.gz"
        paths[f"{name}.gz"].write_bytes(gzip.compress(text.encode(), mtime=0))
    table = pa.Table.from_pylist([flat(one, ".", json.dumps) for one in rows])
    paths["flat_text.parquet"] = folder / "flat_text.parquet"
    pq.write_table(table, paths["flat_text.parquet"])
    return paths
