"""The dashboard's figures: values of the last month, history, targets and what is not known."""

from cost_rows_made import rows_of

from model.analysis import CostView
from model.anomalies import Finding, Incident
from model.budgets import Budget, budget_states
from model.daily_costs import month_days
from model.dashboard import anomaly_figure, budget_figure, monthly_figure, service_figures, unit_figure
from model.month_change import full_month, month_change
from model.unit_cost import Driver

DOLLAR = 10**9
VIEW = CostView()
ROWS = rows_of([(0, 202512, 10.0, 200 * DOLLAR), (0, 202601, 10.0, 300 * DOLLAR), (3, 202601, 1.0, 100 * DOLLAR)])


def test_a_month_with_history_change_and_budget():
    found = monthly_figure(ROWS, VIEW, 202601, 500 * DOLLAR)
    assert (found.value, found.history, found.change, found.status) == (400.0, (200.0, 400.0), 1.0, "met")
    assert monthly_figure(ROWS, VIEW, 202601, 399 * DOLLAR).status == "missed"
    assert monthly_figure(ROWS, VIEW, 202601, None).status == "no target"


def test_services_have_a_history_also_where_they_are_new():
    run, sql = service_figures(ROWS, VIEW, 202601, ())
    assert (run.key, run.history) == ("Run", (200.0, 300.0))
    assert (sql.key, sql.history, sql.change) == ("SQL", (0.0, 100.0), None)
    budgets = [Budget("service", "SQL", 99 * DOLLAR), Budget("project", "SQL", DOLLAR)]
    assert service_figures(ROWS, VIEW, 202601, budgets)[1].status == "missed"


def test_a_unit_not_counted_in_the_month_is_not_known():
    drivers = [Driver(202512, "users", 100.0)]
    late = unit_figure(ROWS, VIEW, 202601, drivers, "users", 3.0)
    assert (late.value, late.history, late.status) == (None, (2.0,), "not known")
    found = unit_figure(ROWS, VIEW, 202601, [*drivers, Driver(202601, "users", 100.0)], "users", 3.0)
    assert (found.value, found.status) == (4.0, "missed")


def test_alerts_are_open_for_a_week_and_notices_are_none():
    day = month_days(202601)[0] + 20
    finding = Finding("anomaly", "Run", day, day, 3.0, DOLLAR, DOLLAR)
    incidents = [Incident("anomaly", "Run", (finding,), severity) for severity in ("critical", "notice")]
    assert anomaly_figure(incidents, (202512, 202601), day + 7).value == 1.0
    assert anomaly_figure(incidents, (202512, 202601), day + 8).value == 0.0
    assert anomaly_figure(incidents, (202512, 202601), day).history == (0.0, 1.0)


def test_budget_is_a_share_of_what_the_month_comes_to():
    last = month_days(202601)[1]
    state = budget_states(ROWS, VIEW, [Budget("bill", "", 800 * DOLLAR)], 202601, last)[0]
    assert budget_figure(state, monthly_figure(ROWS, VIEW, 202601, None)).value == 0.5
    assert budget_figure(None, monthly_figure(ROWS, VIEW, 202601, None)).status == "not known"


def test_a_month_against_the_month_before():
    found = month_change(ROWS, VIEW, 202601)
    assert (found.whole.change_nanos, found.share) == (200 * DOLLAR, 1.0)
    assert (found.whole.price_nanos, found.whole.new_nanos) == (100 * DOLLAR, 100 * DOLLAR)
    assert month_change(ROWS, VIEW, 202512).share is None


def test_a_month_under_way_is_held_against_the_same_days():
    first, last = month_days(202601)
    rows = rows_of([(0, 202512, 1.0, 100), (0, 202512, 1.0, 40), (0, 202601, 1.0, 90), (0, 202601, 1.0, 7)])
    rows.day[1] += 20
    rows.day[3] += 15
    assert month_change(rows, VIEW, 202601, first + 9).whole.change_nanos == -10
    assert month_change(rows, VIEW, 202601, last).whole.change_nanos == -43
    assert (full_month(rows, 202601, first + 9), full_month(rows, 202601, last)) == (202512, 202601)
    assert full_month(rows, 202512, first - 5) == 202512
