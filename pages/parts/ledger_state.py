"""The ledger as pages look at it: measured once per content of the workspace and its approvals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data import ledger_records
from data.workspace import Workspace
from pages.parts import ledger_session

if TYPE_CHECKING:
    from pages.parts.ledger_session import Held

KEPT: Final = 3


def held(folder: Path) -> list[Held]:
    """Every approval with its months so far; raises LedgerRefused, LoadRefused."""
    workspace = Workspace(folder)
    approvals = repr([(each.id, each.is_live) for each in ledger_records.approvals(workspace)])
    return _held(str(folder), workspace.snapshot(), approvals)


@st.cache_resource(show_spinner="Holding later months against what was promised…", max_entries=KEPT)
def _held(folder: str, snapshot: str, approvals: str) -> list[Held]:  # noqa: ARG001 - parts of the cache's key
    return ledger_session.ledgers(Workspace(Path(folder)))
