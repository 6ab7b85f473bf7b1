"""What is installed and reachable, and how to mend what is not."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from data.price_book import PriceBookError, load_price_book
from data.workspace import LOADS, LoadRefused, Workspace

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("streamlit", "duckdb", "pandas", "numpy", "scipy", "altair", "pyarrow", "sqlglot", "google-cloud-bigquery")
PROGRAMS = (
    ("gcloud", "runs the exported scripts", "Install the Google Cloud SDK where you run them."),
    ("bash", "runs the exported scripts", "Install bash where you run them."),
    ("chromium", "browser tests", "Only needed for the project's own tests."),
)


def checks(folder: Path) -> list[dict[str, Any]]:
    """Every check: name, ok, detail, mend, and whether the product needs it."""
    found = [_python(), *(_package(name) for name in PACKAGES), _workspace(folder), _prices()]
    return found + [_program(*program) for program in PROGRAMS]


def _check(name: str, detail: str, mend: str = "", *, ok: bool, needed: bool = True) -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "mend": "" if ok else mend, "needed": needed}


def _python() -> dict[str, Any]:
    have = ".".join(map(str, sys.version_info[:3]))
    return _check("python", f"version {have}", "Install Python 3.11 or newer.", ok=sys.version_info >= (3, 11))


def _package(name: str) -> dict[str, Any]:
    try:
        return _check(name, f"version {version(name)}", ok=True)
    except PackageNotFoundError:
        return _check(name, "not installed", "Run make setup.", ok=False)


def _workspace(folder: Path) -> dict[str, Any]:
    if not (folder / LOADS).is_dir():
        return _check("workspace", f"{folder}: not made yet", "Import an export, or `import demo`.", ok=True)
    try:
        loads = Workspace(folder).loads()
    except LoadRefused as refusal:
        return _check("workspace", str(refusal), "Give another folder with --workspace.", ok=False)
    rows = sum(load.rows_accepted for load in loads)
    return _check("workspace", f"{folder}: {len(loads)} loads, {rows:,} rows", ok=True)


def _prices() -> dict[str, Any]:
    try:
        book = load_price_book()
    except PriceBookError as error:
        return _check("price book", str(error), "Restore data/prices.", ok=False)
    newest = max(entry.as_of for entry in book.prices)
    return _check("price book", f"{book.name}: {len(book.prices)} prices, the newest read {newest}", ok=True)


def _program(name: str, purpose: str, mend: str) -> dict[str, Any]:
    where = shutil.which(name)
    return _check(name, f"{where or 'not found'} ({purpose})", mend, ok=where is not None, needed=False)
