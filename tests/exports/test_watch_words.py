"""What is said of an incident names the days whose cost it tells."""

import pytest

from exports.watch_words import sentence_of
from model.alert_rules import WatchSettings
from model.anomalies import Finding, Incident
from model.money import NANOS

FIRST = 20_000
"""2024-10-04, in days since 1970."""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0,), "cost 10.00 USD on 2024-10-04, 4.00 USD above the usual 6.00 USD"),
        ((0, 1), "cost 20.00 USD on 2024-10-04 to 2024-10-05, 8.00 USD above"),
        ((0, 5), "cost 20.00 USD on 2 of the days 2024-10-04 to 2024-10-09, 8.00 USD above"),
    ],
)
def test_days_that_were_not_found_are_not_claimed(days, words):
    settings = WatchSettings()
    rule = next(rule for rule in settings.rules if rule.method == "weekday_score")
    found = tuple(Finding(rule.key, "Cloud Run", FIRST + day, FIRST + day, 3.0, 10 * NANOS, 6 * NANOS) for day in days)
    assert words in sentence_of(Incident(rule.key, "Cloud Run", found, "notice"), rule, settings, "USD")
