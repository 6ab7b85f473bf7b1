"""A folder that holds the export of another plan: what is left of it must not be applied together with this one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from exports.bundle import ExportFile

MANIFEST = "manifest.json"


def remove_earlier(target: Path, files: Sequence[ExportFile]) -> None:
    """Remove what the manifest of another plan lists here, is as it was written, and is not written again.

    Files of the same plan stay (``--only`` one kind after another), and so does whatever somebody edited or added.
    """
    earlier, now = _listed(_read(target / MANIFEST)), _listed(_content(files))
    if not earlier or not now or earlier["fingerprint"] == now["fingerprint"]:
        return
    kept = {file.path for file in files}
    for name, checksum in earlier["files"].items():
        path = target / name
        if name in kept or not path.resolve().is_relative_to(target.resolve()) or path.is_symlink():
            continue
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == checksum:
            path.unlink()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _content(files: Sequence[ExportFile]) -> bytes:
    return next((file.content for file in files if file.path == MANIFEST), b"")


def _listed(manifest: bytes) -> dict[str, Any]:
    """Fingerprint and checksum by path; nothing for what is no manifest of ours."""
    try:
        content = json.loads(manifest)
        paths = {str(each["path"]): str(each["sha256"]) for each in content["files"]}
        return {"fingerprint": str(content["fingerprint"]), "files": paths}
    except (ValueError, KeyError, TypeError):
        return {}
