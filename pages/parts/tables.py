"""Tables of amounts: floats are money of one currency and are printed as such; everything else as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.wording import amount_format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def amounts_table(rows: Sequence[Mapping[str, Any]], currency: str, *, is_short: bool = False) -> None:
    """Rows as a table that can be sorted, searched and downloaded; nothing where there are none."""
    if not rows:
        return
    amounts = [name for name, value in rows[0].items() if isinstance(value, float)]
    shown = st.column_config.NumberColumn
    config = {name: shown(f"{name} ({currency})", format=amount_format(currency)) for name in amounts}
    st.dataframe(list(rows), hide_index=True, column_config=config, height="content" if is_short else "auto")


def text_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows of words under titles, as high as they are; nothing where there are none."""
    if rows:
        st.dataframe([dict(zip(titles, row, strict=True)) for row in rows], hide_index=True, height="content")
