"""The saved scenarios with what can be done to each: open, duplicate, rename and annotate, delete, and bring back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import records
from data.workspace import Workspace
from pages.parts import scenario_state
from pages.parts.shelf import free_name
from pages.parts.wording import day, escaped

if TYPE_CHECKING:
    from pathlib import Path

    from data.records import ScenarioRecord
    from model.bill import Bill
    from model.scenario import Scenario
    from pages.parts.shelf import Shelved

FIND: Final = "shelf_find"
DELETED: Final = "shelf_deleted"
MOST_SHOWN: Final = 20


def show_saved(saved: list[Shelved], bill: Bill, folder: Path) -> None:
    """A row for each saved scenario, found by a word where there are many."""
    _offer_undo(folder)
    if not saved:
        st.markdown("None is saved yet. Move something on What-if, then save it in the bar above.")
        return
    if len(saved) > MOST_SHOWN:
        wanted = str(
            st.text_input("Find", key=FIND, placeholder="A word of the name, the author or the reason")
        ).lower()
        saved = [each for each in saved if wanted in _searched(each)]
        st.caption(f"{len(saved):,} found, the first {MOST_SHOWN} shown." if len(saved) > MOST_SHOWN else "")
    for each in saved[:MOST_SHOWN]:
        _show_row(each, bill, folder)


def show_earlier(folder: Path) -> None:
    """What was replaced or deleted, newest first, and the way back."""
    earlier = [record for record in records.scenarios(Workspace(folder), with_deleted=True) if record.deleted_at]
    earlier.sort(key=lambda record: record.deleted_at or "", reverse=True)
    if not earlier:
        st.caption("Nothing was replaced or deleted yet.")
    for place, record in enumerate(earlier[:MOST_SHOWN]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{escaped(record.name)} · `{record.fingerprint}` · {_when(record)}", width="stretch")
            st.button("Bring back", key=f"shelf_back_{place}", on_click=_bring_back, args=(record, folder))


def open_shelved(shelved: Shelved, bill: Bill) -> None:
    """Make a scenario of the shelf the one at hand."""
    scenario_state.open_scenario(shelved.scenario, bill)


def _show_row(shelved: Shelved, bill: Bill, folder: Path) -> None:
    record = shelved.record
    if record is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"shelf_row_{record.name}"):
        st.markdown(_row_words(shelved, record), width="stretch")
        name = record.name
        st.button("Open", key=f"shelf_open_{name}", on_click=open_shelved, args=(shelved, bill))
        st.button("Duplicate", key=f"shelf_copy_{name}", on_click=_duplicate, args=(shelved.scenario, folder))
        with st.popover("Edit", key=f"shelf_edit_{name}", on_change="rerun") as editing:
            if editing.open:
                _show_notes(shelved.scenario, record, folder)
        st.button("Delete", key=f"shelf_delete_{name}", on_click=_delete, args=(record, folder))


def _show_notes(scenario: Scenario, record: ScenarioRecord, folder: Path) -> None:
    keys = [f"shelf_{what}_{record.name}" for what in ("name", "author", "reason")]
    for label, key, text in zip(("Name", "Author", "Why"), keys, (record.name, scenario.author, scenario.reason),
                                strict=True):  # fmt: skip
        st.text_input(label, text, key=key)
    st.button(
        "Keep these notes", key=f"shelf_keep_{record.name}", type="primary", on_click=_annotate,
        args=(scenario, record, keys, folder),
    )  # fmt: skip


def _row_words(shelved: Shelved, record: ScenarioRecord) -> str:
    scenario = shelved.scenario
    author = f" by {escaped(scenario.author)}" if scenario.author else ""
    reason = f" · {escaped(scenario.reason)}" if scenario.reason else ""
    return f"**{escaped(record.name)}** · `{record.fingerprint}` · saved {_when(record)}{author}{reason}"


def _when(record: ScenarioRecord) -> str:
    return day(datetime.fromisoformat(record.saved_at).date())


def _searched(shelved: Shelved) -> str:
    return f"{shelved.title} {shelved.scenario.author} {shelved.scenario.reason}".lower()


def _offer_undo(folder: Path) -> None:
    record: ScenarioRecord | None = st.session_state.get(DELETED)
    if record is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(record.name)}** was deleted.")
        st.button("Undo the deletion", key="shelf_undo", icon=":material/undo:", on_click=_bring_back,
                  args=(record, folder))  # fmt: skip


def _duplicate(scenario: Scenario, folder: Path) -> None:
    copy = scenario.renamed(free_name(f"{scenario.name} copy", folder))
    records.save_scenario(Workspace(folder), copy.name, copy.to_toml(), copy.fingerprint)
    scenario_state.say(f"{copy.name} is saved.", is_good=True)


def _delete(record: ScenarioRecord, folder: Path) -> None:
    if records.delete_scenario(Workspace(folder), record.name):
        st.session_state[DELETED] = record


def _bring_back(record: ScenarioRecord, folder: Path) -> None:
    """Save it again as it was; one that took its name meanwhile stays among the earlier ones."""
    records.save_scenario(Workspace(folder), record.name, record.toml, record.fingerprint)
    st.session_state.pop(DELETED, None)
    scenario_state.say(f"{record.name} is back.", is_good=True)


def _annotate(scenario: Scenario, record: ScenarioRecord, keys: list[str], folder: Path) -> None:
    name, author, reason = (str(st.session_state.get(key) or "").strip() for key in keys)
    if not name:
        scenario_state.say(f"{record.name} needs a name: nothing was changed.", is_good=False)
        return
    if name != record.name and records.scenario(Workspace(folder), name) is not None:
        scenario_state.say(f"{name} is the name of another scenario: choose a name that is free.", is_good=False)
        return
    noted = replace(scenario, name=name, author=author, reason=reason)
    records.save_scenario(Workspace(folder), name, noted.to_toml(), noted.fingerprint)
    if name != record.name:
        records.delete_scenario(Workspace(folder), record.name)
    now = scenario_state.history().now
    if now.name == record.name and now.fingerprint == noted.fingerprint:
        scenario_state.history().put(noted)
    scenario_state.say(f"{name} is saved with its notes.", is_good=True)
