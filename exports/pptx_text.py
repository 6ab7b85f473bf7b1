"""Text on slides: what XML cannot hold is left out, and no cell of a chart's workbook is run."""

from __future__ import annotations

import re
from typing import Final

from exports.shell import shown

_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")
_RUN_BY_CELLS: Final = re.compile(r"[=+\-@{]|(?:(?:ftp|http)s?|mailto|internal|external):", re.IGNORECASE)


def on_slide(text: str, length: int = 300) -> str:
    r"""Text for a slide: one line, nothing that XML cannot hold, cut where it is very long.

    >>> on_slide("a\x00b\nc")
    'a b c'
    """
    return _NOT_IN_XML.sub(" ", shown(text, length))


def in_chart(text: str, length: int = 60) -> str:
    """A name in a chart and in the cells of the workbook within it: one that would be run starts with an apostrophe.

    >>> in_chart("=cmd()"), in_chart("Cloud Run")
    ("'=cmd()", 'Cloud Run')
    """
    clean = on_slide(text, length).strip() or "not told"
    return f"'{clean}" if _RUN_BY_CELLS.match(clean) else clean
