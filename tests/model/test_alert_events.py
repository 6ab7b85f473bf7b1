"""One thing that several rules found is one event; other days, services, months and queries are others."""

from dataclasses import replace

from model.alert_events import events
from model.anomalies import Finding, Incident


def incident(rule, service, first, last, excess, subject=""):
    days = (first, last) if last > first else (first,)
    found = tuple(Finding(rule, service, day, day + 1, 3.0, excess // len(days) + 100, 100) for day in days)
    return Incident(rule, service, found, "warning", subject=subject)


LOGS = incident("anomaly", "Cloud Logging", 10, 12, 570)
SPIKE, WEEKDAY = (incident(rule, "", 10, 12, 590) for rule in ("spike", "spike_weekday"))


def test_three_rules_on_one_event_are_one_with_the_evidence_of_each():
    (event,) = events([WEEKDAY, SPIKE, LOGS])
    assert event.main == LOGS
    assert {each.rule for each in event.incidents} == {"anomaly", "spike", "spike_weekday"}


def test_a_service_that_carries_little_of_a_spike_is_an_event_of_its_own():
    small = replace(incident("anomaly", "BigQuery", 11, 11, 50))
    found = events([small, SPIKE, WEEKDAY])
    assert [[each.rule for each in event.incidents] for event in found] == [["anomaly"], ["spike", "spike_weekday"]]


def test_other_days_other_services_and_budgets_stand_alone():
    others = [
        incident("anomaly", "Cloud Logging", 30, 31, 500),
        incident("anomaly", "Cloud Run", 10, 12, 500),
        incident("budget", "", 10, 10, 900, "2025-11"),
        incident("budget_forecast", "", 10, 10, 900, "2025-11"),
    ]
    found = events([LOGS, *others])
    assert [event.incidents for event in found] == [(each,) for each in (LOGS, *others)]


def test_every_incident_is_in_one_event():
    every = [SPIKE, LOGS, WEEKDAY, incident("anomaly", "Cloud Run", 11, 13, 20)]
    assert sorted(map(repr, every)) == sorted(repr(each) for event in events(every) for each in event.incidents)
