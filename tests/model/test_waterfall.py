"""The waterfall and the answer add up to what the outcome says, to the cent and to the nano."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.answer import answer, moved, origins
from model.costs import Costs
from model.lever import Guardrail
from model.outcome import LeverOutcome
from model.repricing import Delta
from model.waterfall import waterfall

NANOS = st.integers(-(10**16), 10**16)

CENT_NANOS = 10_000_000


def _delta(lever: str, amount: int, month_index: int = 0, evidence: str = "modelled") -> Delta:
    costs = Costs(headline=amount)
    return Delta(lever, month_index, "P", "p", "r", "x", "k", costs, evidence, "f", "row")


def _outcome(baseline: int, steps: list[tuple[int, int]], months: int = 3, guardrails: tuple = ()) -> SimpleNamespace:
    levers = tuple(LeverOutcome(f"l{i}", f"Lever {i}", alone, step) for i, (alone, step) in enumerate(steps))
    total = baseline - sum(step for _, step in steps)
    return SimpleNamespace(
        baseline=SimpleNamespace(total=Costs(headline=baseline)),
        result=SimpleNamespace(total=Costs(headline=total)),
        bill=SimpleNamespace(months=tuple(range(months)), currency="USD"),
        levers=levers,
        changes=(),
        deltas=tuple(_delta(lever.lever, -lever.in_sequence_nanos) for lever in levers),
        guardrails=guardrails,
    )


@given(NANOS, st.lists(st.tuples(NANOS, NANOS), max_size=6))
def test_bars_add_up_to_the_cent_and_touch_each_other(baseline, steps):
    bars = waterfall(_outcome(baseline, steps))
    assert sum(bar.amount_cents for bar in bars[:-1]) == bars[-1].end_cents
    for before, after in pairwise(bars[:-1]):
        assert after.start_cents == before.end_cents
    assert [bar.kind for bar in bars] == ["baseline", *["lever"] * len(steps), "outcome"]


@given(NANOS, st.lists(st.tuples(NANOS, NANOS), max_size=4))
def test_a_bar_is_at_most_a_cent_off_its_lever(baseline, steps):
    for bar, (alone, step) in zip(waterfall(_outcome(baseline, steps))[1:], steps, strict=False):
        assert abs(-bar.amount_cents * 10_000_000 - step) <= 10_000_000
        assert abs((bar.start_cents - bar.alone_cents) * 10_000_000 - alone) <= 10_000_000


def test_a_loss_stays_a_loss():
    bars = waterfall(_outcome(10_000_000_000, [(-1_000_000_000, -2_000_000_000)]))
    assert [bar.amount_cents for bar in bars] == [1000, 200, 1200]
    assert bars[1].alone_cents == 1100


@given(NANOS, st.lists(st.tuples(NANOS, NANOS), max_size=4), st.integers(1, 24))
def test_before_less_saving_is_after(baseline, steps, months):
    outcome = _outcome(baseline, steps, months)
    found = answer(outcome)
    assert found.before_per_month_nanos - found.saving_per_month_nanos == found.after_per_month_nanos
    assert found.after_per_month_nanos % CENT_NANOS == 0
    assert abs(found.after_per_month_nanos * months - outcome.result.total.headline) <= months * CENT_NANOS // 2
    assert found.is_changed == bool(steps)


def test_the_weakest_evidence_speaks_for_the_whole():
    outcome = _outcome(100, [])
    outcome.deltas = (_delta("a", -1, evidence="measured"), _delta("b", -2, evidence="asserted"))
    assert answer(outcome).evidence == "asserted"
    assert answer(_outcome(100, [])).evidence == "measured"


def test_an_empty_bill_has_no_share():
    assert answer(_outcome(0, [])).saving_share is None
    assert answer(_outcome(400, [(100, 100)])).saving_share == pytest.approx(0.25)


def test_limits_are_told_by_verdict():
    limits = tuple(
        Guardrail("n", "l", "r", 1.0, None, "", passed, f"{passed}") for passed in (True, False, None, False)
    )
    found = answer(_outcome(1, [], guardrails=limits))
    assert [len(each) for each in (found.broken, found.unjudged, found.kept)] == [2, 1, 1]


def test_moved_counts_keys_of_either_side_and_sorts_by_change():
    rows = moved({"a": Costs(headline=5), "b": Costs(headline=7)}, {"a": Costs(headline=5), "c": Costs(headline=-9)})
    assert [(row.key, row.change_nanos) for row in rows] == [("c", -9), ("b", -7), ("a", 0)]


@given(st.lists(st.tuples(st.sampled_from("ab"), NANOS, st.integers(0, 2)), max_size=12))
def test_origins_sum_to_the_deltas_and_merge_months(parts):
    outcome = _outcome(0, [])
    outcome.deltas = tuple(_delta(lever, amount, month) for lever, amount, month in parts)
    found = origins((1, delta) for delta in outcome.deltas)
    assert sum(each.change_nanos for each in found) == sum(amount for _, amount, _ in parts)
    of_lever = {name: sum(amount for lever, amount, _ in parts if lever == name) for name, _, _ in parts}
    assert {each.lever for each in found} == {name for name, amount in of_lever.items() if amount}
