"""Options of the whole suite, and the demo bill, which is imported once for all workers."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def pytest_addoption(parser):
    parser.addoption(
        "--golden-update", action="store_true", default=False, help="rewrite the golden files; then read the diff"
    )


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the demo bill that many tests read at the same time: copy it before you write."""
    from data.workspace import Workspace  # noqa: PLC0415 - most tests need neither
    from pages.parts import session  # noqa: PLC0415

    folder = tmp_path_factory.getbasetemp() / "imported"
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is not None:
        folder = folder.parents[1] / f"imported-{run}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            session.import_demo(Workspace(folder / "ws"))
            (folder / "done").touch()
    return folder / "ws"
