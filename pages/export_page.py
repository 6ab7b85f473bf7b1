"""Export: what the plan changes, what stays by hand, and everything to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.workspace import Workspace
from exports.bundle import Beside, export_files, finance_files, with_manifest, zip_bytes
from exports.gcloud import steps_of
from exports.report_checklist import by_hand_words
from model.answer import answer
from pages.parts import described_panel, outcome_words, roadmap_state, scenario_state, session
from pages.parts.guard import guarded
from pages.parts.outcome_words import broken_sentences, change_rows
from pages.parts.report_panel import offer_reports
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.wording import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from exports.bundle import ExportFile
    from model.outcome import Outcome
    from model.plan import Plan
    from pages.parts.bill_state import BillView

DRY_RUN = "bash apply.sh"
EXECUTE = "bash apply.sh --execute"
FOR_FINANCE = {
    "xlsx": (
        "Workbook (XLSX)",
        ".xlsx",
        (
            "Live formulas: change discount rate, costs, ramps, prices or commitments, and projection, present value "
            "and payback follow. What stays frozen is listed, with its value."
        ),
    ),
    "csv": ("Tables (CSV)", "-csv.zip", "Bill, levers, projection, commitments, evidence: every table, in one ZIP."),
    "parquet": ("Tables (Parquet)", "-parquet.zip", "The same tables with exact decimals, for a data warehouse."),
    "focus": (
        "Repriced bill (FOCUS 1.2)",
        "-focus.zip",
        "The bill's lines and the scenario's changes as FOCUS rows; the four costs add up to the outcome.",
    ),
}
"""Kind → label, end of the file's name, help."""
LANGUAGES = {"sh": "bash", "json": "json", "md": "markdown", "toml": "toml", "sql": "sql", "py": "python", "tf": "hcl"}


def render(view: BillView) -> None:
    """Draw the page; opening or undoing a scenario redraws this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("This plan"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        st.title("What has to be done?", anchor=False)
        if not outcome.changes:
            _show_nothing(has_settings=bool(outcome.scenario.settings))
            _offer_to_finance(outcome)
            return
        st.markdown(outcome_words.answer_sentence(answer(outcome), outcome.bill.currency))
        plan = session.plan_of(outcome)
        _show(plan, outcome, Workspace(view.folder))


def _show_nothing(*, has_settings: bool) -> None:
    if has_settings:
        st.markdown("This scenario changes nothing that is configured: what it sets is what is there today.")
    else:
        st.markdown("Nothing is changed yet, so there is nothing to do. Move a setting on What-if, or open a scenario.")


def _show(plan: Plan, outcome: Outcome, workspace: Workspace) -> None:
    roadmap = roadmap_state.roadmap(workspace, plan)
    broken = broken_sentences(plan.guardrails)
    if broken:
        count = counted(len(broken), "limit breaks", "limits break")
        st.warning(f"**{count}: think before this is applied.**\n\n" + "\n".join(f"- {escaped(s)}" for s in broken))
    st.subheader("Changes, in this order", anchor=False)
    st.dataframe(change_rows(plan.changes, outcome.bill), hide_index=True, height="content")
    _show_by_hand(plan)
    beside = Beside(roadmap, described_panel.described_files(plan))
    files = with_manifest(plan, export_files(plan, beside=beside))
    _offer_files(plan, files, outcome, beside)
    offer_reports(workspace, outcome, roadmap)
    _offer_to_finance(outcome)
    _show_preview(plan, files)


def _show_by_hand(plan: Plan) -> None:
    steps, by_hand = steps_of(plan.changes)
    rest = counted(len(by_hand), "change stays", "changes stay") if by_hand else "nothing stays"
    st.markdown(f"{counted(len(steps), 'step is', 'steps are')} made by `apply.sh`; {rest} by hand.")
    st.markdown("\n".join(f"- {escaped(by_hand_words(item))}" for item in by_hand))


def _offer_files(plan: Plan, files: list[ExportFile], outcome: Outcome, beside: Beside) -> None:
    st.subheader("Take it away", anchor=False)
    st.caption(f"Made from the scenario `{plan.fingerprint}`; the same plan gives the same bytes.")
    with st.container(horizontal=True):
        st.download_button(
            "Download everything (ZIP)", _everything(plan, outcome, beside),
            file_name=f"cloudlever-{plan.fingerprint}.zip",
            mime="application/zip", type="primary", on_click="ignore", key="download_zip",
            help="Scripts, Terraform, SQL, alerts, roadmap, and what finance needs, with a manifest of checksums.",
        )  # fmt: skip
        for file in files:
            if "/" in file.path or file.kind == "manifest":
                continue
            st.download_button(file.path, file.content, file_name=file.path, on_click="ignore", key=f"file_{file.path}")
    folders = dict.fromkeys([*(file.path.partition("/")[0] for file in files if "/" in file.path), "finance"])
    if folders:
        st.caption(
            f"In the ZIP also: {', '.join(f'`{folder}/`' for folder in folders)}; its README says when to use which."
        )


def _everything(plan: Plan, outcome: Outcome, beside: Beside) -> Callable[[], bytes]:
    """Made when the button is pressed: the workbook alone takes seconds."""
    return lambda: zip_bytes(with_manifest(plan, export_files(plan, outcome=outcome, beside=beside)))


def _offer_to_finance(outcome: Outcome) -> None:
    st.subheader("For finance", anchor=False)
    st.caption("Each is made when you press it, from the same figures; currency and cost basis stand in the files.")
    with st.container(horizontal=True):
        for kind, (label, suffix, about) in FOR_FINANCE.items():
            st.download_button(
                label, _one_kind(outcome, kind), file_name=f"cloudlever-{outcome.scenario.fingerprint}{suffix}",
                on_click="ignore", key=f"finance_{kind}", help=about,
            )  # fmt: skip


def _one_kind(outcome: Outcome, kind: str) -> Callable[[], bytes]:
    def content() -> bytes:
        files = finance_files(outcome, [kind])
        return files[0].content if len(files) == 1 else zip_bytes(files)

    return content


def _show_preview(plan: Plan, files: list[ExportFile]) -> None:
    st.subheader("How to apply it", anchor=False)
    st.markdown("Without an option the script prints what it would do and changes nothing:")
    st.code(DRY_RUN, language="bash")
    st.markdown("Then, where `gcloud` is signed in:")
    st.code(EXECUTE, language="bash")
    with st.expander("Read a file before it is downloaded", key=f"preview_{plan.fingerprint}", on_change="rerun") as it:
        if it.open:
            paths = [file.path for file in files]
            path = st.selectbox("File", paths, index=paths.index("apply.sh"), key="preview_path")
            chosen = next(file for file in files if file.path == path)
            language = LANGUAGES.get(chosen.path.rpartition(".")[2])
            st.code(chosen.content.decode(), language=language, line_numbers=True, height=420)
