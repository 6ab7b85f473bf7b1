"""Amounts shown under a total add up to it, in every currency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cents import step_nanos
from pages.parts.report_rows import measured, rounded_to


@given(st.lists(st.integers(-(10**18), 10**18), min_size=1, max_size=9), st.sampled_from(["USD", "EUR", "JPY"]))
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[int], currency: str) -> None:
    step = step_nanos(currency)
    shown = rounded_to(parts, sum(parts), currency)
    assert all(nanos % step == 0 for nanos in shown)
    assert abs(sum(shown) - sum(parts)) <= step / 2
    assert all(abs(one - part) <= step for one, part in zip(shown, parts, strict=True))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.000936078, "ratio", "0.0936 %"),
        (9.6e-9, "ratio", "under 0.001 %"),
        (0.0, "ratio", "0 %"),
        (1.02246, "× today", "1.02 × today"),
        (-152_000_000, "money", "−$0.15"),
    ],
)
def test_measures_are_written_with_three_figures(value: float, unit: str, words: str) -> None:
    assert measured(value, unit, "USD") == words
