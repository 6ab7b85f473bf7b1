"""Print every case of the blind simulation: ``python -m tests.truth.table [--write] [--misses] [WORD…]``.

Words choose the cases whose name holds all of them. ``--write`` plays all cases again and keeps what came true;
``--misses`` keeps which cases miss the aim, and by how much.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.truth import cloud_run_cases, misses, truths
from tests.truth.judging import HEADING, Verdict

if TYPE_CHECKING:
    from types import ModuleType

    from model.bill import Bill

ROOMS: tuple[ModuleType, ...] = (cloud_run_cases,)


def names(words: list[str]) -> list[tuple[ModuleType, str]]:
    """Cases of all rooms whose name holds every word."""
    return [(room, name) for room in ROOMS for name in room.CASES if all(word in name for word in words)]


def play_all(folder: Path) -> None:
    """Play all cases and keep what came true."""
    truths.write({name: room.true_case(name, folder) for room, name in names([])})
    truths.read.cache_clear()


def main(arguments: list[str]) -> None:
    """Print the table and how many cases meet the aim."""
    started = time.process_time()
    words = [word for word in arguments if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "--write" in arguments:
            play_all(folder)
        print(HEADING)
        verdicts = list(_verdicts(words, folder))
    if "--misses" in arguments and not words:
        misses.write(verdicts)
    met = sum(not verdict.faults for verdict in verdicts)
    print(f"{met} of {len(verdicts)} meet the aim; {time.process_time() - started:.0f} s of CPU")
    banded = [verdict.is_in_band for verdict in verdicts if verdict.is_in_band is not None]
    if banded:
        print(f"{sum(banded)} of {len(banded)} true savings lie within P10 to P90")


def _verdicts(words: list[str], folder: Path) -> list[Verdict]:
    bills: dict[str, tuple[Bill, float]] = {}
    verdicts = []
    for room, name in names(words):
        world = room.CASES[name].world
        if world not in bills:
            bills[world] = room.learned(world, folder / world)
        bill, before = bills[world]
        verdicts.append(Verdict(name, before, truths.read()[name], room.said(name, bill)))
        print(verdicts[-1].sentence(), flush=True)
    return verdicts


if __name__ == "__main__":
    main(sys.argv[1:])
