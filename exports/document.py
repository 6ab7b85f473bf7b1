"""A document of headings, figures, tables, charts, commands and lists, written as PDF, HTML or Markdown.

Whoever makes one has put amounts into words already; no text of it is ever read as markup by what writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from exports.shell import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

TextKind = Literal["heading", "subheading", "answer", "paragraph", "note", "warning"]
BulletKind = Literal["bullets", "steps", "checks", "blanks", "signature"]

_LONG_WORD: Final = re.compile(r"\S{41,}")
_PIECES: Final = re.compile(r"[^/._=-]{0,29}[/._=-]|[^/._=-]{1,30}")
_MAY_BREAK: Final = "\u200b"
"""Seen by nobody: where a word that is wider than a column may go on in the next line."""

LONGEST_CELL = 700
LONGEST_TEXT = 4000
LONGEST_CODE = 20_000
LONGEST_ON_ONE_PAGE = 160
"""Characters beyond which a cell, a text, a block of commands or a cell on a single page is cut, the cut marked."""


@dataclass(frozen=True)
class Text:
    """A heading, the answer in large letters, a paragraph, a note in small ones, or a warning that stands out."""

    kind: TextKind
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences: points, numbered steps, boxes to tick (``checks``), lines to fill in or to sign on."""

    items: tuple[str, ...]
    kind: BulletKind = "bullets"


@dataclass(frozen=True)
class Code:
    """Lines to type or to read as they are: data, whatever they hold."""

    lines: tuple[str, ...]
    kind: Literal["code"] = "code"


@dataclass(frozen=True)
class Metric:
    """One figure: what it is, how much, and what stands beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Metrics:
    """Figures side by side."""

    items: tuple[Metric, ...]
    kind: Literal["metrics"] = "metrics"


@dataclass(frozen=True)
class Column:
    """A column: its title, its share of the width (0: as wide as it needs), and whether numbers stand in it."""

    title: str
    width: int = 1
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text under columns; rows whose first cell is in ``strong`` are totals."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"
    strong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A drawing as SVG, with the same in words for those who do not see it; ``name`` is that of its file, if any."""

    svg: str
    alt: str
    kind: Literal["chart"] = "chart"
    name: str = ""


Part = Text | Bullets | Code | Metrics | Table | Chart


@dataclass(frozen=True)
class Report:
    """What stands on the paper, in order; the footer names bill, scenario and fingerprint on each page.

    ``is_one_page``: on paper all of it is set smaller until one page holds it, to half the usual size.
    """

    title: str
    subtitle: str
    footer: str
    parts: Sequence[Part] = field(default_factory=tuple)
    is_one_page: bool = False


def check(report: Report) -> None:
    """Raise ValueError for a table whose rows have more or fewer cells than it has columns."""
    for part in report.parts:
        if isinstance(part, Table) and any(len(row) != len(part.columns) for row in part.rows):
            raise ValueError("Every row of a table needs as many cells as it has columns.")


def line_of_code(line: str) -> str:
    r"""A line of commands for people: what a terminal would act on is a space, and a line too long is cut.

    >>> line_of_code("gcloud run\x1b[31m")
    'gcloud run [31m'
    """
    return shown(line, LONGEST_CODE)


def breakable(text: str) -> str:
    """Words of more than 40 characters may break after a slash, dot, line or equals sign, else after every 30.

    >>> breakable("run.googleapis.com/container/memory/utilizations").split("\u200b")
    ['run.', 'googleapis.', 'com/', 'container/', 'memory/', 'utilizations']
    """
    return _LONG_WORD.sub(lambda found: _MAY_BREAK.join(_PIECES.findall(found[0])), text)
