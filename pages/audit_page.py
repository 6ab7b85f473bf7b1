"""Audit: a plan's claims held against the bill, claim by claim, with what contradicts itself and what stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from model.audit_verdict import VERDICTS
from pages.parts import audit_charts, audit_session, audit_state, audit_words, scenario_state
from pages.parts.audit_report import audit_html, audit_markdown, audit_pdf, fingerprint
from pages.parts.executive_charts import show
from pages.parts.guard import guarded
from pages.parts.tables import text_table
from pages.parts.wording import counted, escaped, months

if TYPE_CHECKING:
    from model.audit import Audit
    from model.bill import Bill
    from model.claims import ClaimedPlan
    from pages.parts.bill_state import BillView

UPLOAD: Final = "audit_upload"
WINDOW: Final = "audit_window"
CLAIM: Final = "audit_claim"
OPENED: Final = "audit_opened"
WHAT_TO_GIVE: Final = (
    "TOML, JSON, CSV or XLSX: one claim each with what it saves or costs, and its settings where it names any. "
    "docs/data.md has the fields."
)


def render(view: BillView) -> None:
    """Draw the page; a control redraws this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("The audit"):
        st.title("Does the plan hold?", anchor=False)
        file = audit_state.uploaded()
        if file is None:
            _ask()
            return
        _show_file(file[0])
        plan = audit_session.plan_of_bytes(file[1], file[0])
        found = audit_state.audit_of(file, plan, _bill(view, plan))
        _show(found, view)


def _ask() -> None:
    st.markdown(
        "Give a plan's claims, and each is held against this bill: does it stand, how much of it, and what does the "
        "plan say against itself?"
    )
    given = st.file_uploader("Claims file", type=["toml", "json", "csv", "xlsx"], key=UPLOAD, help=WHAT_TO_GIVE)
    st.caption(WHAT_TO_GIVE)
    if given is not None:
        audit_state.take(given.name, given.getvalue())
        st.rerun(scope="fragment")
    st.button("Audit the example plan", key="audit_example", on_click=audit_state.take_example)


def _show_file(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Claims of {escaped(name)}", width="stretch")
        st.button("Take another file", key="audit_another", on_click=audit_state.forget)


def _bill(view: BillView, plan: ClaimedPlan) -> Bill:
    """The bill over the months that the plan's costs are of, unless those of the bar are wanted."""
    spoken = audit_session.months_spoken_of(plan, view.settled)
    if spoken is None or spoken == view.bill.months:
        return view.bill
    titles = {
        "plan": f"{counted(len(spoken), 'month', 'months')} as the plan ({months(spoken)})",
        "bar": f"As above ({months(view.bill.months)})",
    }
    chosen = st.segmented_control("Audited on", list(titles), key=WINDOW, default="plan", required=True,
                                  format_func=titles.__getitem__)  # fmt: skip
    return audit_state.bill_over(view, spoken) if chosen == "plan" else view.bill


def _show(audit: Audit, view: BillView) -> None:
    st.markdown(f"##### {escaped(audit_words.answer_sentence(audit))}")
    for column, (label, value, note) in zip(st.columns(4), audit_words.metrics(audit), strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")
    bars = audit_charts.standing_rows(audit)
    if bars:
        st.subheader("Claimed, and what stands of it", anchor=False)
        show(bars, audit_charts.standing_spec(audit.bill.currency), "audit_standing")
    st.markdown(escaped(audit_words.chunks(audit_words.together_sentences(audit))))
    _show_take_away(audit, view)
    _show_contradictions(audit)
    st.subheader("Verdict on each claim", anchor=False)
    text_table(audit_words.CLAIM_COLUMNS, audit_words.claim_rows(audit))
    st.caption(escaped("; ".join(f"{audit_words.verdict_words(v)}: {audit_words.MEANINGS[v]}" for v in VERDICTS) + "."))
    _show_claim(audit)
    with st.expander("What would have to be true", key="audit_needed", on_change="rerun") as details:
        if details.open:
            items = audit_words.needed_items(audit) or ["Nothing more: every claim holds."]
            st.markdown("\n".join(f"- {escaped(item)}" for item in items))
    st.caption(escaped(f"{audit_words.basis_line(audit)}."))


def _show_take_away(audit: Audit, view: BillView) -> None:
    name = f"audit-{fingerprint(audit)}"
    with st.container(horizontal=True):
        st.download_button(
            "Report (PDF)", lambda: audit_pdf(audit), file_name=f"{name}.pdf", mime="application/pdf", type="primary",
            icon=":material/picture_as_pdf:", on_click="ignore", key="audit_pdf",
        )  # fmt: skip
        st.download_button("Report (HTML)", lambda: audit_html(audit), file_name=f"{name}.html", mime="text/html",
                           on_click="ignore", key="audit_html")  # fmt: skip
        st.download_button("Report (Markdown)", lambda: audit_markdown(audit), file_name=f"{name}.md",
                           mime="text/markdown", on_click="ignore", key="audit_md")  # fmt: skip
        st.button(
            "Open what stands as a scenario", key="audit_open", on_click=_open, args=(audit, view.bill),
            disabled=not audit.together.settings, help="The settings that break no limit, to look at on What-if.",
        )  # fmt: skip
    opened = st.session_state.pop(OPENED, None)
    if opened is not None:
        st.success(escaped(f"{opened} is open: look at it on What-if, where it can be undone."))


def _open(audit: Audit, bill: Bill) -> None:
    name = f"What stands of {audit.plan.name}" if audit.plan.name else audit.together.scenario.name
    scenario_state.open_scenario(replace(audit.together.scenario, name=name), bill)
    st.session_state[OPENED] = name


def _show_contradictions(audit: Audit) -> None:
    st.subheader("What the plan says against itself", anchor=False)
    if audit.contradictions:
        st.table(
            [dict(zip(audit_words.CONTRADICTION_COLUMNS, map(escaped, row), strict=True))
             for row in audit_words.contradiction_rows(audit)],
            border="horizontal", hide_index=True,
        )  # fmt: skip
    else:
        st.markdown("Nothing: its totals, periods, shares and counts agree with each other.")


def _show_claim(audit: Audit) -> None:
    """The sums of one claim; the largest that holds in part comes first."""
    by_id = {each.claim.id: each for each in audit.claims}
    if st.session_state.get(CLAIM) not in by_id:
        open_ones = [
            each.claim.id for each in audit_words.charted(audit) if each.verdict != "reproduced" and each.stands_nanos
        ]
        st.session_state[CLAIM] = next(iter(open_ones), next(iter(by_id)))  # the largest that is partly there
    chosen = by_id[st.selectbox("The arithmetic of", list(by_id), key=CLAIM)]
    with st.container(border=True):
        st.markdown(f"**{escaped(audit_words.claim_heading(chosen, audit.bill.currency))}**")
        if chosen.claim.text:
            st.caption(escaped(f"It says: {chosen.claim.text}"))
        st.markdown("\n".join(f"- {escaped(sentence)}" for sentence in chosen.arithmetic))
        if chosen.needed:
            st.markdown(f"**What would have to be true:** {escaped(chosen.needed)}")
