"""Draws: the same seed the same figures, wider ranges wider results, nothing drawn nothing uncertain."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.drawing import Range, drawn, triangular
from model.drawn_plan import drawn_plan
from model.model_error import SHARE_OF_BILL, SHARE_OF_SAVING
from model.money import NANOS
from model.outcome import evaluate, parameters
from model.projection import figures, project
from model.scenario import Assumption, Scenario
from model.uncertainty import uncertain

sys.path.append(str(Path(__file__).parents[1] / "laws"))
from arbitrary_bills import BillSpec, Thing, make_bill

GROWTH, PRICE = "growth.usage_per_year", "prices.change_per_year"
BILL = make_bill(BillSpec(months=(202602,), things=(Thing("run"), Thing("sql", name="db"), Thing("firestore"))))
PLAN = Scenario(settings={
    "cloud_run.api.min_instances": 0, "cloud_run.api.vcpu": 1, "cloud_sql.db.vcpu": 4,
    "commitments.compute_flexible.term": "3y",
})  # fmt: skip


def known(scenario: Scenario, **values: float) -> Scenario:
    """The scenario with every range closed at its value."""
    for parameter in parameters(BILL):
        if parameter.kind == "assumption" and parameter.low is not None:
            value = values.get(parameter.key, parameter.current)
            scenario = scenario.with_assumption(parameter.key, value, value, value)
    return scenario


@given(st.floats(-10, 10), st.floats(0, 5), st.floats(0, 5))
def test_a_triangle_has_its_bounds_its_mode_and_its_mean(value: float, below: float, above: float) -> None:
    low, high = value - below, value + above
    unit = (np.arange(20_000) + 0.5) / 20_000
    found = triangular(unit, low, value, high)
    assert (np.diff(found) >= 0.0).all()
    assert low - 1e-9 <= found.min()
    assert found.max() <= high + 1e-9
    assert found.mean() == pytest.approx((low + value + high) / 3.0, abs=1e-3 * (below + above) + 1e-9)
    variance = (low**2 + value**2 + high**2 - low * value - low * high - value * high) / 18.0
    assert found.var() == pytest.approx(variance, rel=0.02, abs=1e-6)


def test_draws_are_seeded_evenly_spread_and_independent() -> None:
    ranges = [Range("a", "a", 0.0, 0.5, 1.0), Range("b", "b", 0.0, 0.0, 1.0)]
    first = drawn(ranges, 4000, 7)
    np.testing.assert_array_equal(first, drawn(ranges, 4000, 7))
    assert not np.array_equal(first, drawn(ranges, 4000, 8))
    np.testing.assert_array_equal(first[:, 0], drawn(ranges[:1], 4000, 7)[:, 0])
    assert np.median(first[:, 0]) == pytest.approx(0.5, abs=1e-3)
    assert abs(np.corrcoef(first.T)[0, 1]) < 0.05


def test_the_same_seed_gives_the_same_figures_and_quantiles_are_in_order() -> None:
    outcome = evaluate(BILL, PLAN)
    first = uncertain(outcome, draws=2000)
    again = uncertain(evaluate(BILL, PLAN.renamed("other name")), draws=2000)
    assert first == again
    assert uncertain(outcome, draws=2000, seed=5).npv != first.npv
    for quantiles in (first.npv, first.saving_per_month):
        assert quantiles.p10 < quantiles.p50 < quantiles.p90
    assert (np.diff(first.by_month, axis=1) >= 0.0).all()
    assert first.by_month.shape == (36, 3)


def test_with_nothing_uncertain_every_quantile_is_the_projection() -> None:
    outcome = evaluate(BILL, known(PLAN.with_assumption("finance.one_off_cost", 100.0)))
    found = uncertain(outcome, draws=200)
    assert {bar.key for bar in found.tornado} == {"model_error.cloud_run", "model_error.cloud_sql"}
    plan = drawn_plan(outcome)
    npv, saving = plan.npv(np.array([[each.value for each in plan.ranges]]))
    projection = project(outcome)
    assert npv[0] == pytest.approx(figures(projection).npv, rel=1e-9)
    assert saving[0] == pytest.approx(projection.saving, rel=1e-9)


@pytest.mark.parametrize("key", [GROWTH, PRICE, "cloud_run.api.cpu_boundness", "finance.one_off_cost"])
def test_wider_ranges_give_wider_results(key: str) -> None:
    """Without a database: where a tier steps just above today's demand, a little growth is as bad as a lot."""
    plan = Scenario(settings={key: value for key, value in PLAN.settings.items() if not key.startswith("cloud_sql")})
    value = {"cloud_run.api.cpu_boundness": 0.5}.get(key, 0.0)
    width = {"finance.one_off_cost": 400.0, PRICE: 0.05, GROWTH: 0.2}.get(key, 0.3)
    spread = []
    for factor in (0.0, 0.5, 1.0):
        low = value if key == "finance.one_off_cost" else value - factor * width
        scenario = known(plan).with_assumption(key, value, low, value + factor * width)
        npv = uncertain(evaluate(BILL, scenario), draws=2000).npv
        spread.append(npv.p90 - npv.p10)
    assert spread[0] < spread[1] < spread[2]


