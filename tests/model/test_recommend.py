"""The recommender against exhaustive search on small spaces, and what it may never do."""

from __future__ import annotations

import threading
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.levers.cache_capacity import cheapest_size_at_least
from model.outcome import evaluate, parameters
from model.projection import figures, project
from model.recommend import Cancelled, recommend
from model.recommend_climb import GAIN
from model.recommend_judge import Judge
from model.recommend_search import Search
from model.recommend_space import APPETITES, Axis, axes, moved
from model.scenario import Assumption, Scenario
from tests.laws.arbitrary_bills import BillSpec, Thing, make_bill

EACH = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
TOLD = {"cloud_run.api.peak_memory_utilisation": 0.4, "cloud_run.api.cpu_boundness": 0.2}
RUN = Thing("run", level=4.0)
SQL = Thing("sql", name="db", commitment="new", covered_share=0.3)
FIRESTORE = Thing("firestore", name="(default)")
SPEC = BillSpec(things=(RUN, SQL, FIRESTORE), tax_rate=0.1)
VALUES = {
    "cloud_run.api.min_instances": (0, 1, 3, 5),
    "cloud_run.api.max_instances": (20, 40, 60),
    "cloud_run.api.vcpu": (1.0, 2.0, 4.0),
    "cloud_run.api.memory_gib": (1.0, 2.0, 4.0),
    "cloud_run.api.concurrency": (20, 80, 160),
    "cloud_sql.db.vcpu": (2, 4, 6, 8),
    "cloud_sql.db.memory_gib": (8.0, 16.0, 32.0),
    "cache.new.size_gib": (0, 1, 2, 4),
    "commitments.compute_flexible.term": ("none", "1y", "3y"),
    "commitments.cloud_sql-us-central1.term": ("none", "1y", "3y"),
}


def space(bill, *keys: str) -> list[Axis]:
    known = {p.key: p for p in parameters(bill)}
    picked = [(known[key], VALUES[key]) for key in keys if key in known]
    return [
        Axis(p.key, p.lever, p.resource, p.current, tuple(dict.fromkeys((*values, p.current)))) for p, values in picked
    ]


def exhaustive(judge: Judge, chosen: list[Axis]):
    points = []
    for values in product(*(axis.values for axis in chosen)):
        plan = {}
        for axis, value in zip(chosen, values, strict=True):
            plan = moved(plan, axis, value)
        points.append(judge.judge(plan))
    return max(points, key=lambda point: point.rank)


def both(bill, keys, start=None, share=1.0):
    judge = Judge(bill, start or Scenario(), share)
    chosen = space(bill, *keys)
    found = Search(Judge(bill, start or Scenario(), share), chosen).best([judge.judge({})])
    return found, exhaustive(judge, chosen)


RUN_KEYS = tuple(key for key in VALUES if key.startswith("cloud_run"))
SPACES = {
    "one service": RUN_KEYS,
    "a database": ("cloud_sql.db.vcpu", "cloud_sql.db.memory_gib", "commitments.cloud_sql-us-central1.term"),
    "cache and database": ("cache.new.size_gib", "cloud_sql.db.vcpu", "cloud_sql.db.memory_gib"),
    "service and commitment": ("cloud_run.api.min_instances", "cloud_run.api.vcpu", "cloud_run.api.memory_gib",
                               "cloud_run.api.concurrency", "commitments.compute_flexible.term"),
    "service and database": ("cloud_run.api.max_instances", "cloud_run.api.min_instances", "cloud_sql.db.vcpu",
                             "cloud_sql.db.memory_gib", "cloud_run.api.memory_gib"),
}  # fmt: skip


@pytest.mark.parametrize("keys", SPACES.values(), ids=SPACES)
def test_the_search_finds_what_trying_everything_finds(keys):
    found, best = both(make_bill(SPEC, TOLD), keys)
    assert not found.problems
    assert found.npv == pytest.approx(best.npv, abs=GAIN)


