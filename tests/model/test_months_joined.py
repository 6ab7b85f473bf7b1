"""Months that are not priced are joined over the scale of demand and prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.projection import interpolated

MONTHS = np.arange(1, 37) / 12.0


@given(st.floats(-0.5, 2.0), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_fixed_amount_plus_a_share_of_the_scale_is_exact(rate: float, fixed: float, share: float) -> None:
    scale = (1.0 + rate) ** MONTHS
    asked = []

    def at(month: int) -> np.ndarray:
        asked.append(month)
        return np.array([fixed + share * scale[month], share])

    found = interpolated(at, scale, 1.0)
    assert found[:, 0] == pytest.approx(fixed + share * scale, rel=1e-9, abs=1e-6)
    assert found[:, 1] == pytest.approx(share)
    assert len(asked) <= 5


def test_a_scale_that_stays_joins_over_the_months() -> None:
    found = interpolated(lambda month: np.array([float(month)]), np.ones(36), 0.5)
    assert found[:, 0] == pytest.approx(np.arange(36.0))


def test_a_step_is_priced_where_it_is() -> None:
    scale = 1.1**MONTHS
    found = interpolated(lambda month: np.array([100.0 if month < 20 else 160.0]), scale, 0.01)
    assert found[:, 0] == pytest.approx(np.where(np.arange(36) < 20, 100.0, 160.0))
