"""Movers: the causes are the change, to the nano, on arbitrary bills; and each is what its name says on known ones."""

import pytest
from cost_rows_made import LEAVES, rows_of
from hypothesis import given
from hypothesis import strategies as st

from model.analysis import CostView, total
from model.movers import CAUSES, movers, summed

GROSS = CostView("billed")
periods = st.lists(
    st.tuples(st.integers(0, len(LEAVES) - 1), st.just(202601),
              st.floats(-10.0, 1e9, allow_nan=False) | st.just(0.0), st.integers(-(10**18), 10**18)),
    max_size=12,
)  # fmt: skip


@given(periods, periods, st.sampled_from(["service", "sku", "project", "resource"]))
def test_causes_add_up_to_the_change_of_every_key_and_of_the_whole(before, after, by):
    first, second = rows_of(before), rows_of(after)
    found = movers(first, second, GROSS, by)
    for each in found:
        assert sum(getattr(each, f"{cause}_nanos") for cause in CAUSES) == each.change_nanos
    whole = summed(found)
    assert whole.change_nanos == total(second, GROSS) - total(first, GROSS)
    assert whole.usage_nanos + whole.price_nanos + whole.other_nanos == whole.change_nanos


@pytest.mark.parametrize(
    ("before", "after", "cause", "nanos"),
    [
        ([(0, 202512, 10.0, 1000)], [(0, 202601, 20.0, 2000)], "quantity", 1000),
        ([(0, 202512, 10.0, 1000)], [(0, 202601, 10.0, 1500)], "price", 500),
        ([(0, 202512, 10.0, 1000)], [(0, 202601, 10.0, 1000), (3, 202601, 1.0, 70)], "new", 70),
        ([(0, 202512, 10.0, 1000), (3, 202512, 1.0, 70)], [(0, 202601, 10.0, 1000)], "gone", -70),
        ([(4, 202512, 0.0, 80)], [(4, 202601, 0.0, 90)], "other", 10),
        ([(0, 202512, 10.0, 1000), (1, 202512, 10.0, 3000)], [(0, 202601, 5.0, 500), (1, 202601, 15.0, 4500)],
         "mix", 1000),
    ],
)  # fmt: skip
def test_each_cause_alone(before, after, cause, nanos):
    whole = summed(movers(rows_of(before), rows_of(after), GROSS, "service"))
    assert {name: getattr(whole, f"{name}_nanos") for name in CAUSES if getattr(whole, f"{name}_nanos")} == {
        cause: nanos
    }


def test_the_largest_change_comes_first_whatever_its_sign():
    found = movers(rows_of([(0, 202512, 1.0, 100), (3, 202512, 1.0, 900)]), rows_of([(0, 202601, 2.0, 200)]), GROSS,
                   "service")  # fmt: skip
    assert [(each.key, each.change_nanos) for each in found] == [("SQL", -900), ("Run", 100)]
