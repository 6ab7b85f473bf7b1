"""What the Watch page holds: the bill under its rules, once per content and rules, and a forecast on request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.workspace import Workspace
from delivery.configured import NAMES
from forecasting.fitted import methods
from model.alert_rules import settings_of_toml
from model.forecast_score import forecast
from model.recommend import Cancelled
from pages.parts import watch_session

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from model.daily_costs import DailyCosts
    from model.forecast_score import Forecast
    from pages.parts.watch_session import Watched

KEPT: Final = 4


def watched_bill(folder: Path, currency: str) -> Watched:
    """The bill under the workspace's rules; raises NoBill, RulesRefused."""
    workspace = Workspace(folder)
    rules = watch_session.watch_settings(workspace).to_toml()
    return _watched(str(folder), workspace.snapshot(), currency, rules)


@st.cache_resource(show_spinner="Replaying the history…", max_entries=KEPT)
def _watched(folder: str, snapshot: str, currency: str, rules: str) -> Watched:  # noqa: ARG001
    costs = watch_session.load_costs(Workspace(Path(folder)), currency)
    return watch_session.watch(costs, settings_of_toml(rules, "the saved rules"))


def forecast_work(
    costs: DailyCosts, days: int, service: str | None
) -> Callable[[Callable[[float, str], None], threading.Event], Forecast]:
    """A forecast as work for a thread of its own."""

    def work(on_progress: Callable[[float, str], None], cancel: threading.Event) -> Forecast:
        def say(share: float, words: str) -> None:
            if cancel.is_set():
                raise Cancelled
            on_progress(share, words)

        return forecast(costs, methods(), days, service, say)

    return work


def secrets() -> dict[str, str]:
    """The addresses of channels: from the environment, else from Streamlit's secrets, else none."""
    found = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
    if not any(path.exists() for path in _SECRET_FILES):
        return found
    return {name: str(st.secrets[name]) for name in NAMES if name in st.secrets} | found


_SECRET_FILES: Final = (Path.home() / ".streamlit" / "secrets.toml", Path.cwd() / ".streamlit" / "secrets.toml")
