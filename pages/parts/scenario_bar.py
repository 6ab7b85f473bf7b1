"""The bar's second line: the scenario with its fingerprint, undo and redo, saving, opening, and taking away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import records
from data.workspace import Workspace
from model.scenario import Scenario, ScenarioError
from pages.parts import scenario_state
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from pathlib import Path

    from model.bill import Bill

NAME: Final = "scenario_save_name"
REASON: Final = "scenario_save_reason"
CHOSEN: Final = "scenario_open_name"
FILE: Final = "scenario_open_file"


def show_scenario_bar(bill: Bill, folder: Path) -> None:
    """Draw the line; every button acts before the page is drawn again."""
    history = scenario_state.history()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="scenario_bar"):
        st.markdown(_title(history.now), width="stretch")
        st.button("Undo", icon=":material/undo:", key="undo", disabled=not history.past, on_click=history.undo)
        st.button("Redo", icon=":material/redo:", key="redo", disabled=not history.future, on_click=history.redo)
        with st.popover("Save", icon=":material/save:"):
            _offer_saving(history.now, folder)
        with st.popover("Open", icon=":material/folder_open:"):
            _offer_opening(bill, folder)
        with st.popover("Share", icon=":material/share:"):
            _offer_sharing(history.now)
    notice = scenario_state.pop_notice()
    if notice is not None:
        sentence, is_good = notice
        (st.success if is_good else st.error)(escaped(sentence))


def _title(scenario: Scenario) -> str:
    if not scenario.settings and not scenario.assumptions:
        return "**Current settings**, nothing changed"
    return f"**{escaped(scenario.name)}** · `{scenario.fingerprint}`"


def _offer_saving(scenario: Scenario, folder: Path) -> None:
    st.text_input("Name", key=NAME, placeholder="Scale down api")
    st.text_input("Why", key=REASON, placeholder="min instances idle at night")
    st.button("Save this scenario", key="save", type="primary", on_click=_save, args=(scenario, folder))
    st.caption("Saving a name again keeps the older one. `cli.py simulate --scenario NAME` prices it too.")


def _offer_opening(bill: Bill, folder: Path) -> None:
    saved = {record.name: record for record in records.scenarios(Workspace(folder))}
    st.selectbox("Saved scenarios", list(saved), key=CHOSEN, placeholder="None is saved yet" if not saved else "Choose")
    st.button("Open the saved one", key="open", disabled=not saved, on_click=_open_saved, args=(bill, folder))
    st.file_uploader("Or a scenario file", type=["toml"], key=FILE)
    st.button("Open the file", key="open_file", on_click=_open_file, args=(bill,))
    st.button("Back to current settings", key="clear", on_click=_clear)


def _offer_sharing(scenario: Scenario) -> None:
    st.download_button(
        "Download as a file", scenario.to_toml(), file_name="scenario.toml", mime="application/toml",
        on_click="ignore", key="scenario_download",
    )  # fmt: skip
    st.caption("Or this link; it holds the settings, not the bill:")
    address = (st.context.url or "").partition("?")[0]
    st.code(f"{address}?{scenario_state.LINK}={scenario.to_link()}", language=None, wrap_lines=True)


def _save(scenario: Scenario, folder: Path) -> None:
    name = str(st.session_state.get(NAME) or "").strip()
    if not name:
        scenario_state.say("The scenario has no name yet: type one under Save, then save again.", is_good=False)
        return
    named = replace(scenario, name=name, reason=str(st.session_state.get(REASON) or "").strip() or scenario.reason)
    records.save_scenario(Workspace(folder), name, named.to_toml(), named.fingerprint)
    scenario_state.history().put(named)
    scenario_state.say(f"{name} is saved ({named.fingerprint}).", is_good=True)


def _open_saved(bill: Bill, folder: Path) -> None:
    record = records.scenario(Workspace(folder), str(st.session_state.get(CHOSEN)))
    if record is not None:
        _open_text(bill, record.toml, f"the saved scenario {record.name!r}")


def _open_file(bill: Bill) -> None:
    file = st.session_state.get(FILE)
    if file is None:
        scenario_state.say("No file was chosen: choose a scenario file under Open, then open it.", is_good=False)
        return
    _open_text(bill, file.getvalue().decode("utf-8", errors="replace"), file.name)


def _open_text(bill: Bill, text: str, where: str) -> None:
    try:
        scenario_state.open_scenario(Scenario.from_toml(text, where), bill)
    except ScenarioError as problem:
        scenario_state.say(str(problem), is_good=False)


def _clear() -> None:
    scenario_state.history().put(Scenario())
