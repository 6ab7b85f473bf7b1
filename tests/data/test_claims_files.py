"""Claims files: the same plan in every form, and what is wrong told with its line, row and column."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sources.claims import parse_claims, read_claims
from data.sources.refusal import SourceRefused
from model.claim_reading import NAMES, PLAN_NAMES, read_plan
from model.claims import ClaimsRefused
from tests.exports.published_schemas import problems, published
from tests.model.claimed_plans import SOUND

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
TOML = """
plan = "Spring"
currency = "USD"

[[claims]]
id = "a"
text = "Fewer, smaller"
saves_per_month = "1200.50"
reduction = "0.24"
settings = { "cloud_run.*.min_instances" = 1, "cloud_run.api.billing_mode" = "request_based" }

[[claims]]
id = "t"
saves_per_month = 1200.50
sum_of = ["a"]
"""
CSV = (
    "plan,currency,id,text,saves_per_month,reduction,settings,sum_of\n"
    'Spring,USD,a,"Fewer, smaller",1200.50,24 %,cloud_run.*.min_instances=1; '
    "cloud_run.api.billing_mode=request_based,\n\n"
    ",,t,,1200.50,,,a\n"
)


def workbook(rows, sheet="Claims"):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Notes").write(0, 0, "Not this one")
        page = book.add_worksheet(sheet)
        for i, row in enumerate(rows):
            for k, value in enumerate(row):
                page.write(i, k, value)
    return target.getvalue()


def plan(content, name):
    file = parse_claims(content.encode() if isinstance(content, str) else content, name)
    return read_plan(file.body, file.name, file.places)


def told(content, name):
    with pytest.raises((SourceRefused, ClaimsRefused)) as refused:
        plan(content, name)
    return str(refused.value)


def as_json():
    return json.dumps({"plan": "Spring", "currency": "USD", "claims": [
        {"id": "a", "text": "Fewer, smaller", "saves_per_month": "1200.50", "reduction": "0.24", "settings":
         {"cloud_run.*.min_instances": 1, "cloud_run.api.billing_mode": "request_based"}},
        {"id": "t", "saves_per_month": 1200.5, "sum_of": ["a"]},
    ]}, indent=1)  # fmt: skip


def as_xlsx():
    settings = "cloud_run.*.min_instances=1;cloud_run.api.billing_mode=request_based"
    return workbook([
        ["plan", "currency", "id", "text", "saves_per_month", "reduction", "settings", "sum_of"],
        ["Spring", "USD", "a", "Fewer, smaller", 1200.5, 0.24, settings, ""],
        ["", "", "t", "", 1200.5, "", "", "a"],
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name"), [(TOML, "p.toml"), (as_json(), "p.JSON"), (CSV, "p.csv"), (as_xlsx(), "p.xlsx")],
    ids=["toml", "json", "csv", "xlsx"],
)  # fmt: skip
def test_the_same_plan_is_read_from_every_form(content, name):
    found = plan(content, name)
    assert (found.name, found.currency, list(found.claims)) == ("Spring", "USD", ["a", "t"])
    first = found.claims["a"]
    assert first.text == "Fewer, smaller"
    assert first.amounts["saves", 1].value == Decimal("1200.5")
    assert first.figures["reduction"].value == Decimal("0.24")
    assert first.settings == {"cloud_run.*.min_instances": 1, "cloud_run.api.billing_mode": "request_based"}
    assert found.claims["t"].sum_of == ("a",)


def test_the_example_is_read_whole():
    file = read_claims(SAMPLES / "phase4_claims.toml")
    found = read_plan(file.body, file.name, file.places)
    assert len(found.claims) == len(file.places)
    assert found.claims["4.1-total"].amounts["cost", 6].value == Decimal("59480.69")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (TOML.replace("reduction", "reductoin"), "p.toml", "p.toml, line 5 (a): reductoin is not read; did you mean"),
        (TOML.replace('"1200.50"', '"1,200.50"'), "p.toml", "line 5 (a): saves_per_month is '1,200.50', not a number"),
        (TOML.replace('"0.24"', '"24"'), "p.toml", 'reduction is 24, not a share: write 0.24, or "24 %"'),
        (TOML.replace('["a"]', '["b"]'), "p.toml", "line 12 (t): there is no claim b"),
        (TOML.replace('["a"]', '["t"]'), "p.toml", "t → t is a circle"),
        (TOML.replace('id = "t"', 'id = "a"'), "p.toml", "line 12 (a): p.toml, line 5 (a) has the id a too"),
        (TOML.replace('id = "t"', 'of = "a"'), "p.toml", "line 12 has no id"),
        (TOML.replace('sum_of = ["a"]', 'sum_of = ["a"]\nof = "a"'), "p.toml", "take sum_of or of out"),
        (TOML.replace('reduction = "0.24"', 'cost = "5"'), "p.toml", "cost and months go together"),
        (TOML.replace('reduction = "0.24"', 'term = "2y"'), "p.toml", "term '2y' is not one of 1y, 3y"),
        (TOML.replace("[[claims]]", "[[claims]", 1), "p.toml", "is not readable as TOML"),
        ("version = 2", "p.toml", "version 2; this program reads version 1"),
        ("claims = []", "p.toml", "holds no claims"),
        ("[1]", "p.json", "must be one JSON object"),
        ('{"claims": [{"id": "a", "count": 0}]}', "p.json", "line 1 (a): count is 0, not a whole number from 1"),
        ("[" * 100_000, "p.json", "is not readable as JSON"),
        (CSV.replace("1200.50,24 %", "1200.50,24 %,more"), "p.csv", "p.csv, line 2"),
        (CSV.replace("min_instances=1", "min_instances"), "p.csv", "line 2, column settings: cloud_run"),
        (CSV.replace(",,t", "Autumn,,t"), "p.csv", "line 4, column plan: 'Autumn', but 'Spring' above"),
        ("text,saves\nx,1\n", "p.csv", "line 1 has no column id"),
        ("id,text,text\na,b,c\n", "p.csv", "the column text twice"),
        ("id,text,\na,b,c\n", "p.csv", "line 2: 'c' stands below no name"),
        (b"\xff\xfe\x00", "p.csv", "is not text in UTF-8"),
        (workbook([["id", "saves_per_month"], ["a", "much"]]), "p.xlsx", "row 2 (a): saves_per_month is 'much'"),
        (b"PK nothing", "p.xlsx", "is not a workbook that can be read"),
        ("x", "p.docx", "give TOML, JSON, CSV or XLSX"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_stands(content, name, words):
    sentence = told(content, name)
    assert words in sentence
    assert "\n" not in sentence.strip()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceRefused, match="cannot be read"):
        read_claims(tmp_path / "none.toml")


def test_totals_of_totals_without_end_are_refused():
    deep = [{"id": "0"}] + [{"id": str(i), "sum_of": [str(i - 1)]} for i in range(1, 500)]
    with pytest.raises(ClaimsRefused, match="levels"):
        read_plan({"claims": deep[::-1]}, "deep")
    wide = [{"id": "0", "saves_per_month": "1"}] + [{"id": str(i), "sum_of": [str(i - 1)] * 9} for i in range(1, 60)]
    assert read_plan({"claims": wide}, "wide").counts("59")["0"] == 9**59


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["p.toml", "p.json", "p.csv", "p.xlsx"]))
def test_nothing_that_is_given_breaks_the_reader(content, name):
    with contextlib.suppress(SourceRefused, ClaimsRefused):
        assert plan(content, name).claims


FIELDS = st.sampled_from(["id", "claims", "settings", "items", "sum_of", "count", "saves_per_month", "of"])
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@settings(deadline=None)
@given(st.recursive(VALUES, lambda each: st.lists(each, max_size=3) | st.dictionaries(FIELDS, each)))
def test_no_json_breaks_the_reader(value):
    with contextlib.suppress(SourceRefused, ClaimsRefused):
        assert plan(json.dumps({"claims": value}), "p.json").claims


def test_the_schema_names_what_is_read_and_takes_what_is_sound():
    claim = published()["claims"]["$defs"]["claim"]["properties"]
    assert set(claim) == set(NAMES)
    assert set(published()["claims"]["properties"]) == set(PLAN_NAMES)
    example = parse_claims((SAMPLES / "phase4_claims.toml").read_bytes(), "example.toml").body
    for body in (example, *SOUND, json.loads(as_json())):
        told = json.loads(json.dumps(body, default=str))
        assert problems("claims", told) == []
        assert problems("claims", {**told, "claims": [{**told["claims"][0], "saves": 1}]})
        assert problems("claims", {**told, "claims": [{**told["claims"][0], "term": "2y"}]})
