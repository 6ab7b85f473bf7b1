"""Presets: today, three levels to search for, and plans as far as the bill has what they name."""

from __future__ import annotations

from model.outcome import evaluate
from model.presets import fitted, presets
from model.scenario import Assumption, Scenario
from pages.parts.session import presets_of
from tests.laws.arbitrary_bills import BillSpec, Thing, make_bill

BILL = make_bill(BillSpec(things=(Thing("run"), Thing("sql", name="db"))))
PLAN = Scenario(
    "A plan",
    {"cloud_run.*.min_instances": 1, "cloud_run.web.vcpu": 1.0, "cloud_sql.db.vcpu": 4, "cloud_sql.db.memory_gib": 1e6},
    {"cloud_run.api.cpu_boundness": Assumption(0.2), "queries.slow.work_share": Assumption(0.1)},
    reason="It was proposed.",
)


def test_a_plan_keeps_what_the_bill_takes_and_names_the_rest():
    scenario, dropped = fitted(BILL, PLAN)
    assert dict(scenario.settings) == {"cloud_run.*.min_instances": 1, "cloud_sql.db.vcpu": 4}
    assert list(scenario.assumptions) == ["cloud_run.api.cpu_boundness"]
    assert dropped == ("cloud_run.web.vcpu", "cloud_sql.db.memory_gib", "queries.slow.work_share")
    assert evaluate(BILL, scenario).saving_nanos != 0


def test_what_is_offered():
    found = {preset.key: preset for preset in presets(BILL, [("plan", PLAN)])}
    assert list(found) == ["current", "careful", "recommended", "bold", "plan"]
    assert found["current"].scenario == Scenario()
    assert [found[key].risk for key in ("careful", "recommended", "bold")] == ["careful", "balanced", "bold"]
    assert all(found[key].scenario is None for key in ("careful", "recommended", "bold"))
    assert "cloud_run.web.vcpu" in found["plan"].sentence


def test_a_plan_of_which_nothing_fits_is_not_offered():
    nothing = Scenario("Other", {"cloud_run.web.vcpu": 1.0})
    assert "other" not in {preset.key for preset in presets(BILL, [("other", nothing)])}


def test_the_phase_4_plan_is_offered_with_what_it_names_in_vain():
    phase4 = next(preset for preset in presets_of(BILL) if preset.key == "phase4")
    assert phase4.title == "Phase 4"
    assert "cloud_sql.main-db.vcpu" in phase4.dropped
    assert "cloud_run.*.min_instances" in phase4.scenario.settings
