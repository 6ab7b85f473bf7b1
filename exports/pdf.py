"""A document → PDF (typst), with fonts embedded."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from exports.document import LONGEST_CELL, LONGEST_TEXT, Report, check, line_of_code
from exports.shell import shown

TEMPLATE: Final = Path(__file__).parent / "typst" / "report.typ"
_LONG_WORD: Final = re.compile(r"\S{41,}")
_PIECES: Final = re.compile(r"[^/._=-]{0,29}[/._=-]|[^/._=-]{1,30}")
_MAY_BREAK: Final = "\u200b"
"""Seen by nobody: where a word that is wider than a column may go on in the next line."""


def report_pdf(report: Report) -> bytes:
    """The report as PDF; no text of it is read as markup. Raises ValueError for a ragged table."""
    import typst  # noqa: PLC0415 - 80 MB that only a PDF needs

    check(report)
    document = json.dumps(_printable(asdict(report)))
    pdf: bytes = typst.compile(TEMPLATE, root=TEMPLATE.parent, sys_inputs={"report": document})
    return pdf


def _printable(document: dict[str, Any]) -> dict[str, Any]:
    """Every text without what no printer shows, cut where it is endless, breakable where it is wide."""
    parts = [{name: _part(part, name) for name in part} for part in document["parts"]]
    return {**{name: _shown(document[name], LONGEST_TEXT) for name in ("title", "subtitle", "footer")}, "parts": parts}


def _part(part: dict[str, Any], name: str) -> Any:
    value = part[name]
    if name == "svg":
        return value
    if name == "lines":
        return [_breakable(line_of_code(line)) for line in value]
    return _deep(value, LONGEST_CELL if part["kind"] == "table" else LONGEST_TEXT)


def _deep(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return _shown(value, longest)
    if isinstance(value, dict):
        return {key: _deep(each, longest) for key, each in value.items()}
    return [_deep(each, longest) for each in value] if isinstance(value, list | tuple) else value


def _shown(text: str, longest: int) -> str:
    return _breakable(shown(text, longest))


def _breakable(text: str) -> str:
    """Words of more than 40 characters may break after a slash, dot, line or equals sign, else after every 30."""
    return _LONG_WORD.sub(lambda found: _MAY_BREAK.join(_PIECES.findall(found[0])), text)
