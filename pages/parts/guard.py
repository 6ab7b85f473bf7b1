"""No traceback ever reaches a page: known problems are shown as their sentence, others are logged and said to be so."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.bill_months import NoBill
from data.sources.refusal import SourceRefused
from data.trail import TrailGone
from data.workspace import LoadRefused
from exports.bundle import ExportError
from model.alert_rules import RulesRefused
from model.claims import ClaimsRefused
from model.figure import FigureError
from model.scenario import ScenarioError
from pages.parts.wording import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBLEMS: Final = (
    NoBill, SourceRefused, LoadRefused, ExportError, ScenarioError, FigureError, TrailGone, RulesRefused, ClaimsRefused,
)  # fmt: skip
log = logging.getLogger("cloudlever")


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Run a part of a page; ``where`` names it in the sentence for a failure that nobody foresaw."""
    try:
        yield
    except PROBLEMS as problem:
        st.error(escaped(str(problem)))
    except Exception as error:
        log.exception("%s could not be shown", where)
        st.error(
            f"{escaped(where)} could not be shown ({type(error).__name__}). Nothing was changed; the log of the "
            "program has the details. Reload the page, or undo the last change."
        )
