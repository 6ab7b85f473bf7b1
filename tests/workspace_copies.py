"""Copies of the demo workspace that all tests share."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def copy_of(workspace: Path, target: Path) -> Path:
    """Copy a workspace that others read meanwhile: what SQLite keeps beside its file for readers is theirs alone."""
    shutil.copytree(workspace, target, ignore=shutil.ignore_patterns("*-shm", "*-wal"))
    return target
