from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool

from model.bill import Lines
from model.commitment_advice import advise
from model.commitment_coverage import hourly_coverage
from model.commitment_steps import whole_pieces
from model.outcome import evaluate
from model.prices import Discount, PriceBook
from model.scenario import Scenario

HOURS = axis((100,))
BOOK = PriceBook(
    discounts={
        "bigquery_slots": Discount(0.2, 0.4, "page", "2026-09-28", "verified-2"),
        "bigquery": Discount(0.1, 0.2, "page", "2026-09-28", "verified-2"),
    }
)


def bill_with(own, *rows):
    """Rows of (sku, region, usage, on-demand)."""
    amount = np.array([round(row[3] * 1e9) for row in rows], dtype=np.int64)
    rate_class = next(iter(own.eligible))
    text = {
        "pool": [own.pool] * len(rows), "rate_class": [rate_class] * len(rows), "sku": [row[0] for row in rows],
        "region": [row[1] for row in rows], "charge_class": ["usage"] * len(rows), "fee_of": [""] * len(rows),
        "pricing_unit": ["hour"] * len(rows), "consumption_model": [""] * len(rows), "kind": [""] * len(rows),
        "product": ["BigQuery"] * len(rows), "project": ["p"] * len(rows), "service": ["BigQuery"] * len(rows),
    }  # fmt: skip
    lines = Lines(
        {name: np.array(values, object) for name, values in text.items()}, np.zeros(len(rows), np.int64),
        np.array([row[2] for row in rows], float), amount, amount, amount, amount, {},
    )  # fmt: skip
    return replace(bill_of(own, hours=HOURS), lines=lines, prices=BOOK)


def slots(series, sku="BigQuery Enterprise Edition for us-central1"):
    own = pool("bigquery-us-central1", {"bigquery": series * 0.06}, region="us-central1")
    return own, bill_with(own, (sku, "us-central1", float(series.sum()), float(series.sum()) * 0.06))


def test_slots_come_in_fifties():
    """145 slots around the clock at 0.06 and 20 % off: 100 save 1.20 an hour, 150 save 8.70 − 7.20."""
    own, bill = slots(np.full(100, 145.0))
    (one, three), why = whole_pieces(bill, own, np.full((1, 100), 145 * 0.06))
    assert (one.amount, one.unit, one.term, one.region) == (150, "slot", "1y", "us-central1")
    assert one.fee_per_hour == pytest.approx(150 * 0.06 * 0.8)
    assert one.saving == pytest.approx(100 * (145 * 0.06 - 150 * 0.06 * 0.8))
    assert one.utilisation == pytest.approx(145 / 150)
    assert three.saving > one.saving
    assert why == ()


@pytest.mark.parametrize("level", [30.0, 75.0, 120.0, 260.0])
@pytest.mark.parametrize("term", [0, 1])
def test_no_other_number_of_slots_saves_more(level, term):
    series = level + 40.0 * np.sin(np.arange(100))
    own, bill = slots(series)
    hours = np.maximum(series, 0.0) * 0.06
    plan = whole_pieces(bill, own, hours[None, :])[0][term]
    discount = (0.2, 0.4)[term]

    def saving(amount):
        return float(np.minimum(hours, amount * 0.06).sum() - 100 * amount * 0.06 * (1 - discount))

    assert plan.saving == pytest.approx(max(saving(amount) for amount in range(0, 501, 50)), abs=1e-6)


def test_standard_edition_takes_no_slot_commitment():
    own, bill = slots(np.full(100, 140.0), sku="BigQuery Standard Edition for us-central1")
    pieces, why = whole_pieces(bill, own, np.full((1, 100), 8.4))
    assert pieces == ()
    assert "takes no slot commitment" in why[0]


def test_coverage_is_folded_by_weekday_and_hour():
    """Two weeks: 10 an hour in the first hour of every day and nothing else; 6 of it covered by what is planned."""
    hours = axis((14 * 24,))
    usage = np.where(hours.hour % 24 == 0, 10.0, 0.0)[None, :]
    found = hourly_coverage(hours, (usage, np.zeros_like(usage)), ("half",), {"half": 0.45}, 3.3, "pro_rata")
    assert found.coverage[:, 0] == pytest.approx([0.6] * 7)
    assert np.isnan(found.coverage[:, 1:]).all()
    assert found.used[:, 0] == pytest.approx([1.0] * 7)
    assert not found.used[:, 1:].any()
    assert found.usage.sum() == pytest.approx(70.0)


def test_monday_is_the_first_row():
    """Hour 96 since 1970 is Monday 5 January, 0:00."""
    hours = replace(axis((1,)), hour=np.array([96]))
    usage = np.ones((1, 1))
    found = hourly_coverage(hours, (usage, usage / 2), ("half",), {}, 0.0, "pro_rata")
    assert found.coverage[0, 0] == 0.5
    assert np.isnan(found.used).all()
    assert np.isnan(found.coverage).sum() == 167


@pytest.mark.parametrize(("levels", "advised"), [((145.0, 145.0, 145.0), True), ((320.0, 232.0, 144.0), False)])
def test_no_slots_are_advised_while_their_usage_falls(levels, advised):
    series = np.repeat(levels, 240)
    own, one_month = slots(series)
    lines = one_month.lines
    bill = replace(bill_of(own, hours=axis((240, 240, 240))), lines=lines, prices=BOOK)
    (found,) = advise(evaluate(bill, Scenario()), draws=40).pools
    assert (found.trend is None) == advised
    assert bool([piece for piece in found.pieces if piece.amount]) == advised
