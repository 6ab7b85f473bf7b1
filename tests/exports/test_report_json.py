"""The report as JSON: it keeps its published schema, damaged it does not, and its figures are those of simulate."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from exports.alerts import alerts
from exports.bundle import export_files
from exports.lever_guidance import GUIDANCE
from exports.outcome_json import outcome_document
from exports.recommend_json import recommendation_document
from exports.report_checklist import FOLDERS, Around
from exports.report_json import json_text, lever_documents, report_document
from exports.roadmap import ROADMAP
from exports.roadmap_tasks import roadmap_of
from model.levers.registry import LEVERS
from model.outcome import RATE_LEVER
from model.recommend import recommend
from model.report import report_of
from model.scenario import Scenario
from model.uncertainty import uncertain
from pages.parts.session import plan_of
from tests.exports.published_schemas import NAMES, problems, published
from tests.exports.sample_outcomes import HOSTILE, committed, hostile, laddered, shop, straight, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.outcome import Outcome

BILLED = {202602: (10_000_000_000, 9_000_000_000), 202603: (-5, 0)}


def around(outcome: Outcome) -> Around:
    plan = plan_of(outcome)
    return Around(roadmap_of(plan), alerts(plan), FOLDERS)


def whole(outcome: Outcome, draws: int = 0) -> dict[str, Any]:
    report = report_of(outcome, uncertain(outcome, draws) if draws else None, BILLED)
    return report_document(report, around(outcome))


@pytest.mark.parametrize("name", NAMES)
def test_every_published_schema_is_one(name: str) -> None:
    schema = published()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/{name}.json")
    assert schema["title"].endswith("version 1")


@pytest.mark.parametrize("make", [shop, straight, committed, laddered, unchanged])
def test_reports_keep_their_schemas(make: Callable[[], Outcome]) -> None:
    outcome = make()
    assert problems("report", whole(outcome)) == []
    for document in lever_documents(report_of(outcome), FOLDERS).values():
        assert problems("lever_report", document) == []


def test_a_report_with_draws_keeps_its_schema() -> None:
    assert problems("report", whole(straight(), draws=200)) == []


@pytest.mark.parametrize("name", [name for name in HOSTILE if len(name) <= 10_000])
def test_hostile_names_are_data(name: str) -> None:
    outcome = hostile(name)
    report = report_of(outcome)
    document = report_document(report, around(outcome))
    assert problems("report", document) == []
    text = json_text(document)
    assert text.isascii()
    assert json.loads(text)["scenario"]["name"] == name
    assert all(path.isidentifier() for path in lever_documents(report, FOLDERS))


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "version": lambda d: d.update(version=2),
    "kind": lambda d: d.update(kind="plan"),
    "money as number": lambda d: d["summary"].update(saving=1.5),
    "money of another scale": lambda d: d["summary"].update(saving="1.50"),
    "task without owner": lambda d: d["tasks"][0].pop("owner"),
    "week 0": lambda d: d["tasks"][0].update(week=0),
    "two years": lambda d: d["tasks"][0]["saving_by_year_at_todays_usage"].pop(),
    "evidence that there is not": lambda d: d["tasks"][0].update(evidence="certain"),
    "month 13": lambda d: d["monthly_trend"]["window"][0].update(month="202613"),
    "35 months ahead": lambda d: d["financial_summary"]["projection"]["by_month"].pop(),
    "measure of money as number": lambda d: d["success_measures"][0].update(target=12.5),
    "measure without target": lambda d: d["success_measures"][1].update(target=None),
    "stage that there is not": lambda d: d["checklist"][0].update(stage="later"),
    "an empty gap": lambda d: d["unknowns"].append({"question": "?", "sentences": []}),
    "more than there is": lambda d: d.update(total=1),
    "an alert that fires nowhere": lambda d: d["alerts"][0].update(fires="never"),
    "no roadmap": lambda d: d.pop("roadmap"),
    "currency": lambda d: d.update(currency="dollars"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_report_is_refused(damage: str) -> None:
    document = copy.deepcopy(whole(shop()))
    DAMAGES[damage](document)
    assert problems("report", document)


@pytest.mark.parametrize("name", ["undo", "commands", "task", "risks_and_mitigations"])
def test_a_lever_report_without_its_parts_is_refused(name: str) -> None:
    for document in lever_documents(report_of(shop()), FOLDERS).values():
        del document[name]
        assert problems("lever_report", document)


@pytest.mark.parametrize("make", [shop, straight, laddered, unchanged])
def test_figures_are_those_of_simulate_to_the_last_digit(make: Callable[[], Outcome]) -> None:
    outcome = make()
    report, simulated = whole(outcome), outcome_document(outcome)
    assert report["summary"]["saving"] == simulated["saving"]
    assert report["summary"]["baseline"] == simulated["baseline"]["total"]["headline"]
    assert report["summary"]["outcome"] == simulated["outcome"]["total"]["headline"]
    assert report["interaction"] == simulated["interaction"]
    assert [(t["lever"], t["alone"], t["in_sequence"]) for t in report["tasks"]] == [
        (item["lever"], item["alone"], item["in_sequence"]) for item in simulated["levers"]
    ]
    for month in report["monthly_trend"]["window"]:
        assert month["before"] == simulated["baseline"]["by_month"][month["month"]]["headline"]
        assert month["after"] == simulated["outcome"]["by_month"][month["month"]]["headline"]
    for each in report["service_breakdown"]:
        simulated_after = simulated["outcome"]["by_product"].get(each["product"])
        assert simulated_after is None or each["after"] == simulated_after["headline"]
    assert report["financial_summary"]["figures"] == simulated["finance"]
    assert report["financial_summary"]["projection"] == simulated["projection"]
    assert [change for task in report["tasks"] for change in task["changes"]] == [
        {**change, "by_hand": told["by_hand"]}
        for change, told in zip(simulated["changes"], _changes(report), strict=True)
    ]


def _changes(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [change for task in report["tasks"] for change in task["changes"]]


def test_every_lever_has_guidance_and_a_week() -> None:
    levers = {*(lever.key for lever in LEVERS), RATE_LEVER}
    assert set(GUIDANCE) == levers
    assert {lever for stage in ROADMAP for lever in stage.levers} == levers
    for guidance in GUIDANCE.values():
        assert guidance.before
        assert guidance.tests
        assert guidance.dangers


def test_commands_are_those_of_the_bundle() -> None:
    outcome = shop()
    script = next(file.content.decode() for file in export_files(plan_of(outcome)) if file.path == "apply.sh")
    commands = [each for document in lever_documents(report_of(outcome)).values() for each in document["commands"]]
    assert {each["resource"] for each in commands} == {"api", "db"}
    for each in commands:
        verb = each["command"].removeprefix("gcloud ").split(" --")[0]
        assert verb in script


def test_the_checklist_speaks_of_no_folder_that_there_is_not() -> None:
    report, known = report_of(shop()), around(shop())
    without = " ".join(item["text"] for item in report_document(report, Around(known.roadmap))["checklist"])
    assert not [folder for folder in FOLDERS if f"{folder}/" in without]
    assert "monitoring/" in " ".join(item["text"] for item in report_document(report, known)["checklist"])


def test_the_checklist_goes_by_weeks_from_the_decision_to_the_lessons() -> None:
    items = whole(shop())["checklist"]
    weeks = [item["week"] for item in items]
    assert weeks == sorted(weeks)
    assert (items[0]["stage"], items[-1]["stage"]) == ("decide", "close")
    assert {item["lever"] for item in items} == {"", "cloud_run", "cloud_sql", "commitments"}


def test_a_recommendation_keeps_its_schema() -> None:
    document = recommendation_document(recommend(straight().bill, Scenario(), "careful"))
    assert problems("recommend", document) == []
    assert problems("recommend", {**document, "risk": "reckless"})
    assert problems("recommend", {**document, "outcome": {**document["outcome"], "saving": 1.0}})


def test_limits_without_end_stand_as_text() -> None:
    outcome = shop()
    endless = replace(outcome.guardrails[0], value=math.inf)
    told = outcome_document(replace(outcome, guardrails=(endless,)))
    assert told["guardrails"][0]["value"] == "inf"
    assert problems("simulate", told) == []
