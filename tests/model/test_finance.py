"""Finance figures held against hand-made tables, spreadsheet values, polynomial roots and brute force."""

import math
from itertools import pairwise

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st

from model.finance import FlowsRefused, judge, monthly_rate

amounts = st.floats(-1e6, 1e6).map(lambda amount: round(amount, 2))
tables = st.lists(amounts, min_size=1, max_size=37)
rates = st.floats(0.0, 1.0)


def test_a_year_of_ten_on_a_hundred_by_hand() -> None:
    """−100 today, 10 at each of twelve month ends: 20 in all, back after ten months, a fifth earned."""
    figures = judge([-100.0, *[10.0] * 12], 0.0)
    assert (figures.npv, figures.payback_months, figures.discounted_payback_months) == (20.0, 10.0, 10.0)
    assert figures.roi == 0.2
    assert figures.irr_annual == pytest.approx(1.029229**12 - 1, abs=5e-5)  # RATE(12, 10, −100) = 2.9229 %
    assert figures.irr_note == ""


def test_discounting_by_hand_at_a_yearly_rate() -> None:
    """121 in 24 months at 10 % a year is worth 100 today; the monthly rate compounds to the yearly one."""
    figures = judge([-100.0, *[0.0] * 23, 121.0], 0.10)
    assert figures.npv == pytest.approx(0.0, abs=1e-9)
    assert figures.irr_annual == pytest.approx(0.10)
    assert figures.payback_months == pytest.approx(23 + 100 / 121)
    assert (1 + monthly_rate(0.10)) ** 12 == pytest.approx(1.10)


def test_npv_is_what_a_spreadsheet_says() -> None:
    """=−1000+NPV((1+8%)^(1/12)−1; 300; 420; 680) = 373.56…: each flow divided by hand."""
    i = 1.08 ** (1 / 12)
    assert judge([-1000.0, 300.0, 420.0, 680.0], 0.08).npv == pytest.approx(-1000 + 300 / i + 420 / i**2 + 680 / i**3)


@pytest.mark.parametrize(
    ("flows", "simple", "discounted_at_12"),
    [
        ([0.0, 5.0, 5.0], 0.0, 0.0),
        ([-10.0, 4.0, 4.0, 4.0], 2.5, None),
        ([-10.0, 20.0, -15.0, 20.0], 2.25, 2.3),
        ([-10.0, 5.0], None, None),
        ([0.0, -10.0, 40.0], 1.25, None),
        ([-1.0, *[0.1] * 10], 10.0, "never"),
        ([-10.0, 10.0, 0.0, 0.0], 1.0, "never"),
    ],
)
def test_payback_is_when_the_running_total_stays_above_zero(flows, simple, discounted_at_12) -> None:
    figures = judge(flows, 0.12)
    assert figures.payback_months == (None if simple is None else pytest.approx(simple, abs=1e-9))
    if discounted_at_12 == "never":
        assert figures.discounted_payback_months is None
    elif isinstance(discounted_at_12, float):
        assert figures.discounted_payback_months == pytest.approx(discounted_at_12, abs=0.06)


@pytest.mark.parametrize(
    ("flows", "word"),
    [
        ([0.0, 10.0, 10.0], "never change sign"),
        ([-5.0, -1.0], "never change sign"),
        ([0.0], "no flows"),
        ([-1.0, 3.0, -2.5], "at no rate"),
    ],
)
def test_without_a_rate_the_note_says_why(flows: list[float], word: str) -> None:
    figures = judge(flows, 0.08)
    assert figures.irr_annual is None
    assert word in figures.irr_note


def test_several_rates_are_flagged_and_named() -> None:
    """−1 + 2.3x − 1.32x² has the roots 10 % and 20 % a month."""
    figures = judge([-1.0, 2.3, -1.32], 0.08)
    assert figures.irr_annual == pytest.approx(1.1**12 - 1)
    assert "several" in figures.irr_note
    assert f"{1.2**12 - 1:.2%}" in figures.irr_note


def test_a_rate_of_money_that_comes_first_is_a_cost() -> None:
    figures = judge([100.0, -110.0], 0.0)
    assert figures.irr_annual == pytest.approx(1.1**12 - 1)
    assert "costs" in figures.irr_note
    assert figures.roi is None
    assert "nothing is laid out" in figures.roi_note


