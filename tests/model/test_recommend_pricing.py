"""A plan priced from remembered answers costs and breaks exactly what the plan priced anew does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import recommend_pricing
from model.lever import LeverResult
from model.outcome import run
from model.parameter import Parameter
from model.recommend_pricing import Pricing
from model.scenario import Scenario
from tests.laws.arbitrary_bills import BillSpec, Thing, make_bill

SPEC = BillSpec(things=(Thing("run", level=4.0), Thing("sql", name="db", commitment="new", covered_share=0.3),
                        Thing("firestore", name="(default)")), tax_rate=0.1)  # fmt: skip
TOLD = {"cloud_run.api.peak_memory_utilisation": 0.4, "cloud_sql.db.peak_cpu_utilisation": 0.5}
BILL = make_bill(SPEC, TOLD)
VALUES = {
    "cloud_run.api.min_instances": (0, 2),
    "cloud_run.api.max_instances": (20, 60),
    "cloud_run.api.memory_gib": (1.0, 2.0),
    "cloud_sql.db.vcpu": (2, 8),
    "cache.new.size_gib": (0, 0.0, 4),
    "commitments.cloud_sql-us-central1.term": ("1y",),
}
PLANS = st.lists(
    st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()}),
    min_size=2, max_size=5,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(PLANS, st.sampled_from([1.0, 1.7]), st.sampled_from([2, 256]))
def test_a_quote_is_the_run_to_the_nano(plans, demand, most):
    pricing = Pricing(BILL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recommend_pricing, "MOST_ANSWERS", most)
        for plan in (*plans, *plans):
            quote, anew = (
                pricing.quote(Scenario(settings=plan), demand),
                run(BILL, Scenario(settings=plan), None, demand),
            )
            assert quote.saving_nanos == anew.saving_nanos
            of_usage = [guardrail for _, result in anew.results for guardrail in result.guardrails]
            expected = (*of_usage, *(guardrail for pool in anew.pools for guardrail in pool.guardrails))
            assert list(quote.limits.values()) == list(expected)
            assert [pool.covered_on_demand_per_hour for pool in quote.pools] == [
                pool.covered_on_demand_per_hour for pool in anew.pools
            ]


class Counting:
    """A lever that reads one setting, and a second one where the first is on."""

    key = "counting"
    calls = 0

    def apply(self, bill, values, effects):
        self.calls += 1
        text = values.text("a") + (values.text("b") if values.text("a") == "on" else "")
        return LeverResult(notes=(text,))


def test_an_answer_is_asked_again_only_where_something_that_was_read_differs():
    lever, pricing = Counting(), Pricing(BILL)
    pricing._settings = frozenset({"a", "b"})
    known = [Parameter(key, key, "", "setting", "off", "", "measured", "") for key in ("a", "b")]

    def notes(a, b):
        values = Scenario(settings={"a": a, "b": b}).values(known)
        return pricing._answer(lever, values, recommend_pricing.Effects()).result.notes

    assert [notes("off", "1"), notes("off", "2")] == [("off",), ("off",)]
    assert lever.calls == 1
    assert [notes("on", "1"), notes("on", "2"), notes("on", "1")] == [("on1",), ("on2",), ("on1",)]
    assert lever.calls == 3
