"""Parts of the Watch page below its answer: forecast, rules with their back-test, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from data.workspace import Workspace
from delivery.channel import DeliveryRefused
from delivery.configured import SLACK_ADDRESS, WEBHOOK_ADDRESS, channels
from exports.forecast_json import score_rows
from model.alert_rules import EDITABLE, Expected, RulesRefused, WatchSettings, budget_nanos
from model.backtest import tuning
from model.daily_costs import day_number, day_of
from model.forecast import LEAST_DAYS
from model.money import as_decimal
from pages.parts import watch_charts, watch_delivery, watch_page_words, watch_session, watch_state
from pages.parts.executive_charts import show
from pages.parts.tables import text_table
from pages.parts.wording import escaped
from pages.parts.worker import Worker
from pages.parts.worker_panel import show_end, show_running, worker_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from model.backtest import RuleResult
    from pages.parts.watch_delivery import Sent
    from pages.parts.watch_session import Watched

JOB: Final = "watch_forecast"
SENT: Final = "watch_sent"
HORIZONS: Final = {"3 months": 92, "6 months": 183, "12 months": 366}
WHOLE: Final = "All services"
TITLES: Final = {
    "key": "Rule", "threshold": "Threshold", "unit": "Unit", "minimum_excess": "Least excess (USD)",
    "minimum_share": "Least share", "reaction_days": "Reaction (days)", "is_enabled": "On",
}  # fmt: skip


def show_forecast(watched: Watched) -> None:
    """Forecast on request: it takes some seconds, since every method is judged on the past."""
    st.subheader("Where is it going?", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [WHOLE, *watched.costs.watched_services]
        service = st.selectbox("Of", names, key="watch_forecast_service", width=240)
        horizon = st.segmented_control("Ahead", list(HORIZONS), default="3 months", key="watch_horizon", required=True)
        subject = (id(watched), service, horizon)
        st.button("Forecast", key="watch_foretell", on_click=_start, args=(watched, service, horizon, subject))
    worker = worker_of(JOB, subject)
    if worker is None:
        st.caption(
            f"From {LEAST_DAYS} settled days on; methods are made again on past days and held against what came."
        )
    elif worker.state == "running":
        show_running(JOB)
    elif worker.state != "finished" or worker.result is None:
        show_end(worker)
    else:
        _show_forecast(worker.result)


def _start(watched: Watched, service: str, horizon: str, subject: object) -> None:
    name = None if service == WHOLE else service
    work = watch_state.forecast_work(watched.costs, HORIZONS[horizon], name)
    st.session_state[JOB] = Worker("Forecasting", subject, work)


def _show_forecast(found: Any) -> None:
    st.markdown(escaped(found.sentence))
    show(watch_charts.forecast_rows(found), watch_charts.forecast_spec(found.history.currency), "watch_forecast_chart")
    st.caption("Before tax and one-off purchases. Grey: settled days; blue: forecast, with P10 to P90.")
    text_table(watch_page_words.MONTH_COLUMNS, watch_page_words.month_rows(found))
    if found.scores:
        st.markdown("**Scorecard** on this bill's own past")
        st.dataframe(score_rows(found.scores, found.method), hide_index=True, height="content")


def show_backtest(watched: Watched, results: Sequence[RuleResult]) -> None:
    """What each rule would have done, and one rule at other thresholds."""
    st.subheader("Would the rules have helped?", anchor=False)
    text_table(watch_page_words.RESULT_COLUMNS, watch_page_words.result_rows(results, watched.costs.currency))
    st.caption(escaped(watch_page_words.unjudged_sentence(results)))
    st.caption(
        "Replayed with what was known on each day. A false alarm is one that hindsight does not confirm; avoided is "
        "what came later than alert and reaction. Beside the headline, never in it."
    )
    with st.expander("Tune a rule", key="watch_tuning", on_change="rerun") as details:
        if details.open:
            keys = {result.rule.key: result.rule for result in results if not result.reason}
            key = st.selectbox(
                "Rule", list(keys), format_func=lambda each: keys[each].title, key="watch_tuned", width=280
            )
            if key:
                _show_tuning(watched, key)


def _show_tuning(watched: Watched, key: str) -> None:
    found = tuning(watched.replayed, watched.settings, key)
    currency = watched.costs.currency
    spec = watch_charts.tuning_spec(currency, watched.settings.rule(key).unit)
    show(watch_charts.tuning_rows(found, currency), spec, f"watch_tuning_{key}")


def show_rules(watched: Watched, folder: Path) -> None:
    """The rules, the budget and what is expected, to be edited and saved."""
    settings = watched.settings
    with st.expander("Rules, budget, expected increases", key="watch_rules", on_change="rerun") as details:
        if not details.open:
            return
        budget = st.text_input(
            f"Budget of a month ({watched.costs.currency})", key="watch_budget", width=280, placeholder="none",
            value="" if settings.budget_nanos is None else f"{as_decimal(settings.budget_nanos).normalize():f}",
        )  # fmt: skip
        rules = st.data_editor(_rule_rows(settings), hide_index=True, key="watch_rule_table", disabled=["Rule", "Unit"])
        st.markdown("Increases that are expected alert nobody; they stay in the list with their reason.")
        marks = st.data_editor(
            _mark_rows(settings), hide_index=True, key="watch_mark_table", num_rows="dynamic",
            column_config={
                "Service": st.column_config.SelectboxColumn(options=["", *watched.costs.watched_services]),
                "From": st.column_config.DateColumn(), "Until": st.column_config.DateColumn(),
            },
        )  # fmt: skip
        if st.button("Save the rules", key="watch_save", type="primary"):
            try:
                watch_session.save_settings(Workspace(folder), _edited(settings, budget, rules, marks))
            except RulesRefused as problem:
                st.error(escaped(str(problem)))
                return
            st.rerun()


def _rule_rows(settings: WatchSettings) -> list[dict[str, Any]]:
    return [{title: getattr(rule, name) for name, title in TITLES.items()} for rule in settings.rules]


def _mark_rows(settings: WatchSettings) -> pd.DataFrame:
    """Typed columns also where there is no mark yet: an empty one of no type cannot be edited as days."""
    marks = settings.expected
    return pd.DataFrame({
        "Service": pd.Series([mark.service for mark in marks], dtype="str"),
        "From": pd.Series([day_of(mark.first) for mark in marks], dtype="datetime64[s]"),
        "Until": pd.Series([day_of(mark.last) for mark in marks], dtype="datetime64[s]"),
        "Reason": pd.Series([mark.reason for mark in marks], dtype="str"),
    })  # fmt: skip


def _edited(
    settings: WatchSettings, budget: str, rules: Sequence[dict[str, Any]], marks: pd.DataFrame
) -> WatchSettings:
    found = WatchSettings(
        settings.rules,
        budget_nanos(budget.replace(",", ""), "The budget") if budget.strip() else None,
        tuple(expected_of(marks)),
    )
    for row in rules:
        found = found.with_rule(row["Rule"], **{name: row[TITLES[name]] for name in EDITABLE})
    return found


def expected_of(table: pd.DataFrame) -> list[Expected]:
    """The marks of the table; raises RulesRefused."""
    found = []
    for service, first, last, reason in table[["Service", "From", "Until", "Reason"]].itertuples(index=False):
        words = "" if pd.isna(reason) else str(reason).strip()
        if pd.isna(first) or not words:
            raise RulesRefused("An expected increase needs its first day and a reason.")
        begin, end = first.date(), (first if pd.isna(last) else last).date()
        if end < begin:
            raise RulesRefused("An expected increase ends before it begins: exchange its days.")
        found.append(Expected("" if pd.isna(service) else service, day_number(begin), day_number(end), words))
    return found


def show_messages(watched: Watched, folder: Path) -> None:
    """Channels that the secrets name, and what can be sent on them."""
    with st.expander("Messages", key="watch_messages", on_change="rerun") as details:
        if not details.open:
            return
        try:
            targets = channels(watch_state.secrets())
        except DeliveryRefused as problem:
            st.error(escaped(str(problem)))
            return
        if not targets:
            st.markdown(
                f"No channel is set. Put `{SLACK_ADDRESS}` or `{WEBHOOK_ADDRESS}` into the environment or into "
                "Streamlit's secrets; then `cli.py watch --send` in cron tells each incident once."
            )
            return
        st.markdown(f"Messages go to {' and '.join(target.name for target in targets)}, each incident once.")
        with st.container(horizontal=True):
            if st.button("Send open alerts", key="watch_send"):
                st.session_state[SENT] = watch_delivery.send_alerts(Workspace(folder), watched, targets)
            if st.button("Test all alert triggers", key="watch_test", help="One message a rule, marked as a test."):
                st.session_state[SENT] = watch_delivery.send_tests(watched, targets)
        _show_sent(st.session_state.get(SENT))


def _show_sent(sent: Sequence[Sent] | None) -> None:
    if sent is None:
        return
    if not sent:
        st.caption("No alert is open, so nothing was sent.")
    text_table(("Channel", "Message", "State"), [(s.channel, s.title, f"{s.state}. {s.sentence}") for s in sent])
