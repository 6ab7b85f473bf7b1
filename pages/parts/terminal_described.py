"""``--described``: files that describe live resources, read for one export and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.bundle import ExportError
from exports.described import DescribedRefused, read_described

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from exports.described import Described

SUFFIXES = (".json", ".yaml", ".yml")


def read(paths: Iterable[Path]) -> tuple[Described, ...]:
    """What files, and the JSON and YAML files of folders, describe; raises ExportError."""
    found: list[Described] = []
    for path in paths:
        files = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES) if path.is_dir() else [path]
        for file in files:
            found += _read_file(file)
    return tuple(found)


def _read_file(file: Path) -> list[Described]:
    try:
        return read_described(file.name, file.read_bytes())
    except OSError as error:
        raise ExportError(f"{file} cannot be read ({error.strerror}); give another --described.") from error
    except DescribedRefused as problem:
        raise ExportError(str(problem)) from problem
