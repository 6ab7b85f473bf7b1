"""The plan's scenario and claims, as shipped: complete, and consistent where the plan itself is."""

import csv
import re
import tomllib
from decimal import Decimal

import pytest

from data.sources.demo import SAMPLES
from data.sources.inventory import read_inventory


@pytest.fixture(scope="module")
def claims():
    return {c["id"]: c for c in tomllib.loads((SAMPLES / "phase4_claims.toml").read_text())["claims"]}


def test_claims_have_unique_ids_and_texts(claims):
    listed = tomllib.loads((SAMPLES / "phase4_claims.toml").read_text())["claims"]
    assert len(listed) == len(claims) == 31
    assert all(claim["text"] for claim in listed)


def test_claims_refer_to_claims(claims):
    for claim in claims.values():
        for other in (*claim.get("sum_of", ()), *([claim["of"]] if "of" in claim else ())):
            assert other in claims


def test_sums_that_the_plan_makes_do_add_up_in_the_plan(claims):
    def saves(claim_id, period="saves_per_month"):
        return Decimal(claims[claim_id][period])

    for total in ("4.2", "total", "roadmap-week-1", "roadmap-weeks-2-3", "roadmap-week-4"):
        assert saves(total) == sum(saves(part) for part in claims[total]["sum_of"])
    period = "saves_in_three_years"
    assert saves("total-all-in", period) == sum(saves(part, period) for part in claims["total-all-in"]["sum_of"])


def test_contradictions_of_the_plan_are_carried_not_mended(claims):
    assert claims["4.3-indexes"]["count"] == 16
    assert len(claims["4.3-indexes"]["items"]) == 15
    total = claims["total"]
    kept = Decimal(total["result_per_month"]) / Decimal(total["baseline_per_month"])
    assert 1 - kept != Decimal(total["reduction"])


def test_scenario_names_settings_of_the_inventory_in_halves(claims):
    scenario = tomllib.loads((SAMPLES / "phase4_scenario.toml").read_text())
    facts = {fact.key: fact.value for fact in read_inventory([SAMPLES / "inventory"])}
    for key, value in scenario["settings"].items():
        matching = [v for k, v in facts.items() if re.fullmatch(re.escape(key).replace(r"\*", r"[^.]+"), k)]
        assert matching, key
        assert all(current != value for current in matching), key
    for claim in claims.values():
        for key, value in claim.get("settings", {}).items():
            assert scenario["settings"].get(key, value) == value


def test_queries_are_the_plan_s():
    with (SAMPLES / "phase4_queries.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    times = [(int(r["mean_time_ms_before"]), int(r["mean_time_ms_after"])) for r in rows]
    assert times == [(850, 120), (450, 45), (320, 32), (680, 85)]
