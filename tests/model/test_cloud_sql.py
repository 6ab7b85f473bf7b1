"""The Cloud SQL lever: repricing of its own rows, what it refuses, what it must keep."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.database_tier import (
    ENTERPRISE_VCPU,
    Tier,
    cheapest_tier,
    fitting_tiers,
    shape_problem,
)
from model.lever import Effects
from model.levers.cloud_sql import LEVER, calibrations
from model.levers.cloud_sql_choice import shared_core_choice, smallest_fitting_tier
from model.levers.cloud_sql_instance import instances
from model.outcome import evaluate
from model.parameter import Chosen, Values
from model.scenario import Scenario, ScenarioError
from tests.model.database_bills import (
    HOURS,
    NEUTRAL,
    cost_after,
    cost_today,
    guardrail,
    make_bill,
    values_of,
)

MAIN = "cloud_sql.main."


def dedicated(vcpu=8.0, memory=32.0, variant="zonal", name="main", storage=0.0):
    rows = {(name, f"cloud_sql.{variant}.vcpu"): vcpu, (name, f"cloud_sql.{variant}.memory"): memory}
    return rows | ({(name, f"cloud_sql.{variant}.storage"): storage / HOURS} if storage else {})


def run(bill, settings=None, assumptions=None, effects=NEUTRAL):
    put = {MAIN + key if "." not in key else key: value for key, value in (settings or {}).items()}
    assumed = {MAIN + key: value for key, value in (assumptions or {}).items()}
    return LEVER.apply(bill, values_of(bill, [LEVER], put, assumed), effects)


def test_current_size_comes_from_the_rows_and_the_inventory_wins():
    bill = make_bill(dedicated())
    found = {p.name: p for p in LEVER.parameters(bill)}
    assert (found["vcpu"].current, found["memory_gib"].current) == (8.0, 32.0)
    assert found["vcpu"].evidence == "measured"
    assert (found["edition"].current, found["availability"].current) == ("enterprise", "zonal")
    assert found["peak_cpu_utilisation"].current is None
    told = make_bill(dedicated(), {MAIN + "vcpu": 8, MAIN + "replicas": 2})
    assert {p.name: p for p in LEVER.parameters(told)}["replicas"].current == 2


def test_a_partly_stopped_instance_is_measured_by_its_full_hours_and_scaled_as_billed():
    hours = np.where(np.arange(HOURS) % 24 < 10, 8.0, 0.0)
    bill = make_bill({("main", "cloud_sql.zonal.vcpu"): hours, ("main", "cloud_sql.zonal.memory"): hours * 4})
    assert {p.name: p for p in LEVER.parameters(bill)}["vcpu"].current == 8.0
    result = run(bill, {"vcpu": 4, "memory_gib": 16})
    assert cost_after(bill, result) == pytest.approx(cost_today(bill) / 2, abs=1e-6)
    vcpu = next(change for change in result.usage if change.kind.endswith("vcpu"))
    assert (vcpu.usage[hours == 0] == 0).all()


def test_nothing_changed_changes_nothing_even_over_the_limit():
    bill = make_bill(dedicated(storage=100))
    for put in ({}, {"vcpu": 8, "memory_gib": 32, "edition": "enterprise", "availability": "zonal"}):
        result = run(bill, put, {"peak_cpu_utilisation": 0.99, "working_set_gib": 64})
        assert result.usage == ()
        assert result.new_usage == ()
        assert all(g.passed is not False for g in result.guardrails)


@pytest.mark.parametrize(("v", "m"), [(4, 16), (2, 13), (16, 64), (8, 24.5), (2, 3.75)])
def test_size_is_repriced_by_its_own_ratios(v, m):
    bill = make_bill(dedicated(storage=500) | dedicated(2, 8, name="other"))
    result = run(bill, {"vcpu": v, "memory_gib": m})
    expected = cost_today(bill) + HOURS * ((v - 8) * 0.0413 + (m - 32) * 0.007)
    assert cost_after(bill, result) == pytest.approx(expected, abs=1e-6)
    assert {change.resource.name for change in result.usage} == {"main"}


def test_memory_alone_saves_only_memory():
    bill = make_bill(dedicated())
    saved = cost_today(bill) - cost_after(bill, run(bill, {"memory_gib": 16}))
    assert saved == pytest.approx(HOURS * 16 * 0.007, abs=1e-6)


@pytest.mark.parametrize(
    ("tier", "allowed"),
    [
        (Tier(1, 3.75), True), (Tier(1, 6.5), True), (Tier(1, 6.75), False), (Tier(3, 12), False),
        (Tier(96, 624), True), (Tier(98, 624), False), (Tier(4, 3.5), False), (Tier(6, 5.4), False),
        (Tier(6, 5.5), True), (Tier(4, 26.25), False), (Tier(8, 64, "enterprise_plus"), True),
        (Tier(8, 32, "enterprise_plus"), False), (Tier(6, 48, "enterprise_plus"), False),
        (Tier(64, 512, "enterprise_plus"), True),
    ],
)  # fmt: skip
def test_only_allowed_shapes(tier, allowed):
    assert (shape_problem(tier) == "") is allowed


def test_a_forbidden_shape_fails_with_what_is_allowed():
    result = run(make_bill(dedicated()), {"vcpu": 3})
    failed = guardrail(result, "allowed shape")
    assert failed.passed is False
    assert "even number" in failed.sentence


def test_zonal_moves_to_the_regional_kinds_at_the_price_the_bill_knows():
    other = dedicated(2, 8, "regional", "ha", storage=10)
    bill = make_bill(dedicated(storage=100) | other)
    result = run(bill, {"availability": "regional"})
    expected = cost_today(bill) + HOURS * (8 * 0.0413 + 32 * 0.007) + 100 * 0.17
    assert cost_after(bill, result) == pytest.approx(expected, abs=1e-5)


def test_regional_to_zonal_halves_compute_and_uses_the_book():
    bill = make_bill(dedicated(variant="regional", storage=100))
    result = run(bill, {"availability": "zonal"})
    assert any("standby" in note for note in result.notes)
    after = cost_after(bill, result)
    assert after == pytest.approx(cost_today(bill) / 2, abs=1e-5)


def test_an_unsourced_price_is_refused_not_invented():
    bill = make_bill(dedicated(storage=100))
    result = run(bill, {"availability": "regional"})
    assert result.usage == ()
    refused = guardrail(result, "can be priced")
    assert refused.passed is False
    assert "Cloud SQL regional storage" in refused.sentence
    without_storage = make_bill(dedicated())
    assert run(without_storage, {"availability": "regional"}).usage


def test_edition_takes_the_plus_kinds_where_the_book_knows_them():
    east = make_bill(dedicated(8, 48), region="us-east1")
    result = run(east, {"edition": "enterprise_plus", "memory_gib": 64})
    expected = cost_today(east) + HOURS * (8 * (0.0537 - 0.0413) + 64 * 0.0091 - 48 * 0.007)
    assert cost_after(east, result) == pytest.approx(expected, abs=1e-5)
    central = make_bill(dedicated(8, 48))
    assert guardrail(run(central, {"edition": "enterprise_plus", "memory_gib": 64}), "can be priced").passed is False


def test_shared_core_becomes_dedicated():
    bill = make_bill({("main", "cloud_sql.shared.f1_micro"): 1.0})
    assert {p.name: p for p in LEVER.parameters(bill)}["vcpu"].current == 0
    after = cost_after(bill, run(bill, {"vcpu": 1, "memory_gib": 3.75}))
    assert after == pytest.approx(HOURS * (0.0413 + 3.75 * 0.007), abs=1e-6)
    assert run(bill).usage == ()
    regional = run(bill, {"availability": "regional"})
    assert cost_after(bill, regional) == pytest.approx(HOURS * 0.021, abs=1e-6)
    half = guardrail(run(bill, {"memory_gib": 3.75}), "can be priced")
    assert half.passed is False
    assert "set vCPU and memory" in half.sentence


def test_dedicated_becomes_a_shared_core_only_when_asked_and_stands_outside_the_agreement():
    bill = make_bill(dedicated(2, 8, storage=20))
    result = run(bill, {"shared_core": "db-f1-micro"}, {"working_set_gib": 0.5})
    assert cost_after(bill, result) == pytest.approx(HOURS * 0.0105 + 20 * 0.17, abs=1e-6)
    judged = guardrail(result, "service level agreement")
    assert judged.passed is None
    assert "outside Google's service level agreement" in judged.sentence
    assert guardrail(result, "peak CPU").passed is None
    assert guardrail(result, "memory for the working set").passed
    other = {("ha", "cloud_sql.shared_regional.f1_micro"): 1.0}
    covered = make_bill(dedicated(2, 8, variant="regional") | other, {MAIN + "working_set_gib": 0.5})
    broken = run(covered, {"shared_core": "db-f1-micro"})
    assert guardrail(broken, "service level agreement").passed is False
    assert cost_after(covered, broken) == pytest.approx(2 * HOURS * 0.021, abs=1e-6)


def test_shared_cores_change_among_themselves_and_with_availability():
    bill = make_bill({("main", "cloud_sql.shared_regional.f1_micro"): 1.0})
    found = {p.name: p.current for p in LEVER.parameters(bill)}
    assert (found["shared_core"], found["availability"], found["vcpu"]) == ("db-f1-micro", "regional", 0)
    zonal = run(bill, {"availability": "zonal", "shared_core": "db-g1-small"})
    assert cost_after(bill, zonal) == pytest.approx(HOURS * 0.035, abs=1e-6)
    assert guardrail(run(bill, {"shared_core": "db-g1-small"}), "can be priced").passed is False  # no regional price


@pytest.mark.parametrize(
    ("rows", "settings_", "words"),
    [
        ({("main", "cloud_sql.shared.f1_micro"): 1.0}, {"shared_core": "none"}, "set vCPU and memory too"),
        (dedicated(), {"shared_core": "db-f1-micro", "vcpu": 4}, "or vCPU and memory"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(rows, settings_, words):
    result = run(make_bill(rows), settings_)
    assert result.usage == ()
    assert words in guardrail(result, "can be priced").sentence


def test_a_shared_core_is_offered_only_to_who_asks():
    bill = make_bill(dedicated(2, 8))
    values = values_of(bill, [LEVER], {}, {MAIN + "peak_cpu_utilisation": 0.01, MAIN + "working_set_gib": 1.0})
    main = instances(bill)[0]
    assert smallest_fitting_tier(bill, main, values, NEUTRAL).tier == Tier(1, 3.75)
    asked = shared_core_choice(bill, main, values)
    assert asked.tier.shared_core == "db-g1-small"
    assert asked.cost_per_month == pytest.approx(730 * 0.035)
    large = values_of(bill, [LEVER], {}, {MAIN + "working_set_gib": 5.0})
    assert shared_core_choice(bill, main, large).tier == Tier(2, 8)


def test_enterprise_plus_moves_its_disk_and_takes_its_own_machines():
    east = make_bill(dedicated(96, 624, storage=100), region="us-east1")
    result = run(east, {"edition": "enterprise_plus", "vcpu": 128, "memory_gib": 864})
    expected = HOURS * (128 * 0.0537 + 864 * 0.0091) + 100 * 0.17
    assert cost_after(east, result) == pytest.approx(expected, abs=1e-4)
    assert guardrail(result, "allowed shape").passed
    assert {c.kind for c in result.usage if c.kind.endswith("storage")} == {
        "cloud_sql.zonal.storage", "cloud_sql.plus_zonal.storage",
    }  # fmt: skip


def test_rows_that_no_setting_moves_are_named():
    bill = make_bill(dedicated())
    text = {name: values.copy() for name, values in bill.lines.text.items()}
    text["product"][:] = "Cloud SQL"
    text["kind"][0], text["sku"][0] = "", "Cloud SQL: Network Egress"
    odd = replace(bill, lines=replace(bill.lines, text=text))
    assert any("Network Egress" in note for note in run(odd, {"vcpu": 4, "memory_gib": 16}).notes)
    assert run(odd).notes == ()


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.tuples(st.sampled_from(ENTERPRISE_VCPU), st.sampled_from(ENTERPRISE_VCPU)),
    shares=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
)
def test_a_smaller_size_never_costs_more(sizes, shares):
    bill = make_bill(dedicated(16, 64, storage=10))
    costs = []
    for vcpu, share in zip(sorted(sizes), sorted(shares), strict=True):
        costs.append(cost_after(bill, run(bill, {"vcpu": vcpu, "memory_gib": 3.75 + share * 600})))
    assert costs[0] <= costs[1] + 1e-6


def test_a_new_replica_costs_a_zonal_instance_with_its_storage():
    bill = make_bill(dedicated(variant="regional", storage=100))
    added = cost_after(bill, run(bill, {"replicas": 2})) - cost_today(bill)
    assert added == pytest.approx(2 * (HOURS * (8 * 0.0413 + 32 * 0.007) + 100 * 0.17), abs=1e-5)


def test_a_removed_replica_saves_its_own_rows():
    rows = dedicated() | dedicated(4, 16, name="main-replica")
    facts = {MAIN + "replicas": 1, "cloud_sql.main-replica.replica_of": "main"}
    bill = make_bill(rows, facts)
    saved = cost_today(bill) - cost_after(bill, run(bill, {"replicas": 0}))
    assert saved == pytest.approx(HOURS * (4 * 0.0413 + 16 * 0.007), abs=1e-6)
    unnamed = make_bill(rows, {MAIN + "replicas": 1})
    result = run(unnamed, {"replicas": 0})
    assert result.usage == ()
    assert guardrail(result, "replicas").passed is False


def test_what_is_deleted_cannot_be_set_too_and_every_instance_means_those_that_stay():
    rows = dedicated() | dedicated(4, 16, name="main-replica")
    bill = make_bill(rows, {MAIN + "replicas": 1, "cloud_sql.main-replica.replica_of": "main"})
    both = {MAIN + "replicas": 0, "cloud_sql.main-replica.vcpu": 2, "cloud_sql.main-replica.memory_gib": 8}
    with pytest.raises(ScenarioError) as refused:
        evaluate(bill, Scenario(settings=both))
    assert str(refused.value) == (
        "cloud_sql.main.replicas = 0 deletes main-replica, so cloud_sql.main-replica.vcpu cannot be set too: take one "
        "of them out."
    )
    alone = evaluate(bill, Scenario(settings={MAIN + "replicas": 0}))
    everywhere = evaluate(bill, Scenario(settings={MAIN + "replicas": 0, "cloud_sql.*.availability": "regional"}))
    assert [(c.resource, c.attribute) for c in everywhere.changes] == [("main", "availability"), ("main", "replicas")]
    assert alone.saving_nanos == pytest.approx(HOURS * (4 * 0.0413 + 16 * 0.007) * 1e9, abs=1)
    kept = Scenario(settings={MAIN + "replicas": 1, "cloud_sql.main-replica.availability": "regional"})
    assert evaluate(bill, kept).saving_nanos < 0


def test_peak_cpu_follows_the_formula_and_uses_the_worst_multiplier():
    bill = make_bill(dedicated())
    effects = Effects(0.4, 0.5, 1.0)
    result = run(bill, {"vcpu": 4, "memory_gib": 16}, {"peak_cpu_utilisation": 0.5, "query_cpu_share": 0.8}, effects)
    peak = guardrail(result, "peak CPU")
    assert peak.value == pytest.approx(0.5 * (0.2 + 0.8 * 0.5) * 2)
    assert peak.passed
    lost = guardrail(result, "peak CPU with the cache lost")
    assert lost.value == pytest.approx(1.0)
    assert lost.passed
    worse = run(bill, {"vcpu": 4, "memory_gib": 16}, {"peak_cpu_utilisation": 0.51, "query_cpu_share": 0.8}, effects)
    assert guardrail(worse, "peak CPU with the cache lost").passed is False


def test_replicas_relieve_the_primary_of_reads():
    bill = make_bill(dedicated())
    result = run(bill, {"replicas": 1}, {"peak_cpu_utilisation": 0.6, "read_share": 0.5})
    assert guardrail(result, "peak CPU").value == pytest.approx(0.6 * (0.5 + 0.25))


def test_unknown_peak_is_not_judged_and_censored_peak_may_not_shrink():
    bill = make_bill(dedicated())
    assert guardrail(run(bill, {"vcpu": 4, "memory_gib": 16}), "peak CPU").passed is None
    known = {"peak_cpu_utilisation": 0.96}
    # With the query work nearly gone the formula alone would allow it.
    result = run(bill, {"vcpu": 6, "memory_gib": 32}, known, Effects(0.01, 0.01, 0.01))
    assert guardrail(result, "peak CPU").passed is False
    over_today = run(bill, {"vcpu": 10}, known)
    assert guardrail(over_today, "peak CPU").passed is True
    assert "already today" in guardrail(over_today, "peak CPU").sentence


def test_memory_is_held_against_the_working_set():
    bill = make_bill(dedicated())
    assert guardrail(run(bill, {"memory_gib": 16}), "memory for the working set").passed is None
    kept = guardrail(run(bill, {"memory_gib": 16}, {"working_set_gib": 14.4}), "memory for the working set")
    assert (kept.passed, kept.limit, kept.value) == (True, pytest.approx(14.4), 14.4)
    failed = guardrail(run(bill, {"memory_gib": 11.5}, {"working_set_gib": 11.4}), "memory for the working set")
    assert failed.passed is False
    assert failed.sentence == ("main: a working set of 11.4 GiB in 11.5 GiB of memory, of which it may take 90%.")
    values = values_of(bill, [LEVER], {MAIN + "memory_gib": 11.5}, {MAIN + "working_set_gib": 11.4})
    limit = {"service_level.database_memory": Chosen(1.0, "modelled", "typed", is_changed=True)}
    waived = LEVER.apply(bill, Values({**values.by_key, **limit}), NEUTRAL)
    assert guardrail(waived, "memory for the working set").passed


@pytest.mark.parametrize(("core", "typed", "peak"), [("db-f1-micro", None, 2.0), ("db-g1-small", None, 0.8),
                                                     ("db-f1-micro", 1.0, 0.4)])  # fmt: skip
def test_a_shared_core_is_judged_by_the_vcpu_that_it_gives(core, typed, peak):
    bill = make_bill(dedicated(2, 8))
    assumed = {"peak_cpu_utilisation": 0.2} | ({"shared_core_vcpu": typed} if typed else {})
    judged = guardrail(run(bill, {"shared_core": core}, assumed), "peak CPU")
    assert judged.value == pytest.approx(peak)
    assert judged.passed is (peak <= 0.7)
    assert f"vCPU that {core} is taken to give" in judged.sentence


def test_what_runs_on_a_shared_core_may_take_a_whole_one():
    bill = make_bill({("main", "cloud_sql.shared.f1_micro"): 1.0})
    peak = {"peak_cpu_utilisation": 0.9}
    assert guardrail(run(bill, {"vcpu": 2, "memory_gib": 3.75}, peak), "peak CPU").value == pytest.approx(0.45)
    assert guardrail(run(bill, {"shared_core": "db-g1-small"}, peak), "peak CPU").passed is False
    busier = run(bill, {}, peak, Effects(1.0, 1.2, 1.0))
    assert guardrail(busier, "peak CPU").value == pytest.approx(0.9 * (0.2 + 0.8 * 1.2))


def test_connections_need_pool_size_the_engine_and_the_services_maximum():
    rows = dedicated() | {("api", "cloud_run.request_based.cpu"): 10.0}
    bill = make_bill(rows, {MAIN + "database_version": "POSTGRES_16"})
    values = values_of(bill, [LEVER], {MAIN + "memory_gib": 8, MAIN + "pool_size": 10})
    assert guardrail(LEVER.apply(bill, values, NEUTRAL), "connections") is None
    put = {
        **values.by_key,
        "cloud_run.api.max_instances": Chosen(50, "measured", "i"),
    }
    judged = guardrail(LEVER.apply(bill, Values(put), NEUTRAL), "connections")
    assert (judged.value, judged.limit, judged.passed) == (500.0, 400.0, False)
    assert "sql/docs/postgres/flags, as of 2026-10-01" in judged.sentence
    flagged = make_bill(rows, {MAIN + "max_connections": 600})
    assert guardrail(LEVER.apply(flagged, Values(put), NEUTRAL), "connections").passed
    mysql = make_bill(rows, {MAIN + "database_version": "MYSQL_8_0"})
    assert guardrail(LEVER.apply(mysql, Values(put), NEUTRAL), "connections").limit == 4000
    unknown = make_bill(rows)
    assert guardrail(LEVER.apply(unknown, Values(put), NEUTRAL), "connections") is None


def test_rows_without_names_scale_as_a_whole():
    bill = make_bill({("", "cloud_sql.zonal.vcpu"): 11.0, ("", "cloud_sql.zonal.memory"): 40.0}, has_hours=False)
    values = values_of(bill, [LEVER], {"cloud_sql.all.vcpu": 5.5})
    result = LEVER.apply(bill, values, NEUTRAL)
    assert cost_today(bill) - cost_after(bill, result) == pytest.approx(HOURS * 5.5 * 0.0413, abs=1e-6)
    assert guardrail(result, "allowed shape") is None
    assert any("spread evenly" in note for note in result.notes)


def test_calibration_and_missing():
    bill = make_bill(dedicated())
    assert calibrations(bill)[0].error == pytest.approx(0.0)
    assert LEVER.missing(bill) == ""
    assert "Not in this bill" in LEVER.missing(make_bill({("db", "firestore.reads"): 1.0}))


def brute_force(vcpu, memory, prices, today):
    """Every allowed size on the quarter-GiB grid, by its price."""
    grid = [
        Tier(v, m / 4)
        for v in ENTERPRISE_VCPU
        for m in range(15, 26 * v + 1)
        if v >= vcpu and m / 4 >= memory and not shape_problem(Tier(v, m / 4))
    ]
    return min(tier.cost_per_hour(*prices) for tier in [*grid, today])


@settings(max_examples=25, deadline=None)
@given(
    vcpu=st.floats(0.1, 90.0),
    memory=st.floats(0.0, 500.0),
    prices=st.tuples(st.floats(0.001, 0.1), st.floats(0.0005, 0.05)),
)
def test_smallest_tier_equals_brute_force(vcpu, memory, prices):
    today = Tier(96, 624)
    found = cheapest_tier([today, *fitting_tiers("enterprise", vcpu, memory)], *prices)
    assert found.cost_per_hour(*prices) == pytest.approx(brute_force(vcpu, memory, prices, today))


@settings(max_examples=40, deadline=None)
@given(
    peak=st.floats(0.01, 1.0), share=st.floats(0.0, 1.0), cacheable=st.floats(0.0, 1.0),
    hits=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), working=st.floats(0.0, 64.0),
)  # fmt: skip
def test_law_4_more_hits_never_raise_the_cheapest_feasible_cost(peak, share, cacheable, hits, working):
    bill = make_bill(dedicated(16, 64))
    assumed = {
        MAIN + "peak_cpu_utilisation": peak, MAIN + "query_cpu_share": share, MAIN + "working_set_gib": working,
    }  # fmt: skip
    values = values_of(bill, [LEVER], {}, assumed)
    costs = []
    for hit in sorted(hits):
        work = 1.0 - cacheable * hit
        choice = smallest_fitting_tier(bill, instances(bill)[0], values, Effects(work, work, 1.0))
        costs.append(choice.cost_per_month)
        assert choice.cost_per_month <= choice.current_cost_per_month + 1e-9
    assert costs[1] <= costs[0] + 1e-9


def test_the_suggestion_keeps_every_guardrail():
    bill = make_bill(dedicated(16, 64))
    assumed = {"peak_cpu_utilisation": 0.3, "working_set_gib": 20.0}
    values = values_of(bill, [LEVER], {}, {MAIN + key: value for key, value in assumed.items()})
    choice = smallest_fitting_tier(bill, instances(bill)[0], values, NEUTRAL)
    assert choice.tier == Tier(8, 22.25)
    assert choice.cost_per_month == pytest.approx(730 * (8 * 0.0413 + 22.25 * 0.007))
    result = run(bill, {"vcpu": choice.tier.vcpu, "memory_gib": choice.tier.memory_gib}, assumed)
    assert all(g.passed for g in result.guardrails)


def test_without_a_known_peak_nothing_smaller_is_suggested():
    bill = make_bill(dedicated())
    choice = smallest_fitting_tier(bill, instances(bill)[0], values_of(bill, [LEVER]), NEUTRAL)
    assert choice.tier == choice.current
    assert "peak CPU" in choice.sentence
