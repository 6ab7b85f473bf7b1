"""What cannot be changed in place is said with the way there; what does not exist cannot be chosen."""

from __future__ import annotations

import pytest
from database_bills import make_bill

from model.bounds import migrations
from model.lever import PlanChange
from model.levers import cloud_run
from model.outcome import evaluate
from model.scenario import Scenario, ScenarioError

CACHE = {"cache.sessions.size_gib": 5, "cache.sessions.tier": "basic"}
RUN = {"cloud_run.web.vcpu": 1.0, "cloud_run.web.memory_gib": 1.0, "cloud_run.web.concurrency": 80}


def change(lever, attribute, before, after, disruption):
    return PlanChange(
        lever=lever, product="", resource="it", project="", region="", attribute=attribute, before=before, after=after,
        unit="", configures="", disruption=disruption, reason="", key=f"{lever}.it.{attribute}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (change("cache", "tier", "basic", "standard", "migration"), "Create one at the new tier"),
        (change("cloud_sql", "edition", "enterprise", "enterprise_plus", "migration"), "Try it on a clone"),
        (change("cloud_sql", "storage_gib", 100.0, 200.0, "one_way"), "cannot be made smaller again"),
        (change("cloud_sql", "storage_gib", 200.0, 100.0, "one_way"), "Shrink it with downtime"),
        (change("firestore", "ttl_enabled", False, True, "one_way"), "Export the database first"),
        (change("anything", "engine", "a", "b", "migration"), "Make the new beside the old"),
        (change("anything", "engine", "a", "b", "one_way"), "cannot be taken back"),
    ],
)
def test_each_change_that_is_not_in_place_names_its_way(made, words):
    (sentence,) = migrations([made])
    assert sentence.startswith("it: ")
    assert words in sentence


@pytest.mark.parametrize(
    "made",
    [
        change("cloud_run", "memory_gib", 4.0, 2.0, "online"),
        change("cloud_sql", "vcpu", 8.0, 4.0, "restart"),
        change("firestore", "ttl_enabled", True, False, "one_way"),
        change("commitments", "term", "none", "3y", "one_way"),
        change("housekeeping", "applied", False, True, "one_way"),
    ],
)
def test_what_is_in_place_turned_off_or_said_by_its_lever_needs_no_sentence(made):
    assert migrations([made]) == ()


def test_a_cache_that_is_made_anew_needs_no_migration():
    size, tier = (
        change("cache", "size_gib", 0.0, 5.0, "restart"),
        change("cache", "tier", "basic", "standard", "migration"),
    )
    assert migrations([size, tier]) == ()
    assert len(migrations([change("cache", "size_gib", 4.0, 5.0, "restart"), tier])) == 1


def test_the_outcome_says_how_to_move_a_cache_to_another_tier():
    bill = make_bill({("sessions", "memorystore.basic.capacity"): 5.0, ("db", "cloud_sql.zonal.vcpu"): 4.0}, CACHE)
    notes = evaluate(bill, Scenario(settings={"cache.sessions.tier": "standard"})).notes
    assert any(note.startswith("sessions: the tier of a Redis instance cannot be updated") for note in notes)
    assert not any("cannot be updated" in note for note in evaluate(bill, Scenario()).notes)


def parameters_of_web(facts):
    bill = make_bill({("web", "cloud_run.request_based.cpu"): 100.0}, RUN | facts)
    return bill, {p.name: p for p in cloud_run.LEVER.parameters(bill)}


def test_a_service_of_the_second_generation_offers_no_shape_that_it_cannot_take():
    bill, second = parameters_of_web({"cloud_run.web.execution_environment": "gen2"})
    assert min(second["vcpu"].choices) == 1.0
    assert second["memory_gib"].minimum == 0.5
    for settings in ({"cloud_run.web.vcpu": 0.5}, {"cloud_run.web.memory_gib": 0.25}):
        with pytest.raises(ScenarioError):
            evaluate(bill, Scenario(settings=settings))


@pytest.mark.parametrize("facts", [{}, {"cloud_run.web.execution_environment": "gen1"}])
def test_other_services_may_take_fractions(facts):
    _, first = parameters_of_web(facts)
    assert min(first["vcpu"].choices) < 1.0
    assert first["memory_gib"].minimum == 0.125
