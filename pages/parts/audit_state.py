"""The claims of this tab: the uploaded file or the example, and its audit, worked out once for each bill."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.workspace import Workspace
from model.audit import audit
from pages.parts import audit_session, session

if TYPE_CHECKING:
    from model.audit import Audit
    from model.bill import Bill
    from model.claims import ClaimedPlan
    from pages.parts.bill_state import BillView

FILE: Final = "audit_file"
KEPT: Final = "audit_kept"
BILLS: Final = "audit_bills"
MOST_KEPT: Final = 4

Uploaded = tuple[str, bytes]


def uploaded() -> Uploaded | None:
    """Name and content of the file at hand; None before one was given."""
    found: Uploaded | None = st.session_state.get(FILE)
    return found


def take(name: str, content: bytes) -> None:
    """Make a file the one at hand."""
    st.session_state[FILE] = (name, content)


def take_example() -> None:
    """Audit the plan that ships as the example."""
    take(audit_session.EXAMPLE.name, audit_session.EXAMPLE.read_bytes())


def forget() -> None:
    """Put the file away."""
    st.session_state.pop(FILE, None)


def audit_of(file: Uploaded, plan: ClaimedPlan, bill: Bill) -> Audit:
    """The audit of a file on a bill; raises ClaimsRefused."""
    key = (hashlib.sha256(file[1]).hexdigest(), id(bill))
    kept: dict[tuple[str, int], Audit] = st.session_state.setdefault(KEPT, {})
    found = kept.get(key)
    if found is None or found.bill is not bill:
        with st.spinner("Holding the claims against the bill…", show_time=False):
            found = audit(bill, plan)
        kept[key] = found
        while len(kept) > MOST_KEPT:
            del kept[next(iter(kept))]
    return found


def bill_over(view: BillView, months: tuple[int, ...]) -> Bill:
    """The bill over other months than the bar says, read once for each bill of the bar."""
    if months == view.bill.months:
        return view.bill
    held: tuple[Bill, dict[tuple[int, ...], Bill]] | None = st.session_state.get(BILLS)
    if held is None or held[0] is not view.bill:
        held = (view.bill, {})
        st.session_state[BILLS] = held
    if months not in held[1]:
        with st.spinner("Reading the months that the plan speaks of…"):
            held[1][months] = session.load_bill(Workspace(view.folder), months, view.bill.currency)
    return held[1][months]
