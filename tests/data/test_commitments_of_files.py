from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.sources.commitments import read_commitments
from data.sources.refusal import SourceRefused

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "commitments.json"
ROW = {
    "billing_account_id": "010101-F0FFF0-10XX01",
    "cud_product": {"id": "x", "display_name": "Cloud SQL CUD", "type": "Spend-Based"},
    "consumption_model": {"id": "61F8-639B-D89C", "description": "Cloud SQL CUD - 1 Year"},
    "subscription": {
        "entitlement_scope": "billingAccounts/010101-F0FFF0-10XX01", "instance_id": "769c55ea", "display_name": "db",
    },
    "region": "us-central1",
    "commitent_amount": {"unit": "$/hr", "value": "0.05"},
    "term": "P1Y",
    "start_time": "2025-09-27 18:08:20 UTC",
    "end_time": "2026-09-27T18:08:20Z",
    "state": "Active",
}  # fmt: skip


def written(tmp_path, text, name="cuds.json"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [path]


def values(facts):
    return {fact.key: fact.value for fact in facts}


def flat(row, separator):
    found = {}
    for name, value in row.items():
        found |= {f"{name}{separator}{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
    return found


def as_csv(row):
    return ",".join(row) + "\n" + ",".join(str(value) for value in row.values()) + "\n"


def test_a_subscription_becomes_facts_of_its_pool(tmp_path):
    facts = read_commitments(written(tmp_path, json.dumps([ROW])))
    key = "commitments.cloud_sql-us-central1.769c55ea."
    assert values(facts) == {
        key + "amount_per_hour": 0.05, key + "basis": "discounted", key + "term": "1y", key + "name": "db",
        key + "starts": "2025-09-27T18:08:20Z", key + "ends": "2026-09-27T18:08:20Z", key + "state": "active",
        key + "scope": "account",
    }  # fmt: skip
    assert {fact.source for fact in facts} == {"cuds.json"}
    assert "010101" not in str(facts)


@pytest.mark.parametrize("separator", [".", "_"])
def test_every_spelling_of_a_column_is_read_alike(tmp_path, separator):
    nested = values(read_commitments(written(tmp_path, json.dumps(ROW))))
    lines = values(read_commitments(written(tmp_path, json.dumps(ROW) + "\n" + json.dumps(ROW), "a.jsonl")))
    row = flat(ROW, separator)
    as_text = values(read_commitments(written(tmp_path, as_csv(row), "a.csv")))
    mended = {name.replace("commitent", "commitment"): value for name, value in row.items()}
    assert nested == lines == as_text == values(read_commitments(written(tmp_path, as_csv(mended), "b.csv")))


def test_the_sample_is_read():
    facts = values(read_commitments([SAMPLE]))
    assert [value for key, value in facts.items() if key.endswith("amount_per_hour")] == [0.45]


def test_the_last_snapshot_counts(tmp_path):
    later = {**ROW, "state": "Expired"}
    assert "expired" in values(read_commitments(written(tmp_path, json.dumps([ROW, later])))).values()


@pytest.mark.parametrize(
    ("change", "pool"),
    [
        ({"consumption_model": {"id": "D97B-0795-975B"}}, "compute_flexible"),
        ({"consumption_model": {}, "cud_product": {"display_name": "Flexible CUD"}}, "compute_flexible"),
        ({"consumption_model": {}, "cud_product": {"display_name": "Firestore CUD"}}, "firestore"),
        ({"consumption_model": {"id": "558C-892D-2291"}}, "spanner-us-central1"),
        ({"consumption_model": {}, "cud_product": {"display_name": "Something new"}}, "other"),
    ],
)
def test_the_pool_is_told_by_id_then_by_name(tmp_path, change, pool):
    facts = read_commitments(written(tmp_path, json.dumps([{**ROW, **change}])))
    assert {fact.key.split(".")[1] for fact in facts} == {pool}


def test_without_a_consumption_model_the_amount_is_at_on_demand_prices(tmp_path):
    facts = values(read_commitments(written(tmp_path, json.dumps([{**ROW, "consumption_model": None}]))))
    assert facts["commitments.cloud_sql-us-central1.769c55ea.basis"] == "on_demand"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"term": "P2Y"}, "row 1, column term: 'P2Y' is neither P1Y nor P3Y"),
        ({"commitent_amount": {"value": "ten"}}, "column commitent_amount.value: 'ten' is no amount"),
        ({"end_time": "soon"}, "column end_time: 'soon' is no time"),
        ({"end_time": None}, "has no column end_time"),
        ({"region": ""}, "column region: it is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, change, said):
    with pytest.raises(SourceRefused, match=said):
        read_commitments(written(tmp_path, json.dumps([{**ROW, **change}])))


@pytest.mark.parametrize("text", ["", "[]", "a,b\n1,2\n", "{broken"])
def test_other_files_are_refused(tmp_path, text):
    with pytest.raises(SourceRefused, match="cud_subscriptions_export"):
        read_commitments(written(tmp_path, text))
