"""Analysis and metrics pages: figures are those of the totals, filters live in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from streamlit.util import calc_hash

from data.totals import totals
from data.workspace import Workspace
from model.budgets import Budget
from pages.parts import analysis_session, data_state, session
from pages.parts.analysis_words import each_words
from tests.pages.test_app_pages import app, demo, drawn, said  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest


def on(at: AppTest, page: str) -> AppTest:
    at._page_hash = calc_hash(page)
    return drawn(at.run())


def section(at: AppTest, name: str) -> AppTest:
    at.session_state["analysis_section"] = name
    return drawn(at.run())


def test_the_breakdown_is_the_totals(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on(app, "analysis")
    assert at.title[0].value == "Where does the money go?"
    assert "Jan 2026 is" in said(at)
    months = (202511, 202512, 202601)
    rows = [r for r in totals(Workspace(demo), ["invoice_month", "product"]) if r.keys["invoice_month"] in months]
    shown = at.dataframe[0].value
    for name in {row.keys["product"] for row in rows}:
        net = sum(row.net_nanos for row in rows if row.keys["product"] == name)
        assert shown.loc[shown["Service"] == name, "Cost"].item() == pytest.approx(net * 1e-9, abs=1e-9)


def test_every_way_of_looking_is_drawn(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on(app, "analysis")
    assert "Click a bar" in said(at)
    changed = section(at, "What changed").dataframe[0].value
    whole = changed.loc[changed["Service"] == "Whole"].iloc[0]
    causes = ["Quantity", "Price", "Mix", "New", "Gone", "No quantity"]
    assert sum(whole[name] for name in causes) == pytest.approx(whole["Change"])
    assert changed["Change"].sum() == pytest.approx(2 * whole["Change"])
    assert "no unit has a cost" in said(section(at, "Unit costs"))
    drawn(at.button(key="analysis_drivers_demo").click().run())
    assert {"requests", "users", "transactions", "videos"} <= set(at.dataframe[0].value["Counted"])
    shares = section(at, "Showback").dataframe[0].value
    assert (shares["Direct"] + shares["Shared"]).sum() == pytest.approx(shares["Total"].sum())
    assert len(section(at, "Cash and accrual").dataframe[0].value) == 6
    assert "rows that two rules want are saved once" in said(section(at, "Recommendations"))


def test_filters_and_basis_come_from_the_address_and_go_there(app: AppTest, demo: Path) -> None:  # noqa: F811
    app.query_params["service"] = "Cloud Run"
    app.query_params["cost"] = "effective"
    at = on(app, "analysis")
    assert set(at.dataframe[0].value.columns) == {"SKU", "Cost", "Share"}
    drawn(at.button(key="analysis_drop_service").click().run())
    assert "service" not in at.query_params
    drawn(at.multiselect(key="analysis_filter_project").set_value(["aiprod-data"]).run())
    assert at.query_params["project"] == "aiprod-data"
    assert on(at, "metrics").query_params["project"] == "aiprod-data"
    assert any(button.label == "Project: aiprod-data" for button in at.button)


def test_an_address_that_fits_nothing_is_one_sentence(app: AppTest, demo: Path) -> None:  # noqa: F811
    app.query_params["service"] = "Nowhere"
    at = on(app, "analysis")
    assert "Nothing of the bill fits these filters." in said(at)
    drawn(at.button(key="analysis_clear").click().run())
    assert "Jan 2026 is" in said(at)


def test_budgets_are_typed_judged_and_taken_away(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = section(on(app, "analysis"), "Budgets")
    at.text_input(key="analysis_budget_amount").set_value("1,000")
    drawn(at.button(key="analysis_budget_set").click().run())
    assert "is no budget" in at.error[0].value
    at.text_input(key="analysis_budget_amount").set_value("11000")
    drawn(at.button(key="analysis_budget_set").click().run())
    assert "over" in at.dataframe[0].value["Status"][0]
    assert analysis_session.budgets(Workspace(demo), "USD") == [Budget("bill", "", 11_000_000_000_000)]
    drawn(at.button(key="analysis_budget_drop_bill_").click().run())
    assert analysis_session.budgets(Workspace(demo), "USD") == []


def test_the_dashboard_shows_eight_figures_and_no_savings_without_a_promise(app: AppTest, demo: Path) -> None:  # noqa: F811
    workspace = Workspace(demo)
    analysis_session.save_drivers(workspace, analysis_session.SAMPLE_DRIVERS.read_text(encoding="utf-8"), "drivers.csv")
    analysis_session.save_budgets(workspace, "USD", [Budget("bill", "", 11_000 * 10**9), Budget("cost each", "users",
                                                                                               3 * 10**9)])  # fmt: skip
    at = on(app, "metrics")
    figures = {each.label: (each.value, each.delta) for each in at.metric}
    assert len(figures) == 8
    assert "above $11k" in figures["Cost of Jan 2026"][1]
    assert "within $3.00" in figures["Cost per user"][1]
    assert figures["Cost per request"][0].startswith("$0.0000")
    assert figures["Budget against actual"][0] == "102 %"
    assert figures["Savings so far"] == ("—", "◇ no promise approved yet")


@pytest.mark.parametrize("page", ["analysis", "metrics"])
def test_an_empty_workspace_offers_the_demo_here_too(app, page, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    assert "No bill is loaded yet" in said(on(app, page))


def test_unit_costs_are_written_with_three_digits() -> None:
    assert [each_words(x, "USD") for x in (None, 0.0, 0.00005744, -2.3, 1234.5)] == [
        "—", "$0.00", "$0.0000574", "−$2.30", "$1,234.50",
    ]  # fmt: skip


def test_the_demos_drivers_go_with_the_demo_and_ones_own_stay(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    analysis_session.save_drivers(workspace, analysis_session.SAMPLE_DRIVERS.read_text(encoding="utf-8"), "drivers.csv")
    data_state.remove_demo(workspace)
    assert analysis_session.drivers(workspace) == []
    analysis_session.save_drivers(workspace, "month,driver,quantity\n2026-01,users,5\n", "mine.csv")
    data_state.remove_demo(workspace)
    assert [each.quantity for each in analysis_session.drivers(workspace)] == [5.0]
