"""A document → PDF (typst), with fonts embedded."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from exports.document import (
    LONGEST_CELL,
    LONGEST_ON_ONE_PAGE,
    LONGEST_TEXT,
    Report,
    breakable,
    check,
    line_of_code,
)
from exports.shell import shown

TEMPLATE: Final = Path(__file__).parent / "typst" / "report.typ"


def report_pdf(report: Report) -> bytes:
    """The report as PDF; no text of it is read as markup. Raises ValueError for a ragged table."""
    import typst  # noqa: PLC0415 - 80 MB that only a PDF needs

    check(report)
    document = json.dumps(_printable(asdict(report)))
    pdf: bytes = typst.compile(TEMPLATE, root=TEMPLATE.parent, sys_inputs={"report": document})
    return pdf


def _printable(document: dict[str, Any]) -> dict[str, Any]:
    """Every text without what no printer shows, cut where it is endless, breakable where it is wide."""
    longest = LONGEST_ON_ONE_PAGE if document["is_one_page"] else LONGEST_CELL
    parts = [{name: _part(part, name, longest) for name in part} for part in document["parts"]]
    head = {name: _shown(document[name], LONGEST_TEXT) for name in ("title", "subtitle", "footer")}
    return {**head, "parts": parts, "is_one_page": document["is_one_page"]}


def _part(part: dict[str, Any], name: str, longest_cell: int) -> Any:
    value = part[name]
    if name == "svg":
        return value
    if name == "lines":
        return [breakable(line_of_code(line)) for line in value]
    return _deep(value, longest_cell if part["kind"] == "table" else LONGEST_TEXT)


def _deep(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return _shown(value, longest)
    if isinstance(value, dict):
        return {key: _deep(each, longest) for key, each in value.items()}
    return [_deep(each, longest) for each in value] if isinstance(value, list | tuple) else value


def _shown(text: str, longest: int) -> str:
    return breakable(shown(text, longest))
