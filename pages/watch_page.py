"""Watch: what is unusual now and was before, why, where the cost is going, and whether the rules are any good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from data.workspace import Workspace
from exports.watch_words import WHOLE_BILL, cause_words, sentence_of
from model.alert_events import events
from model.backtest import backtest
from model.digest import digest
from pages.parts import watch_charts, watch_page_words, watch_session, watch_state
from pages.parts.executive_charts import show
from pages.parts.guard import guarded
from pages.parts.watch_panels import show_backtest, show_forecast, show_messages, show_rules
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from model.alert_events import Event
    from pages.parts.bill_state import BillView
    from pages.parts.watch_session import Watched

SERIES: Final = "watch_series"
TABLE: Final = "watch_incidents"


def render(view: BillView) -> None:
    """Draw the page; a control redraws this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("Watching"):
        st.title("Is anything unusual?", anchor=False)
        watched = watch_state.watched_bill(view.folder, view.bill.currency)
        results = backtest(watched.replayed, watched.settings)
        found = digest(watched.costs, watched.incidents)
        st.markdown(f"##### {escaped(watch_page_words.answer_sentence(watched, found.incidents))}")
        for column, (label, value, note) in zip(
            st.columns(4), watch_page_words.metrics(watched, found, results), strict=True
        ):
            column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")
        _show_days(watched)
        _show_incidents(watched, view)
        show_forecast(watched)
        show_backtest(watched, results)
        show_rules(watched, view.folder)
        show_messages(watched, view.folder)


def _show_days(watched: Watched) -> None:
    names = {"": WHOLE_BILL} | {name: name for name in watched.costs.watched_services}
    st.segmented_control("Service", list(names), key=SERIES, default="", required=True, wrap=True,
                         format_func=names.get, label_visibility="collapsed")  # fmt: skip
    service = st.session_state.get(SERIES) or ""
    rows = watch_charts.days_rows(watched, service, watched.incidents)
    show(rows, watch_charts.days_spec(watched.costs.currency), "watch_days")
    st.caption(
        "The whole history, whatever months are chosen above. Cost by US Pacific day after credits, before promotions, "
        "tax, commitment fees and one-off purchases; dashed: the median of the same weekdays before; triangles: found."
    )


def _show_incidents(watched: Watched, view: BillView) -> None:
    st.subheader("Incidents", anchor=False)
    with_notices = st.toggle(
        "Show notices too", key="watch_notices", help="Notices stand in the digest and call nobody."
    )
    shown = [e for e in events(watched.incidents) if with_notices or e.main.severity != "notice"]
    if not shown:
        st.markdown("No rule found anything in this history.")
        return
    rows = [dict(zip(watch_page_words.INCIDENT_COLUMNS, row, strict=True))
            for row in watch_page_words.event_rows(watched, shown)]  # fmt: skip
    event = st.dataframe(
        rows, hide_index=True, key=TABLE, on_select="rerun", selection_mode="single-row", height="content"
    )
    chosen = event.selection.rows
    if chosen and chosen[0] < len(shown):
        _show_cause(watched, shown[chosen[0]], view)
    else:
        st.caption("Choose a row to see what it stands on.")


def _show_cause(watched: Watched, event: Event, view: BillView) -> None:
    for incident in event.incidents:
        rule = watched.settings.rule(incident.rule)
        words = sentence_of(incident, rule, watched.settings, watched.costs.currency)
        st.markdown(f"**{escaped(rule.title)}**: {escaped(words)}")
    told = watch_session.causes_of(Workspace(view.folder), watched, event.main)
    lines = cause_words(told, watched.costs.currency)
    st.markdown("\n".join(f"- {escaped(line)}" for line in lines) or "No rows of the bill stand behind this one alone.")
