"""A document → one HTML file that needs nothing else: printable, charts drawn in it, and no script may run in it."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports.document import (
    LONGEST_CELL,
    LONGEST_TEXT,
    Bullets,
    Chart,
    Code,
    Metrics,
    Table,
    Text,
    breakable,
    check,
    line_of_code,
)
from exports.shell import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.document import Metric, Part, Report

STYLE: Final = Path(__file__).parent / "html" / "report.css"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_TAGS: Final = {"heading": "h2", "subheading": "h3", "answer": "p", "paragraph": "p", "note": "p", "warning": "p"}
_IDENTITY: Final = re.compile(r'(\bid="|url\(#|href="#)([\w-]+)')


def report_html(report: Report) -> str:
    """The report as HTML; no text of it is read as markup. Raises ValueError for a ragged table."""
    check(report)
    body = "\n".join(_part(part, place) for place, part in enumerate(report.parts))
    title = _text(report.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{title}</h1>\n<p class="note">{_text(report.subtitle)}</p>\n{body}\n'
        f"</main>\n<footer>{_text(report.footer)}</footer>\n</body>\n</html>\n"
    )


def _part(part: Part, place: int) -> str:
    if isinstance(part, Text):
        tag = _TAGS[part.kind]
        return f'<{tag} class="{part.kind}">{_text(part.text)}</{tag}>'
    if isinstance(part, Bullets):
        return _bullets(part)
    if isinstance(part, Code):
        return f"<pre><code>{escape(chr(10).join(map(line_of_code, part.lines)))}</code></pre>"
    if isinstance(part, Metrics):
        return f'<div class="metrics">{"".join(map(_metric, part.items))}</div>'
    return _table(part) if isinstance(part, Table) else _chart(part, place)


def _text(text: str, longest: int = LONGEST_TEXT) -> str:
    return escape(breakable(shown(text, longest)))


def _bullets(part: Bullets) -> str:
    tag = "ol" if part.kind == "steps" else "ul"
    box = '<span class="box"></span>' if part.kind == "checks" else ""
    items = "\n".join(f"<li>{box}<span>{_text(item)}</span></li>" for item in part.items)
    return f'<{tag} class="{part.kind}">\n{items}\n</{tag}>'


def _metric(item: Metric) -> str:
    label, value, note = (_text(each) for each in (item.label, item.value, item.note))
    return f"<div><small>{label}</small><strong>{value}</strong><small>{note}</small></div>"


def _table(part: Table) -> str:
    total = sum(column.width for column in part.columns) or 1
    columns = "".join(
        f'<col style="width:{100 * column.width / total:.4g}%">' if column.width else "<col>" for column in part.columns
    )
    classes = [' class="number"' if column.is_number else "" for column in part.columns]
    titles = [_text(column.title) for column in part.columns]
    head = "".join(f'<th scope="col"{c}>{title}</th>' for c, title in zip(classes, titles, strict=True))
    rows = "\n".join(_row(part, row, classes) for row in part.rows)
    return (
        f'<div class="wide"><table>\n<colgroup>{columns}</colgroup>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _row(part: Table, row: Sequence[str], classes: Sequence[str]) -> str:
    cells = "".join(f"<td{c}>{_text(each, LONGEST_CELL)}</td>" for c, each in zip(classes, row, strict=True))
    strong = ' class="strong"' if row and row[0] in part.strong else ""
    return f"<tr{strong}>{cells}</tr>"


def _chart(part: Chart, place: int) -> str:
    """The drawing itself; its own names are made unlike those of the drawings beside it."""
    svg = _IDENTITY.sub(rf"\g<1>chart{place}-\g<2>", part.svg)
    words = _text(part.alt)
    return f'<figure role="img" aria-label="{words}">\n{svg}\n<figcaption>{words}</figcaption>\n</figure>'
