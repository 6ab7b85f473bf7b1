"""A report of headings, metrics, tables and charts → PDF (typst); whoever calls has put amounts into words already."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE: Final = Path(__file__).parent / "typst" / "report.typ"
TextKind = Literal["heading", "answer", "paragraph", "note"]


@dataclass(frozen=True)
class Text:
    """A heading, the answer in large letters, a paragraph, or a note in small ones."""

    kind: TextKind
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences; ``signature``: lines to sign on instead."""

    items: tuple[str, ...]
    kind: Literal["bullets", "signature"] = "bullets"


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
    """Rows of text under columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Chart:
    """A drawing as SVG, with the same in words for those who do not see it."""

    svg: str
    alt: str
    kind: Literal["chart"] = "chart"


Part = Text | Bullets | Metrics | Table | Chart


@dataclass(frozen=True)
class Report:
    """What stands on the paper, in order; the footer names bill, scenario and fingerprint on each page."""

    title: str
    subtitle: str
    footer: str
    parts: Sequence[Part] = field(default_factory=tuple)


def report_pdf(report: Report) -> bytes:
    """The report as PDF with fonts embedded; no text of it is read as markup. Raises ValueError for a ragged table."""
    import typst  # noqa: PLC0415 - 80 MB that only a PDF needs

    for part in report.parts:
        _check(part)
    document: dict[str, Any] = asdict(report)
    pdf: bytes = typst.compile(TEMPLATE, root=TEMPLATE.parent, sys_inputs={"report": json.dumps(document)})
    return pdf


def _check(part: Part) -> None:
    if isinstance(part, Table) and any(len(row) != len(part.columns) for row in part.rows):
        raise ValueError("Every row of a table needs as many cells as it has columns.")
