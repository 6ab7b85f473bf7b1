"""The waterfall of levers alone closes with the interaction, to the cent."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from model.waterfall import waterfall_alone
from tests.model.test_waterfall import NANOS, _outcome


@given(NANOS, st.lists(st.tuples(NANOS, NANOS), min_size=2, max_size=6))
def test_levers_alone_and_interaction_add_up_to_the_outcome(baseline, steps):
    bars = waterfall_alone(_outcome(baseline, steps))

    assert sum(bar.amount_cents for bar in bars[:-1]) == bars[-1].end_cents
    assert all(after.start_cents == before.end_cents for before, after in pairwise(bars[:-1]))
    assert bars[-2].kind == "interaction"
    shared = sum(alone for alone, _ in steps) - sum(step for _, step in steps)
    assert abs(bars[-2].amount_cents * 10_000_000 - shared) <= 10_000_000


def test_one_lever_has_nothing_to_share():
    bars = waterfall_alone(_outcome(10_000_000_000, [(1_000_000_000, 1_000_000_000)]))

    assert [bar.kind for bar in bars] == ["baseline", "lever", "outcome"]
