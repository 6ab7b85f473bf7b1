"""The Data page's last parts: what was set aside, the checks that can fail, and the invoice totals they are held to."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from data import records
from data.sources.invoices import parse_invoices
from data.sources.refusal import SourceRefused
from data.trail import DEFAULT_ROW_LIMIT, quarantine_rows
from pages.parts import data_state, data_words, session
from pages.parts.data_adding import spooled
from pages.parts.safe_csv import quarantine_csv
from pages.parts.wording import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.records import InvoiceTotal
    from data.workspace import Workspace

ALL_ROWS: Final = 1_000_000
TYPED: Final = "The table of invoices (line 1 is its header)"
INVOICE_ROUND: Final = "data_invoice_round"
INVOICE_NOTICE: Final = "data_invoice_notice"


def show_quarantine(workspace: Workspace) -> None:
    """The rows that were set aside, each with file, row, column, reason and amount, and all of them as CSV."""
    count = sum(load.rows_quarantined for load in workspace.loads())
    if not count:
        st.markdown("No row was set aside.")
        return
    rows = quarantine_rows(workspace)
    st.markdown(f"{count:,} rows could not be read and are in no total. "
                "Mend them in the file, then remove the load above and add the mended file.")  # fmt: skip
    st.dataframe([data_words.quarantine_row(row) for row in rows], hide_index=True)
    if len(rows) == DEFAULT_ROW_LIMIT:
        st.caption(f"The first {DEFAULT_ROW_LIMIT} reasons are shown; the download holds all.")
    st.download_button(
        "Download all as CSV", lambda: quarantine_csv(quarantine_rows(workspace, ALL_ROWS)),
        file_name="set_aside.csv", mime="text/csv", on_click="ignore", key="data_quarantine_csv",
    )  # fmt: skip


def show_checks(workspace: Workspace) -> None:
    """Every check with what was expected, what was found, and its verdict as a word."""
    found = data_state.checks(workspace)
    if not found:
        st.markdown("There is nothing to check until a bill is loaded.")
        return
    line = data_words.checks_line(found)
    failed = [check.sentence for check in found if check.passed is False]
    if failed:
        st.error(escaped(f"{line} {' '.join(failed)}"))
    else:
        st.markdown(line)
    order = sorted(found, key=lambda check: check.passed is not False)
    st.dataframe(
        [data_words.check_row(check) for check in order], hide_index=True,
        column_config={"In words": st.column_config.TextColumn(width="large")},
    )  # fmt: skip


def show_invoices(workspace: Workspace) -> None:
    """Invoice totals, typed or as CSV: the one check against something that the bill does not say itself."""
    st.markdown("Type the totals of your invoices: the bill is held against them, to the cent.")
    is_good, sentence = st.session_state.pop(INVOICE_NOTICE, (True, ""))
    if sentence:
        (st.success if is_good else st.error)(escaped(sentence))
    standing = [total for total in records.invoices(workspace) if total.kind == "total"]
    edited = st.data_editor(
        _table(standing), num_rows="dynamic", hide_index=True, key=f"data_invoices_{_round()}",
        column_config={"Month": st.column_config.TextColumn(help="2026-01 or 202601"),
                       "Currency": st.column_config.TextColumn(help="Three letters, as USD"),
                       "Amount": st.column_config.TextColumn(help="1234.56, without thousands separators")},
    )  # fmt: skip
    if st.button("Save these totals", key="data_save_invoices"):
        _finish(*_save(workspace, standing, data_words.invoice_lines(edited.to_dict("records"))))
    _offer_file(workspace)


def _table(standing: Sequence[InvoiceTotal]) -> pd.DataFrame:
    rows = [(f"{t.invoice_month // 100}-{t.invoice_month % 100:02d}", t.currency, f"{t.amount:f}") for t in standing]
    return pd.DataFrame(rows, columns=["Month", "Currency", "Amount"], dtype="object")


def _save(workspace: Workspace, standing: Sequence[InvoiceTotal], text: str) -> tuple[bool, str]:
    try:
        given = parse_invoices(text, TYPED)
    except SourceRefused as refusal:
        return False, f"{refusal} Nothing was changed."
    records.remove_invoices(workspace, standing)
    records.save_invoices(workspace, given)
    saved = counted(len(given), "invoice total is saved", "invoice totals are saved")
    return True, f"{saved}; the checks are held against them."


def _offer_file(workspace: Workspace) -> None:
    file = st.file_uploader("Or a CSV: invoice_month,currency,amount", type=["csv"], key=f"data_invoice_csv_{_round()}")
    if st.button("Read the invoices", key="data_read_invoices", disabled=file is None) and file is not None:
        with tempfile.TemporaryDirectory() as folder:
            try:
                session.add_invoices(workspace, spooled(Path(folder), [file]))
            except SourceRefused as refusal:
                _finish(False, f"{refusal} Nothing was changed.")  # noqa: FBT003 - the notice's verdict
        _finish(True, f"{file.name} was read; the checks are held against it.")  # noqa: FBT003 - the notice's verdict


def _finish(is_good: bool, sentence: str) -> None:  # noqa: FBT001 - the notice's verdict
    st.session_state[INVOICE_NOTICE] = (is_good, sentence)
    if is_good:
        st.session_state[INVOICE_ROUND] = _round() + 1
    st.rerun()


def _round() -> int:
    return int(st.session_state.get(INVOICE_ROUND, 0))
