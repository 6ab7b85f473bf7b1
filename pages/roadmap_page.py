"""Roadmap: what is done when and by whom, with boxes to tick that the workspace keeps."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data import roadmap_records
from data.workspace import Workspace
from exports.roadmap_days import EARLIEST, LATEST
from exports.roadmap_files import RISKS, roadmap_calendar, roadmap_markdown
from pages.parts import roadmap_chart, roadmap_state, scenario_state, session
from pages.parts.guard import guarded
from pages.parts.scenario_bar import show_scenario_bar
from pages.parts.wording import counted, day, escaped

if TYPE_CHECKING:
    from pathlib import Path

    from exports.roadmap_days import Roadmap, Task
    from pages.parts.bill_state import BillView

GENERATION: Final = "roadmap_generation"
FIRST_DAY: Final = "roadmap_first_day"
DONE, OWNER, START = "Done", "Owner", "Starts"


READ_ONLY: Final = ("Week", "Task", "Changes", "How", "Ends", "After", "Risk")


def render(view: BillView) -> None:
    """Draw the page; a tick redraws this part only."""
    _desk(view)


@st.fragment
def _desk(view: BillView) -> None:
    with guarded("The roadmap"):
        outcome = scenario_state.priced(view.bill)
        show_scenario_bar(view.bill, view.folder)
        scenario_state.write_link(outcome.scenario)
        st.title("What is done when, and by whom?", anchor=False)
        roadmap = roadmap_state.roadmap(Workspace(view.folder), session.plan_of(outcome))
        if not roadmap.tasks:
            st.markdown("This scenario changes nothing that is configured, so there is nothing to schedule. "
                        "Move a setting on What-if, or open a scenario.")  # fmt: skip
            return
        _show(roadmap, view.folder)


def _show(roadmap: Roadmap, folder: Path) -> None:
    st.markdown(f"##### {escaped(_answer(roadmap))}")
    _show_metrics(roadmap)
    clashes = [f"**{escaped(task.title)}**: {escaped(task.clash)}" for task in roadmap.tasks if task.clash]
    if clashes:
        st.warning("\n".join(f"- {clash}" for clash in clashes))
    roadmap_chart.show_roadmap(roadmap)
    st.caption("Grey: around the plan. Blue: usage. Green: commitments. Pale: done. ▲ starts too early. "
               "Fridays stay free of changes, to look at what was changed.")  # fmt: skip
    _show_start(roadmap, folder)
    _show_tasks(roadmap, folder)
    _offer(roadmap)


def _answer(roadmap: Roadmap) -> str:
    last = max(task.end for task in roadmap.in_weeks)
    weeks = counted(len(roadmap.mondays), "week", "weeks")
    span = f"{counted(len(roadmap.in_weeks), 'task', 'tasks')} in {weeks}, {day(roadmap.first_day)} to {day(last)}"
    if roadmap.later:
        span += f", {counted(len(roadmap.later), 'purchase', 'purchases')} later"
    following = roadmap.next_task
    if following is None:
        return f"{span}: all are done."
    return (
        f"{span}; {roadmap.done or 'none'} done. Next: {following.title} ({following.owner}, {day(following.start)})."
    )


def _show_metrics(roadmap: Roadmap) -> None:
    hard = [task for task in roadmap.tasks if task.disruption != "online"]
    final = [task for task in hard if task.disruption == "one_way"]
    by_hand = sum(bool(task.lever) and not task.how.startswith("bash ") for task in roadmap.tasks)
    figures = (
        ("Done", f"{roadmap.done} of {len(roadmap.tasks)}", "Ticked below; the workspace keeps it for this scenario."),
        ("Interrupt something", str(len(hard)), "Restarts, moves, and what cannot be undone."),
        ("Cannot be undone", str(len(final)), "Asked for by name before they are made."),
        ("By hand", str(by_hand), "No command makes these; the table says how."),
    )
    for column, (label, value, about) in zip(st.columns(4), figures, strict=True):
        column.metric(label, value, help=about, border=True, height="stretch")


def _show_start(roadmap: Roadmap, folder: Path) -> None:
    st.date_input(
        "Week 1 starts on", roadmap.first_day, key=f"{FIRST_DAY}_{roadmap.fingerprint}", format="YYYY-MM-DD",
        min_value=EARLIEST, max_value=LATEST, on_change=_set_first_day, args=(folder, roadmap.fingerprint), width=220,
        help="A day that is no Monday stands for the Monday after it. All tasks move along, also those moved by hand.",
    )  # fmt: skip


def _set_first_day(folder: Path, fingerprint: str) -> None:
    chosen = st.session_state.get(f"{FIRST_DAY}_{fingerprint}")
    if isinstance(chosen, date):
        roadmap_records.set_first_day(Workspace(folder), fingerprint, chosen)
        _draw_anew()


def _show_tasks(roadmap: Roadmap, folder: Path) -> None:
    st.subheader("Tasks", anchor=False)
    titles = {task.key: number for number, task in enumerate(roadmap.tasks, 1)}
    key = f"roadmap_tasks_{roadmap.fingerprint}_{st.session_state.get(GENERATION, 0)}"
    st.data_editor(
        [_row(number, task, titles) for number, task in enumerate(roadmap.tasks, 1)], key=key, hide_index=True,
        height="content", disabled=READ_ONLY, on_change=_note, args=(folder, roadmap, key),
        column_config={
            DONE: st.column_config.CheckboxColumn(DONE, width="small"),
            OWNER: st.column_config.TextColumn(OWNER, max_chars=120, help="Empty: who owns it by its kind."),
            START: st.column_config.DateColumn(START, format="YYYY-MM-DD", required=True, min_value=EARLIEST,
                                               max_value=LATEST),
            "Ends": st.column_config.DateColumn("Ends", format="YYYY-MM-DD"),
            "Risk": st.column_config.TextColumn("Risk", width="medium"),
            "Week": st.column_config.NumberColumn("Week", width="small"),
        },
    )  # fmt: skip
    st.caption("Tick what is done, name who does it, move its first day: kept for this scenario, for everybody who "
               "opens this workspace.")  # fmt: skip


def _row(number: int, task: Task, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        DONE: task.is_done,
        "Week": task.week,
        "Task": f"{number}. {task.title}",
        OWNER: task.owner,
        START: task.start,
        "Ends": task.end,
        "After": ", ".join(str(numbers[key]) for key in task.waits_for),
        "Risk": RISKS[task.disruption],
        "Changes": "; ".join(task.what),
        "How": task.how,
    }


def _note(folder: Path, roadmap: Roadmap, key: str) -> None:
    """Keep what was edited, field by field, so that two who edit at once both keep theirs."""
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    for row, fields in edited.items():
        start = fields.get(START)
        roadmap_records.note_task(
            Workspace(folder), roadmap.fingerprint, roadmap.tasks[row].key, is_done=fields.get(DONE),
            owner=str(fields[OWNER] or "").strip() if OWNER in fields else None,
            start=date.fromisoformat(str(start)[:10]) if start else None,
        )  # fmt: skip
    _draw_anew()


def _draw_anew() -> None:
    """The table is drawn from what is kept, not from what was typed over it before."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1


def _offer(roadmap: Roadmap) -> None:
    name = f"cloudlever-roadmap-{roadmap.fingerprint}"
    with st.container(horizontal=True):
        st.download_button(
            "Calendar (.ics)", roadmap_calendar(roadmap), file_name=f"{name}.ics", mime="text/calendar",
            on_click="ignore", key="roadmap_ics", icon=":material/event:",
            help="An all-day event a task, for any calendar; importing it again moves what was moved.",
        )  # fmt: skip
        st.download_button(
            "Checkboxes (.md)", roadmap_markdown(roadmap), file_name=f"{name}.md", mime="text/markdown",
            on_click="ignore", key="roadmap_md", icon=":material/checklist:", help="For an issue or a wiki page.",
        )  # fmt: skip