@EACH
@given(
    st.floats(0.3, 12.0), st.integers(1, 50), st.floats(0.2, 0.9), st.floats(0.0, 1.0), st.floats(3.0, 30.0),
    st.sampled_from([("one service",), ("cache and database",)]), st.sampled_from([1.0, 0.75]),
)  # fmt: skip
def test_it_does_so_on_other_bills(level, seed, cpu, boundness, working_set, which, share):
    spec = BillSpec(things=(Thing("run", level=level, seed=seed), Thing("sql", name="db"), FIRESTORE))
    told = TOLD | {
        "cloud_run.api.cpu_boundness": boundness,
        "cloud_sql.db.peak_cpu_utilisation": cpu,
        "cloud_sql.db.working_set_gib": working_set,
    }
    found, best = both(make_bill(spec, told), SPACES[which[0]], share=share)
    assert found.npv == pytest.approx(best.npv, abs=GAIN)


def test_a_cache_size_that_a_larger_one_undercuts_is_never_chosen():
    """4 GiB cost more than 5 GiB, which are of the next size class: the price falls with the class."""
    bill = make_bill(BillSpec(things=(Thing("firestore", name="(default)", level=4000.0),)), {"cache.new.keys": 4e6})
    size = next(p for p in parameters(bill) if p.key == "cache.new.size_gib")
    judge = Judge(bill, Scenario())
    sizes = Axis(size.key, size.lever, size.resource, 0.0, (0, 1, 2, 4, 8, 16), 1.0)
    found = Search(judge, [sizes]).best([judge.judge({})])
    chosen = found.settings[size.key]
    assert chosen == cheapest_size_at_least(bill, "basic", chosen, "us-central1")
    assert judge.judge({size.key: 5}).npv > judge.judge({size.key: 4}).npv


def test_pooled_connections_are_kept_by_fewer_instances_where_that_pays():
    """The database may shrink only if the service opens fewer connections: both must move together."""
    told = TOLD | {"cloud_sql.db.pool_size": 4, "cloud_sql.db.peak_cpu_utilisation": 0.2}
    keys = ("cloud_run.api.max_instances", "cloud_sql.db.vcpu", "cloud_sql.db.memory_gib")
    found, best = both(make_bill(SPEC, told), keys)
    assert found.npv == pytest.approx(best.npv, abs=GAIN)


@pytest.mark.parametrize("growth", [0.3, -0.2])
def test_demand_in_three_years_counts(growth):
    """Worth between three priced demands is near what the projection says of 36 priced months."""
    grown = Scenario(assumptions={"growth.usage_per_year": Assumption(growth), "ramp.cloud_run.months": Assumption(6)})
    bill = make_bill(SPEC, TOLD | {"cloud_sql.db.peak_cpu_utilisation": 0.3})
    keys = ("cloud_sql.db.vcpu", "cloud_run.api.min_instances", "commitments.compute_flexible.term")
    (now, _), (later, best) = both(bill, keys), both(bill, keys, grown)
    assert later.npv == pytest.approx(best.npv, abs=GAIN)
    assert later.npv != pytest.approx(now.npv, rel=0.01)
    plan = Scenario(settings=later.settings, assumptions=grown.assumptions)
    assert later.npv == pytest.approx(figures(project(evaluate(bill, plan))).npv, rel=0.06)


@pytest.fixture(scope="module")
def found():
    return recommend(make_bill(SPEC, TOLD), Scenario())


def test_a_recommendation_breaks_no_limit_and_pays(found):
    assert all(guardrail.passed is not False for guardrail in found.outcome.guardrails)
    assert found.scenario.settings
    assert found.outcome.saving_nanos > 0
    assert found.figures == figures(project(found.outcome))
    assert found.figures.npv == pytest.approx(found.frontier[-1].npv, rel=1e-6)
    assert found.scenario.assumptions == {}


def test_the_frontier_trades_savings_against_risk(found):
    risks, worths = [p.risk for p in found.frontier], [p.npv for p in found.frontier]
    assert risks == sorted(risks)
    assert worths == sorted(worths)
    assert len(set(worths)) == len(worths)
    assert max(risks) <= 1.0 + 1e-9


def test_a_wider_limit_is_worth_what_the_binding_says(found):
    binding = next(limit for limit in found.binding if limit.limit == "memory")
    assert binding.resource == "api"
    assert 0 <= binding.tenth_wider_nanos <= binding.without_nanos


def test_careful_makes_only_what_can_be_taken_back():
    bill = make_bill(SPEC, TOLD)
    careful = recommend(bill, Scenario(), "careful")
    known = {p.key: p for p in parameters(bill)}
    assert {known[key].disruption for key in careful.scenario.settings} <= {"online"}
    assert not any(key.startswith("commitments.") for key in careful.scenario.settings)
    moved_limits = Judge(bill, Scenario()).judge(careful.scenario.settings)
    assert moved_limits.risk <= APPETITES["careful"].share_of_limit + 1e-9
    bold = recommend(bill, Scenario(), "bold")
    assert bold.figures.npv >= careful.figures.npv


