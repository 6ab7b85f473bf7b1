"""What a search may try stays within its promise: within reach of today, and nothing that is deleted for good."""

from __future__ import annotations

import pytest

from model.outcome import parameters
from model.parameter import Parameter
from model.recommend_space import _within_reach, protected
from tests.model.database_bills import make_bill
from tests.model.test_cloud_sql import dedicated


@pytest.mark.parametrize(
    ("current", "reach", "low"), [(5.0, 2.0, 3.0), (4.0, 2.0, 2.0), (1.0, 2.0, 1.0), (9.0, 4.0, 0.0)]
)
def test_the_lowest_value_is_never_below_the_reach(current: float, reach: float, low: float) -> None:
    parameter = Parameter(
        "cloud_run.api.min_instances", "Min", "instances", "setting", current, "", "measured", "",
        minimum=0.0, maximum=100.0, step=1.0,
    )  # fmt: skip

    assert _within_reach(parameter, current, reach)[0] == low


def test_a_replica_is_never_deleted_by_a_recommendation() -> None:
    bill = make_bill(dedicated())
    assert any(key.endswith(".replicas") for key in {each.key for each in protected(parameters(bill))})
