"""What a sceptic asks of an advice: what a minimum spend takes back, and what share of the bill is saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool

from model.commitment_advice import advise
from model.outcome import evaluate
from model.scenario import Scenario
from pages.parts.commitment_words import answer_sentence

NAME = "memorystore"
HOURS = 240
A_MONTH = HOURS * 10.0


@pytest.fixture(scope="module")
def bill():
    """10 an hour, all month long."""
    cost = round(A_MONTH * 1e9)
    own = bill_of(pool(NAME, {NAME: np.full(HOURS, 10.0)}), hours=axis((HOURS,)), on_demand_nanos=cost)
    return replace(own, lines=replace(own.lines, list_nanos=own.lines.on_demand_nanos))


def advised(bill, minimum, **settings):
    scenario = Scenario(settings=settings).with_assumption("finance.minimum_spend_per_year", minimum)
    return advise(evaluate(bill, scenario), draws=40)


@pytest.mark.parametrize("is_in_scenario", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.9, 1.0, 1.2])
def test_what_a_minimum_spend_takes_back_is_told_whether_or_not_the_scenario_buys(bill, share, is_in_scenario):
    """40 % off for three years: below a minimum of that share of today's bill the saving is no cash."""
    settings = {f"commitments.{NAME}.term": "3y"} if is_in_scenario else {}
    year = 12 * A_MONTH
    found = advised(bill, share * year, **settings)
    before, after = max(0.0, share - 1.0), max(0.0, share - 0.6)
    assert found.shortfall_by_year == pytest.approx([(after - before) * year] * 3, rel=1e-6)
    assert found.not_cash == pytest.approx(3 * (after - before) * year, rel=1e-6)
    is_told = any("minimum spend" in note for note in found.notes)
    assert is_told == (share > 0.6)
    assert ("takes back" in answer_sentence(found, 1)) == is_told


def test_without_an_agreement_nothing_is_taken_back(bill):
    found = advised(bill, 0.0)
    assert found.shortfall_by_year == ()
    assert "takes back" not in answer_sentence(found, 1)


def test_what_is_saved_is_told_as_a_share_of_the_bill(bill):
    found = advised(bill, 0.0).together
    assert found.bill_per_month == pytest.approx(A_MONTH)
    assert found.share_of_bill == pytest.approx(0.4)
