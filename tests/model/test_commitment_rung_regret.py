"""The table of regrets of rungs, against every hour of every month by hand."""

from __future__ import annotations

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool

from model.commitment_advice import advise
from model.commitment_doubt import most_regretted, worst_fate
from model.commitment_regret import PLANNED, Shocks
from model.outcome import evaluate
from model.scenario import Scenario

NAME = "memorystore"
MONTH = 120
PAID = {"1y": 0.8, "3y": 0.6}
RUNGS = ((202602, "3y", 4.0), (202608, "1y", 3.0), (202602, "1y", 2.0))


@pytest.fixture(scope="module")
def series():
    return np.random.default_rng(4).uniform(3.0, 12.0, MONTH)


@pytest.fixture(scope="module")
def judged(series):
    bill = bill_of(pool(NAME, {NAME: series}), hours=axis((MONTH,)))
    text = ",".join(f"{m // 100}-{m % 100:02d}:{term}:{amount}" for m, term, amount in RUNGS)
    outcome = evaluate(bill, Scenario(settings={f"commitments.{NAME}.rungs": text}))
    return advise(outcome, Shocks(fall=0.5, fall_from_month=6), draws=40).pools[0]


def by_hand(series, share, scale):
    """What the rungs save in 36 months when usage is scaled month by month."""
    total = 0.0
    for month in range(36):
        live = [
            (term, amount * share)
            for start, term, amount in RUNGS
            if (start - 202602) <= month < (start - 202602) + {"1y": 12, "3y": 36}[term]
        ]
        covered = np.minimum(series * scale[month], sum(amount for _, amount in live)).sum()
        total += covered - MONTH * sum(amount * PAID[term] for term, amount in live)
    return total


def test_every_amount_in_every_future_is_what_the_hours_say(series, judged):
    table = judged.regret
    assert table.term == "ladder"
    assert [amount.title for amount in table.amounts] == [
        "nothing", "half of it", "four fifths of it", PLANNED, "a fifth more",
    ]  # fmt: skip
    flat = np.ones(36)
    scales = {
        "As assumed": flat,
        "Usage 50% lower after month 6": np.where(np.arange(36) >= 6, 0.5, 1.0),
        "Prices cut by 15% after month 12": np.where(np.arange(36) >= 12, 0.85, 1.0),
    }
    for title, scale in scales.items():
        column = table.futures.index(title)
        for row, share in enumerate((0.0, 0.5, 0.8, 1.0, 1.2)):
            assert table.saving[row, column] == pytest.approx(by_hand(series, share, scale), rel=1e-6, abs=1e-6)


def test_regret_is_against_the_better_of_one_and_three_years_in_hindsight(series, judged):
    table = judged.regret
    column = table.futures.index("As assumed")
    best = max(
        36 * (np.minimum(series, level).sum() - MONTH * level * paid) for level in series for paid in PAID.values()
    )
    assert (table.regret >= 0.0).all()
    assert table.saving[0, column] + table.regret[0, column] == pytest.approx(best, rel=1e-6)


def test_the_memo_and_the_page_find_its_worst_future(judged):
    worst, regretted = worst_fate(judged), most_regretted(judged)
    assert worst is not None
    assert worst.saving == judged.regret.saving[3].min()
    assert regretted is not None
    assert regretted.regret == judged.regret.regret[3].max()
