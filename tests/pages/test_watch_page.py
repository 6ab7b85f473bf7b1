"""The Watch page: the answer, the incidents with their cause, a forecast on request, rules that are kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from streamlit.util import calc_hash

from data.workspace import Workspace
from delivery.configured import SLACK_ADDRESS
from model.alert_rules import WatchSettings
from model.backtest import backtest
from model.money import as_decimal
from pages.parts import palette, watch_charts, watch_panels, watch_session
from tests.delivery.receiver import receiving
from tests.pages.test_app_pages import app, demo, drawn, said  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from pages.parts.watch_session import Watched


def on_page(at: AppTest) -> AppTest:
    at._page_hash = calc_hash("watch")
    return drawn(at.run())


@pytest.fixture(scope="module")
def watched(imported: Path) -> Watched:
    return watch_session.watch(watch_session.load_costs(Workspace(imported)), WatchSettings())


def test_it_answers_and_names_the_surprise(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    assert at.title[0].value == "Is anything unusual?"
    words = said(at)
    assert "Nothing is unusual up to 31 Jan 2026" in words
    assert "Cloud Logging on 2025-11-18 to 2025-11-20" in words
    assert at.metric[0].label == "Open alerts"
    assert "Budget spent, Budget forecast: no budget is typed" in words
    assert "Invoice" not in at.segmented_control(key="watch_series").options


def test_the_chart_holds_what_the_bill_holds(watched: Watched) -> None:
    rows = watch_charts.days_rows(watched, "Cloud Logging", watched.incidents)
    found = [row["date"] for row in rows if row["found"] == palette.ANOMALY]
    assert {"2025-11-18", "2025-11-19", "2025-11-20"} <= set(found)
    total = sum(float(as_decimal(int(nanos))) for nanos in watched.costs.by_service()[2])
    assert watched.costs.services[2] == "Cloud Logging"
    assert sum(row["amount"] for row in rows) == pytest.approx(total)
    tuned = watch_charts.tuning_rows(backtest(watched.replayed, watched.settings)[:1], "USD")
    assert tuned[0]["false"] == 0


def test_rules_and_budget_are_kept_and_change_the_page(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    at.session_state["watch_rules"] = True
    drawn(at.run())
    at.text_input(key="watch_budget").set_value("10,000")
    drawn(at.button(key="watch_save").click().run())
    assert watch_session.watch_settings(Workspace(demo)).budget_nanos == 10_000 * 10**9
    words = said(at)
    assert "2 alerts are open" in words
    at.text_input(key="watch_budget").set_value("much")
    drawn(at.button(key="watch_save").click().run())
    assert "The budget is 'much'" in said(at)


def test_marks_need_a_day_and_a_reason() -> None:
    days = pd.Series([date(2026, 1, 5), None], dtype="datetime64[s]")
    table = pd.DataFrame({"Service": ["", None], "From": days, "Until": [pd.NaT] * 2, "Reason": ["test", ""]})
    (mark,) = watch_panels.expected_of(table[:1])
    assert (mark.service, mark.first, mark.last, mark.reason) == ("", mark.last, mark.first, "test")
    with pytest.raises(watch_panels.RulesRefused, match="first day and a reason"):
        watch_panels.expected_of(table)


def test_a_forecast_on_request_comes_with_its_scorecard(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    at.selectbox(key="watch_forecast_service").set_value("Cloud SQL")
    drawn(at.run())
    drawn(at.button(key="watch_foretell").click().run())
    at.session_state[watch_panels.JOB].wait(60)
    drawn(at.run())
    assert "Scorecard" in said(at)
    assert any("below that of repeating the last week" in each.value or "last week is repeated" in each.value
               for each in at.markdown)  # fmt: skip


def test_messages_go_where_the_secrets_say(app: AppTest, demo: Path, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.delenv(SLACK_ADDRESS, raising=False)
    app.session_state["watch_messages"] = True
    at = on_page(app)
    assert "No channel is set" in said(at)
    with receiving() as receiver:
        monkeypatch.setenv(SLACK_ADDRESS, receiver.url)
        drawn(at.run())
        drawn(at.button(key="watch_test").click().run())
        assert len(receiver.requests) == 6
        drawn(at.button(key="watch_send").click().run())
        assert "No alert is open, so nothing was sent" in said(at)
        assert len(receiver.requests) == 6