def test_no_change_is_certain_to_save_nothing() -> None:
    found = uncertain(evaluate(BILL, Scenario()), draws=500)
    assert (found.npv.p10, found.npv.p90) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert found.probability_of_loss == 0.0 or abs(found.npv.p10) < 1e-6
    assert found.surrogate_error is None
    assert found.tornado == ()


def test_a_cost_that_no_draw_earns_back_is_a_certain_loss() -> None:
    scenario = PLAN.with_assumption("finance.one_off_cost", 1e6)
    assert uncertain(evaluate(BILL, scenario), draws=500).probability_of_loss == 1.0
    assert uncertain(evaluate(BILL, PLAN), draws=500).probability_of_loss < 0.5


def test_the_tornado_is_sorted_and_its_ends_are_what_full_pricing_says() -> None:
    found = uncertain(evaluate(BILL, PLAN), draws=500)
    swings = [bar.swing for bar in found.tornado]
    assert swings == sorted(swings, reverse=True)
    for bar in found.tornado:
        if bar.key.startswith(("model_error", "cloud_run")):
            continue
        for value, told in ((bar.low, bar.npv_low), (bar.high, bar.npv_high)):
            exact = figures(project(evaluate(BILL, PLAN.with_assumption(bar.key, value)))).npv
            assert told == pytest.approx(exact, rel=0.04), bar.key


def test_a_range_of_an_assumption_reaches_what_full_pricing_says_at_its_ends() -> None:
    key = "cloud_run.api.cpu_boundness"
    scenario = known(PLAN).with_assumption(key, 0.5, 0.1, 0.9)
    bar = next(b for b in uncertain(evaluate(BILL, scenario), draws=200).tornado if b.key == key)
    for value, told in ((0.1, bar.npv_low), (0.9, bar.npv_high)):
        exact = figures(project(evaluate(BILL, scenario.with_assumption(key, value, value, value)))).npv
        assert told == pytest.approx(exact, rel=0.02)


def test_the_surface_is_near_full_pricing_and_says_how_near() -> None:
    found = uncertain(evaluate(BILL, PLAN), draws=2000)
    assert found.surrogate_error is not None
    assert 0.0 < found.surrogate_error < 0.10


def test_the_models_own_error_is_as_wide_as_its_blind_predictions_were_off() -> None:
    """Four in five draws: within 8 % of the service's bill after a change of vCPU, or 10 % of a database's saving."""
    scenario = known(Scenario(settings={"cloud_run.api.vcpu": 1, "cloud_sql.db.vcpu": 4}))
    outcome = evaluate(BILL, scenario)
    plan = drawn_plan(outcome)
    service = outcome.result.by_product["Cloud Run"].headline / NANOS
    database = next(lever for lever in outcome.levers if lever.lever == "cloud_sql").in_sequence_nanos / NANOS
    expected = {
        "model_error.cloud_run": SHARE_OF_BILL["vcpu"] * service,
        "model_error.cloud_sql": SHARE_OF_SAVING["cloud_sql"] * database,
    }
    assert [each.key for each in plan.ranges] == ["model_error.cloud_sql", "model_error.cloud_run"]
    for i, each in enumerate(plan.ranges):
        sample = drawn(plan.ranges, 20_000, 1)[:, i]
        assert np.mean(np.abs(sample) <= expected[each.key]) == pytest.approx(0.8, abs=0.01)
        assert each.low == -each.high


def test_memory_alone_has_no_error_and_an_unmeasured_lever_is_named() -> None:
    plan = drawn_plan(evaluate(BILL, known(Scenario(settings={"cloud_run.api.memory_gib": 2}))))
    assert plan.ranges == ()
    exempt = Scenario(settings={"firestore.api.exempted_indexes": 1})
    notes = uncertain(evaluate(BILL, exempt), draws=100).notes
    assert any("Firestore" in note for note in notes)


def test_a_value_beyond_its_range_widens_the_range() -> None:
    scenario = Scenario(settings=PLAN.settings, assumptions={GROWTH: Assumption(0.5)})
    growth = next(each for each in drawn_plan(evaluate(BILL, scenario)).ranges if each.key == GROWTH)
    assert (growth.low, growth.value, growth.high) == (-0.1, 0.5, 0.5)