@pytest.mark.parametrize(
    ("flows", "rate", "word"),
    [
        ([], 0.1, "no flows"),
        ([1.0, math.nan], 0.1, "month 1"),
        ([1.0], -1.0, "0.08"),
        ([1.0], math.inf, "0.08"),
        ([1.0, -1e308], 0.1, "month 1 is beyond"),
        ([1.0], -0.9999, "0.08"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(flows: list[float], rate: float, word: str) -> None:
    with pytest.raises(FlowsRefused, match=word):
        judge(flows, rate)


@given(tables, rates)
def test_npv_equals_its_sum_and_falls_to_the_plain_sum_at_no_rate(flows: list[float], rate: float) -> None:
    i = (1 + rate) ** (1 / 12)
    expected = math.fsum(flow / i**k for k, flow in enumerate(flows))
    size = math.fsum(map(abs, flows)) + 1.0
    assert judge(flows, rate).npv == pytest.approx(expected, abs=1e-9 * size)
    assert judge(flows, 0.0).npv == pytest.approx(math.fsum(flows), abs=1e-9 * size)


@given(st.lists(amounts, min_size=2, max_size=13))
def test_every_rate_makes_the_present_value_zero_and_agrees_with_polynomial_roots(flows: list[float]) -> None:
    figures = judge(flows, 0.05)
    roots = np.roots(np.trim_zeros(flows)[::-1]) if any(flows) else np.zeros(0)
    discounts = sorted({float(f"{r.real:.6g}") for r in roots if abs(r.imag) < 1e-9 and 1e-5 < r.real < 1e5})
    if figures.irr_annual is not None and figures.irr_annual > -0.99:  # nearer to −1 the year hides the month
        month = math.expm1(math.log1p(figures.irr_annual) / 12)
        parts = [flow / (1 + month) ** k for k, flow in enumerate(flows)]
        assert abs(math.fsum(parts)) <= 1e-6 * math.fsum(map(abs, parts))
    if len(discounts) == 1 and figures.irr_annual is not None and "several" not in figures.irr_note:
        assert (1 / discounts[0]) ** 12 - 1 == pytest.approx(figures.irr_annual, rel=1e-3, abs=1e-6)


@given(st.floats(1.0, 1e6), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=36))
def test_an_outlay_that_earns_has_the_one_rate_that_another_library_finds(outlay: float, gains: list[float]) -> None:
    flows = [-outlay, *gains]
    found = judge(flows, 0.0)
    other = pyxirr.irr(flows, silent=True)
    assume(other is not None and -0.99 < other < 1e3)
    assert found.irr_annual == pytest.approx((1 + other) ** 12 - 1, rel=1e-5, abs=1e-8)
    assert found.irr_note == ""


@given(tables, rates)
def test_payback_agrees_with_brute_force(flows: list[float], rate: float) -> None:
    """Walked in steps of a thousandth of a month, each month's flow spread evenly over it."""
    figures = judge(flows, rate)
    totals = np.cumsum(flows)
    fine = np.concatenate([[totals[0]], *[np.linspace(a, b, 1001)[1:] for a, b in pairwise(totals)]])
    nothing = 1e-9 * (np.abs(flows).sum() + 1e-9)
    below = np.flatnonzero(fine < -nothing)
    if not len(below):
        assert figures.payback_months == pytest.approx(0.0, abs=1e-6)
    elif below[-1] == len(fine) - 1:
        assert figures.payback_months is None
    elif figures.payback_months is not None:
        assert figures.payback_months == pytest.approx((below[-1] + 1) / 1000, abs=2e-3)
    if (
        figures.discounted_payback_months is not None
        and all(flow >= 0 for flow in flows[1:])
        and figures.payback_months
    ):
        assert figures.discounted_payback_months >= figures.payback_months - 1e-9


@given(tables, st.floats(0.01, 1000.0))
def test_figures_do_not_depend_on_the_unit_of_money(flows: list[float], factor: float) -> None:
    first, second = judge(flows, 0.08), judge([flow * factor for flow in flows], 0.08)
    assert second.npv == pytest.approx(first.npv * factor, rel=1e-9, abs=1e-6 * factor)
    assert (first.roi is None) == (second.roi is None)
    if first.irr_annual is not None and second.irr_annual is not None and "several" not in first.irr_note:
        assert second.irr_annual == pytest.approx(first.irr_annual, rel=1e-6, abs=1e-9)
