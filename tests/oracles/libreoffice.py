"""LibreOffice as an independent judge of workbooks: recalculates every formula of a file that it opens."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""
SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice (soffice) is not installed: no workbook is recalculated"
)
Cells = dict[tuple[str, str], float | str | None]


def recalculated(files: dict[str, bytes], folder: Path) -> dict[str, Cells]:
    """Cells of each workbook after LibreOffice has computed all formulas anew: (sheet, "B7") → value."""
    profile, out = folder / "profile", folder / "out"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    for name, content in files.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    paths = [str(folder / f"{name}.xlsx") for name in files]
    command = [str(SOFFICE), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(out), *paths]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return {name: cells((out / f"{name}.xlsx").read_bytes()) for name in files}


def cells(content: bytes) -> Cells:
    """Every cell that a workbook stores: numbers, texts, and "#…" for errors."""
    with zipfile.ZipFile(_file(content)) as book:
        shared = _shared(book)
        return {
            (sheet, cell.get("r", "")): _value(cell, shared)
            for sheet, path in sheets(book).items()
            for cell in ET.fromstring(book.read(path)).iterfind(".//m:c", SPACE)
        }


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    """Every formula that a workbook stores."""
    with zipfile.ZipFile(_file(content)) as book:
        found = (
            (sheet, cell)
            for sheet, path in sheets(book).items()
            for cell in ET.fromstring(book.read(path)).iterfind(".//m:c[m:f]", SPACE)
        )
        return {(sheet, cell.get("r", "")): cell.findtext("m:f", "", SPACE) for sheet, cell in found}


def names(content: bytes) -> dict[str, tuple[str, str]]:
    """Named cells: name → (sheet, "B7")."""
    with zipfile.ZipFile(_file(content)) as book:
        root = ET.fromstring(book.read("xl/workbook.xml"))
    found = {}
    for each in root.iterfind(".//m:definedName", SPACE):
        sheet, _, cell = (each.text or "").partition("!")
        if not each.get("name", "").startswith("_xlnm"):
            found[each.get("name", "")] = (sheet.strip("'"), cell.replace("$", ""))
    return found


def with_typed(content: bytes, **typed: float) -> bytes:
    """The workbook as a person leaves it who types numbers over named cells, nothing recalculated."""
    known = names(content)
    with zipfile.ZipFile(_file(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
        paths = sheets(book)
    for name, number in typed.items():
        sheet, cell = known[name]
        text = parts[paths[sheet]].decode()
        pattern = rf'(<c r="{cell}"[^>]*><v>)[^<]*(</v></c>)'
        text, count = re.subn(pattern, rf"\g<1>{number!r}\g<2>", text)
        assert count == 1, f"{name} is no cell with a number"
        parts[paths[sheet]] = text.encode()
    return _zipped(parts)


def with_formula(content: bytes, sheet: str, cell: str, old: str, new: str) -> bytes:
    """The workbook with a mistake put into one formula."""
    with zipfile.ZipFile(_file(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
        path = sheets(book)[sheet]
    found = re.search(rf'<c r="{cell}"[^>]*><f>[^<]*</f>', parts[path].decode())
    assert found is not None
    assert old in found.group(), found.group()
    parts[path] = parts[path].decode().replace(found.group(), found.group().replace(old, new)).encode()
    return _zipped(parts)


def sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet → its file in the archive."""
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "").removeprefix("/xl/") for each in relations}
    root = ET.fromstring(book.read("xl/workbook.xml"))
    return {each.get("name", ""): f"xl/{targets[each.get(RELATION)]}" for each in root.iterfind(".//m:sheet", SPACE)}


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ET.fromstring(book.read("xl/sharedStrings.xml"))
    return [
        "".join(part.text or "" for part in each.iterfind(".//m:t", SPACE)) for each in root.iterfind("m:si", SPACE)
    ]


def _value(cell: ET.Element, shared: list[str]) -> float | str | None:
    text = cell.findtext("m:v", None, SPACE)
    if text is None:
        return None
    kind = cell.get("t", "n")
    if kind == "s":
        return shared[int(text)]
    return float(text) if kind == "n" else text


def _file(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return out.getvalue()
