"""The executive's page: what can be saved, by what, how certainly, at which risk, and what has to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from model.answer import answer, moved
from model.uncertainty import uncertain
from model.waterfall import waterfall_alone
from pages.parts import charts, executive_charts, executive_words, outcome_words, scenario_state
from pages.parts.executive_report import (
    ASSUMED_COLUMNS,
    DECISION_COLUMNS,
    LEVEL_COLUMNS,
    executive_pdf,
)
from pages.parts.executive_words import Brief, brief_of
from pages.parts.guard import guarded
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.wording import counted, escaped, headline_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamlit.navigation.page import StreamlitPage

    from model.outcome import Outcome
    from model.uncertainty import Uncertainty
    from pages.parts.bill_state import BillView

BRIEF: Final = "executive_brief"
MOST_BARS: Final = 8
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def render(view: BillView, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw the page; opening or undoing a scenario redraws this part only."""
    _desk(view, pages)


@st.fragment
def _desk(view: BillView, pages: Mapping[str, StreamlitPage]) -> None:
    with guarded("This page"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        st.title("What can be saved?", anchor=False)
        if not answer(outcome).is_changed:
            _offer_a_start(outcome, pages)
            return
        _show(outcome)


def _known(outcome: Outcome) -> Brief | None:
    held: Brief | None = st.session_state.get(BRIEF)
    return held if held is not None and held.outcome is outcome else None


def _whole(outcome: Outcome) -> Brief:
    with st.spinner("Looking 36 months ahead, ten thousand times…", show_time=True):
        found = brief_of(outcome, uncertain(outcome))
    st.session_state[BRIEF] = found
    return found


def _offer_a_start(outcome: Outcome, pages: Mapping[str, StreamlitPage]) -> None:
    found, currency = answer(outcome), outcome.bill.currency
    amount = escaped(headline_money(found.before_per_month_nanos, currency))
    st.markdown(f"The bill is **{amount} a month**. No plan is open yet: find the best one, or try a change yourself.")
    with st.container(horizontal=True):
        if st.button("Find or open a plan", type="primary", key="executive_scenarios"):
            st.switch_page(pages["scenarios"])
        if st.button("Try a change yourself", key="executive_what_if"):
            st.switch_page(pages["what_if"])
    st.subheader("Where the money goes", anchor=False)
    rows = moved(outcome.baseline.by_product, outcome.baseline.by_product)
    executive_charts.show_products(rows, outcome.bill.currency, len(outcome.bill.months))
    st.caption(escaped(f"A month on average: {outcome_words.basis_line(outcome.bill)}."))


def _show(outcome: Outcome) -> None:
    """What is certain first; the range, which takes a second or two, is filled in when it is there."""
    brief = _known(outcome) or brief_of(outcome)
    head = st.empty()
    with head.container():
        _show_head(brief)
    _show_levels(brief)
    ahead = st.container()
    if brief.uncertainty is None:
        with ahead:
            brief = _whole(outcome)
        with head.container():
            _show_head(brief)
    if brief.uncertainty is not None:
        with ahead:
            _show_ahead(brief, brief.uncertainty)
        _show_decisions(brief, brief.uncertainty)


def _show_head(brief: Brief) -> None:
    st.markdown(f"##### {escaped(executive_words.answer_sentence(brief))}")
    for column, (label, value, note) in zip(st.columns(4), executive_words.metrics(brief), strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch",
                      help=brief.figures.convention)  # fmt: skip


def _show_decisions(brief: Brief, uncertainty: Uncertainty) -> None:
    st.subheader("To be decided", anchor=False)
    _table(DECISION_COLUMNS, executive_words.decision_rows(brief))
    _show_assumed(brief, uncertainty)
    with st.container(horizontal=True):
        st.download_button(
            "Download this page (PDF)", lambda: executive_pdf(brief, uncertainty), file_name=_file_name(brief, "pdf"),
            mime="application/pdf", icon=":material/picture_as_pdf:", on_click="ignore", key="executive_pdf",
            help="To print or to send: the same words, figures and charts on paper.",
        )  # fmt: skip
        st.download_button(
            "Download slides (PPTX)", lambda: _slides(brief, uncertainty), file_name=_file_name(brief, "pptx"),
            mime=PPTX, icon=":material/slideshow:", on_click="ignore", key="executive_pptx",
            help="Two slides to show and to edit: charts and tables are native, assumptions stand in the notes.",
        )  # fmt: skip


def _slides(brief: Brief, uncertainty: Uncertainty) -> bytes:
    from pages.parts.executive_slides import executive_pptx  # noqa: PLC0415 - its library is slow to import

    return executive_pptx(brief, uncertainty)


def _show_levels(brief: Brief) -> None:
    left, right = st.columns([3, 2], gap="large")
    bars = waterfall_alone(brief.outcome)
    with left:
        st.subheader("From the current bill to this plan", anchor=False)
        executive_charts.show(
            charts.waterfall_rows(bars, brief.currency), charts.waterfall_spec(brief.currency), "executive_waterfall"
        )
        st.caption(escaped(f"Each lever alone, then what they do to each other. {_basis(brief)}"))
    with right:
        st.subheader("As it is, optimised, committed", anchor=False)
        _table(LEVEL_COLUMNS, executive_words.level_rows(brief))
        st.caption("Projected, nominal; a month is the average of the first year.")


def _show_ahead(brief: Brief, uncertainty: Uncertainty) -> None:
    left, right = st.columns([3, 2], gap="large")
    meaning = charts.meaning_of_outcome(waterfall_alone(brief.outcome))
    with left:
        st.subheader("36 months ahead", anchor=False)
        rows = executive_charts.ahead_rows(brief.projection, uncertainty, meaning)
        executive_charts.show(rows, executive_charts.ahead_spec(brief.currency), "executive_ahead")
    with right:
        st.subheader("What matters most", anchor=False)
        bars = uncertainty.tornado[:MOST_BARS]
        if bars:
            rows = executive_charts.tornado_rows(bars, brief.figures.npv, brief.currency)
            executive_charts.show(rows, executive_charts.tornado_spec(brief.currency), "executive_tornado")
        else:
            st.markdown("No assumption with a range moves this plan.")
    st.caption(escaped(executive_words.uncertainty_sentence(uncertainty, brief.currency)))


def _show_assumed(brief: Brief, uncertainty: Uncertainty) -> None:
    st.subheader("What we assumed", anchor=False)
    rows = executive_words.assumed_rows(brief)
    if rows:
        _table(ASSUMED_COLUMNS, rows)
    with st.expander("Conventions and limits of this view", key="executive_notes", on_change="rerun") as details:
        if details.open:
            notes = (brief.figures.convention, *brief.projection.notes, *uncertainty.notes, *brief.outcome.notes)
            st.markdown("\n".join(f"- {escaped(note)}" for note in dict.fromkeys(notes)))


def _basis(brief: Brief) -> str:
    bill = brief.outcome.bill
    return f"Sums of {counted(len(bill.months), 'month', 'months')}: {outcome_words.basis_line(bill)}."


def _file_name(brief: Brief, suffix: str) -> str:
    return f"cloudlever-{brief.outcome.scenario.fingerprint}.{suffix}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    st.dataframe([dict(zip(titles, row, strict=True)) for row in rows], hide_index=True, height="content")
