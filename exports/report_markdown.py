"""A document → Markdown; charts are named as files beside it, and no text of it can start markup."""

from __future__ import annotations

import re
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
    check,
    line_of_code,
)
from exports.markdown import cell

if TYPE_CHECKING:
    from exports.document import Part, Report

CHARTS: Final = "charts"
"""The folder beside the file that holds its drawings."""
_STARTS: Final = re.compile(r"^(\d*)([.)](?=\s|$)|[-+](?=\s|$)|[-=]+$)")
"""What would make a line a list, a rule or the line above it a heading."""
_BLANK: Final = "______________________________"


def report_markdown(report: Report) -> str:
    """The report as Markdown. Raises ValueError for a ragged table."""
    check(report)
    head = [f"# {_line(report.title)}", _line(report.subtitle)]
    foot = ["---", _line(report.footer)]
    return "\n\n".join(part for part in [*head, *map(_part, report.parts), *foot] if part) + "\n"


def chart_files(report: Report) -> list[tuple[str, str]]:
    """Path and SVG of every chart that has a name."""
    charts = [part for part in report.parts if isinstance(part, Chart) and part.name]
    return [(f"{CHARTS}/{chart.name}.svg", chart.svg) for chart in charts]


def _part(part: Part) -> str:
    if isinstance(part, Text):
        return _paragraph(part)
    if isinstance(part, Bullets):
        return _bullets(part)
    if isinstance(part, Code):
        return _code(part)
    if isinstance(part, Metrics):
        return "\n".join(
            f"- {_line(item.label)}: **{_line(item.value)}**" + (f" ({_line(item.note)})" if item.note else "")
            for item in part.items
        )
    return _table(part) if isinstance(part, Table) else _chart(part)


def _line(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line that starts no list, heading or rule and holds no markup."""
    line = cell(text, longest).strip()
    return _STARTS.sub(r"\1\\\2", line)


def _paragraph(part: Text) -> str:
    marks = {"heading": "## ", "subheading": "### ", "answer": "**", "warning": "> **Attention:** "}
    mark = marks.get(part.kind, "")
    line = cell(part.text, LONGEST_TEXT).strip() if mark else _line(part.text)
    return f"{mark}{line}{mark if part.kind == 'answer' else ''}" if line else ""


def _bullets(part: Bullets) -> str:
    if part.kind in {"signature", "blanks"}:
        return "\n".join(f"- {_line(item)}: {_BLANK}".replace("_", "\\_") for item in part.items)
    box = "- [ ] " if part.kind == "checks" else "- "
    return "\n".join(
        f"{f'{place}. ' if part.kind == 'steps' else box}{_line(item)}" for place, item in enumerate(part.items, 1)
    )


def _code(part: Code) -> str:
    """Fenced by more backticks than any line holds."""
    lines = [line_of_code(line) for line in part.lines]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}bash", *lines, fence])


def _table(part: Table) -> str:
    titles = "".join(f" {_line(column.title)} |" for column in part.columns)
    rules = "".join("---:|" if column.is_number else "---|" for column in part.columns)
    rows = [
        "|" + "".join(f" {_strong(_line(each, LONGEST_CELL), row[0] in part.strong)} |" for each in row)
        for row in part.rows
    ]
    return "\n".join([f"|{titles}", f"|{rules}", *rows])


def _strong(text: str, is_strong: bool) -> str:  # noqa: FBT001
    return f"**{text}**" if is_strong and text else text


def _chart(part: Chart) -> str:
    """The drawing where it has a file, else its words."""
    words = _line(part.alt)
    return f"![{words}]({CHARTS}/{part.name}.svg)" if part.name else words
