"""The PDF of a report: its text, its pages, and that no text of a user is read as markup."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from exports.document import Bullets, Chart, Column, Metric, Metrics, Report, Table, Text
from exports.pdf import report_pdf

NASTY = '#eval("1") *bold* $x$ <b> \\ "quoted" `code` @ref'
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><rect width="40" height="10" fill="#0072B2"/></svg>'
)


def report(*parts: object, title: str = "What can be saved") -> Report:
    return Report(title, "Nov 2025 to Jan 2026, USD", "fingerprint 0563f8c85ae1", parts)  # type: ignore[arg-type]


def words(pdf: bytes) -> str:
    """What a reader of the PDF can select, by another library."""
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_every_part_stands_in_the_pdf() -> None:
    pdf = report_pdf(
        report(
            Text("answer", "Saves $2,412 a month."),
            Metrics((Metric("NPV", "$70k", "36 months"), Metric("ROI", "4.2"))),
            Text("heading", "By lever"),
            Table((Column("Lever"), Column("USD", 0, is_number=True)), (("Cloud Run", "1,099.43"),)),
            Chart(SVG, "a bar"),
            Bullets(("Approve by March",)),
            Bullets(("Name", "Date"), "signature"),
        )
    )

    found = words(pdf)
    for expected in ("Saves $2,412 a month.", "NPV", "By lever", "1,099.43", "Approve by March", "0563f8c85ae1"):
        assert expected in found


def test_text_is_never_run_as_markup() -> None:
    pdf = report_pdf(report(Text("paragraph", NASTY), Table((Column("A"),), ((NASTY,),)), title=NASTY))

    assert re.sub(r"\s+", " ", words(pdf)).count('#eval("1") *bold* $x$ <b>') == 3


def test_the_same_report_is_the_same_file() -> None:
    assert report_pdf(report(Text("answer", "x"))) == report_pdf(report(Text("answer", "x")))


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        report_pdf(report(Table((Column("A"), Column("B")), (("1",),))))


def test_it_is_a_pdf_with_embedded_fonts() -> None:
    pdf = report_pdf(report(Text("answer", "x")))

    assert pdf.startswith(b"%PDF-")
    assert b"FontFile" in pdf