def test_what_is_not_judged_is_not_chosen_and_said():
    told = {"cloud_run.api.cpu_boundness": 0.0}
    unknown = recommend(make_bill(BillSpec(things=(RUN,)), told), Scenario())
    assert unknown.scenario.settings.get("cloud_run.api.memory_gib", 4.0) >= 4.0
    assert any("peak_memory_utilisation" in sentence for sentence in unknown.missing)


def test_what_protects_stays_and_is_said(found):
    assert not {"cloud_sql.db.availability", "cloud_sql.db.edition"} & set(found.scenario.settings)
    assert any("standby" in sentence for sentence in found.kept)


def test_a_plan_of_today_that_cannot_be_bettered_is_no_change():
    bill = make_bill(BillSpec(things=(FIRESTORE,), currency="EUR"))
    one = Scenario(assumptions={"finance.one_off_cost": Assumption(1e9)})
    assert recommend(bill, one).scenario.settings == {}


def test_the_start_is_tried_and_its_assumptions_stay():
    bill = make_bill(SPEC, TOLD)
    start = Scenario("Mine", {"cloud_sql.db.vcpu": 4}, {"cloud_run.api.burstiness": Assumption(0.5)})
    found = recommend(bill, start)
    assert found.scenario.assumptions == start.assumptions
    assert found.outcome.saving_nanos >= evaluate(bill, start).saving_nanos


def test_it_stops_when_asked_and_tells_how_far_it_is():
    bill = make_bill(SPEC, TOLD)
    stop, told = threading.Event(), []
    stop.set()
    with pytest.raises(Cancelled):
        recommend(bill, Scenario(), on_progress=lambda share, text: told.append((share, text)), cancel=stop)
    recommend(bill, Scenario(), on_progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(text for _, text in told)


def test_the_space_is_what_the_declarations_allow():
    bill = make_bill(SPEC, TOLD)
    known = {p.key: p for p in parameters(bill)}
    for appetite in APPETITES.values():
        for axis in axes(parameters(bill), appetite):
            parameter = known[axis.key]
            assert parameter.kind == "setting"
            assert axis.current in axis.values
            for value in axis.values:
                Scenario(settings={axis.key: value}).check(known.values())


def test_a_limit_that_today_breaks_is_no_obstacle_unless_the_plan_makes_it_worse():
    """Today rejects more than the limit: dearer memory may go, fewer instances may not; the words keep them apart."""
    strict = Scenario(assumptions={"service_level.instance_utilisation": Assumption(0.05)})
    bill = make_bill(SPEC, TOLD)
    judge = Judge(bill, strict)
    assert judge.judge({}).problems == frozenset()
    assert judge.judge({"cloud_run.api.memory_gib": 3.0}).problems == frozenset()
    fewer = {"cloud_run.api.max_instances": 20}
    assert ("cloud_run", "api", "utilisation") in judge.judge(fewer).problems
    worse = {g.name: g for g in evaluate(bill, Scenario(settings=fewer, assumptions=strict.assumptions)).guardrails}
    assert "broken today, made worse by this plan" in worse["utilisation"].sentence
    same = {g.name: g for g in evaluate(bill, strict).guardrails}
    assert same["utilisation"].passed
    assert "broken today, not made worse by this plan" in same["utilisation"].sentence


def test_relaxing_a_limit_by_hand_saves_what_its_binding_says():
    told = TOLD | {"cloud_sql.db.working_set_gib": 20.0, "cloud_sql.db.peak_cpu_utilisation": 0.3}
    bill = make_bill(BillSpec(things=(Thing("sql", name="db"),)), told)
    found = recommend(bill, Scenario())
    binding = next(each for each in found.binding if each.limit == "memory for the working set")
    wider = Scenario(assumptions={"service_level.database_memory": Assumption(0.99)})
    relaxed = recommend(bill, wider)
    months = len(bill.months)
    assert binding.tenth_wider_nanos > 0
    gained = (relaxed.outcome.saving_nanos - found.outcome.saving_nanos) / months
    assert gained == pytest.approx(binding.tenth_wider_nanos, abs=1.0)
    assert relaxed.figures.npv > found.figures.npv
