"""What is looked at in the bill: filters and basis, shared by pages, held in this tab and in the address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import streamlit as st

from data.workspace import Workspace
from model.analysis import BASES, DRILL, CostView, filtered
from pages.parts import analysis_session

if TYPE_CHECKING:
    from model.analysis import Basis, CostRows
    from pages.parts.analysis_session import AnalysedBill
    from pages.parts.bill_state import BillView

HELD: Final = "analysis_held"
BASIS, CREDITS, TAX = "cost", "credits", "tax"
ALL, NONE, WITH, WITHOUT = "all", "none", "with", "without"
DEFAULTS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(DRILL, ()), BASIS: ("billed",), CREDITS: (ALL,), TAX: (WITH,),
}  # fmt: skip
KEPT: Final = 3


def analysed(view: BillView) -> AnalysedBill:
    """The bill in the currency at hand, read once per content of the workspace."""
    return _analysed(str(view.folder), Workspace(view.folder).snapshot(), view.bill.currency)


def held() -> dict[str, tuple[str, ...]]:
    """The choices by name; the first look takes them from the address."""
    if HELD not in st.session_state:
        asked = {name: tuple(st.query_params.get_all(name)) for name in DEFAULTS}
        st.session_state[HELD] = {name: asked[name] or default for name, default in DEFAULTS.items()}
    found: dict[str, tuple[str, ...]] = st.session_state[HELD]
    return found


def choose(name: str, values: tuple[str, ...]) -> None:
    """Make a choice; what was chosen further down than it goes."""
    found = held()
    found[name] = values or DEFAULTS[name]
    if name in DRILL:
        for below in DRILL[DRILL.index(name) + 1 :]:
            found[below] = ()


def clear() -> None:
    """Look at the whole bill again; the basis stays."""
    for name in DRILL:
        held()[name] = ()


def write_link() -> None:
    """Put into the address what differs from the defaults, only when it says something else."""
    for name, values in held().items():
        wanted = [] if values == DEFAULTS[name] else list(values)
        if st.query_params.get_all(name) == wanted:
            continue
        if wanted:
            st.query_params[name] = wanted
        else:
            del st.query_params[name]


def cost_view(rows: CostRows) -> CostView:
    """The basis at hand; one that an address made up is the default."""
    basis, credits_of = held()[BASIS][0], held()[CREDITS]
    chosen = rows.credit_columns if ALL in credits_of else tuple(c for c in rows.credit_columns if c in credits_of)
    known = cast("Basis", basis if basis in BASES else DEFAULTS[BASIS][0])
    return CostView(known, frozenset(chosen), with_tax=WITHOUT not in held()[TAX])


def within(rows: CostRows) -> CostRows:
    """The rows that the filters leave, of all months."""
    return filtered(rows, {name: held()[name] for name in DRILL})


def filter_words() -> str:
    """What narrows the bill on Analysis, as 'service Cloud Run, project shop'; '' where nothing does."""
    return ", ".join(f"{name} {' or '.join(values)}" for name in DRILL if (values := held()[name]))


def next_dimension() -> str:
    """Where a step down leads: the first of service, SKU, project, resource that nothing narrows yet."""
    return next((name for name in DRILL if not held()[name]), DRILL[-1])


@st.cache_resource(show_spinner="Reading the bill…", max_entries=KEPT)
def _analysed(folder: str, snapshot: str, currency: str) -> AnalysedBill:  # noqa: ARG001 - part of the cache's key
    return analysis_session.analysed_bill(Workspace(Path(folder)), currency)
