"""The scenario of this browser tab: its history, its link in the address bar, and its price on the bill at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from model.outcome import evaluate, parameters
from model.scenario import Scenario, ScenarioError
from pages.parts.history import History

if TYPE_CHECKING:
    from model.bill import Bill
    from model.outcome import Outcome

HISTORY: Final = "scenario_history"
NOTICE: Final = "scenario_notice"
PRICED: Final = "scenario_priced"
COMPARED: Final = "scenario_compared"
LINK: Final = "s"
MOST_HELD: Final = 12


def history() -> History:
    """This tab's history; the first look takes the scenario from the link, if there is one."""
    if HISTORY not in st.session_state:
        st.session_state[HISTORY] = History()
        word = st.query_params.get(LINK)
        if word:
            try:
                st.session_state[HISTORY].put(Scenario.from_link(word))
            except ScenarioError as problem:
                say(str(problem), is_good=False)
    found: History = st.session_state[HISTORY]
    return found


def say(sentence: str, *, is_good: bool) -> None:
    """Leave a sentence for the next time the scenario bar is drawn."""
    st.session_state[NOTICE] = (sentence, is_good)


def pop_notice() -> tuple[str, bool] | None:
    """The sentence that was left, once."""
    found: tuple[str, bool] | None = st.session_state.pop(NOTICE, None)
    return found


def open_scenario(scenario: Scenario, bill: Bill) -> None:
    """Make a scenario the one at hand if the bill takes it; else say why, and change nothing."""
    try:
        scenario.check(parameters(bill))
    except ScenarioError as problem:
        say(str(problem), is_good=False)
        return
    history().put(scenario)
    say(f"{scenario.name} is open.", is_good=True)


def priced(bill: Bill) -> Outcome:
    """The scenario at hand on this bill, computed once; one that cannot be priced gives way to the last that could."""
    now = history().now
    held: Outcome | None = st.session_state.get(PRICED)
    if held is not None and held.bill is bill and held.scenario == now:
        return held
    try:
        outcome = evaluate(bill, now)
    except ScenarioError as problem:
        history().reject()
        say(f"{problem} The scenario before it is shown.", is_good=False)
        return priced(bill)
    st.session_state[PRICED] = outcome
    return outcome


def compared(bill: Bill, scenario: Scenario) -> Outcome:
    """Any scenario on this bill, priced once as long as it is looked at; raises ScenarioError."""
    held: dict[str, Outcome] = st.session_state.setdefault(COMPARED, {})
    found = held.pop(scenario.fingerprint, None)
    if found is None or found.bill is not bill:
        found = evaluate(bill, scenario)
    held[scenario.fingerprint] = found
    while len(held) > MOST_HELD:
        del held[next(iter(held))]
    return replace(found, scenario=scenario)


def write_link(scenario: Scenario) -> None:
    """Put the scenario into the address bar, only when it says something else."""
    word = scenario.to_link() if scenario.settings or scenario.assumptions else ""
    if st.query_params.get(LINK, "") == word:
        return
    if word:
        st.query_params[LINK] = word
    else:
        del st.query_params[LINK]
