"""Print every case of the blind simulation: ``python -m tests.truth.table [OPTION…] [WORD…]``.

Words choose the cases whose name holds all of them. ``--write`` plays these cases again and keeps what came true;
``--misses`` keeps which cases miss the aim, and by how much; ``--bands`` also asks whether P10 to P90 hold the
truth; ``--markdown`` prints the rows of docs/methodology.md at the end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.truth import cloud_run_cases, company_cases, misses, truths
from tests.truth.judging import HEADING, Verdict, what_the_model_says

if TYPE_CHECKING:
    from types import ModuleType

    from model.bill import Bill

ROOMS: tuple[ModuleType, ...] = (cloud_run_cases, company_cases)


def names(words: list[str]) -> list[tuple[ModuleType, str]]:
    """Cases of all rooms whose name holds every word."""
    return [(room, name) for room in ROOMS for name in room.CASES if all(word in name for word in words)]


def play_again(words: list[str], folder: Path) -> None:
    """Play the chosen cases and keep what came true; those not chosen stay as they were kept."""
    kept = {name: case for name, case in truths.read().items() if words}
    kept |= {name: room.true_case(name, folder) for room, name in names(words)}
    truths.write({name: kept[name] for _, name in names([])})
    truths.read.cache_clear()


def main(arguments: list[str]) -> None:
    """Print the table and how many cases meet the aim."""
    started = time.process_time()
    words = [word for word in arguments if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "--write" in arguments:
            play_again(words, folder)
        print(HEADING)
        verdicts = list(_verdicts(words, folder, with_band="--bands" in arguments))
    if "--misses" in arguments and not words:
        misses.write(verdicts)
    met = sum(not verdict.faults for verdict in verdicts)
    print(f"{met} of {len(verdicts)} meet the aim; {time.process_time() - started:.0f} s of CPU")
    if "--markdown" in arguments:
        print("\n".join(verdict.markdown() for verdict in verdicts))
    banded = [verdict.is_in_band for verdict in verdicts if verdict.is_in_band is not None]
    if banded:
        print(f"{sum(banded)} of {len(banded)} true savings lie within P10 to P90")


def _verdicts(words: list[str], folder: Path, *, with_band: bool) -> list[Verdict]:
    bills: dict[str, tuple[Bill, float]] = {}
    verdicts = []
    for room, name in names(words):
        world = room.CASES[name].world
        if world not in bills:
            bills[world] = room.learned(world, folder / world)
        bill, before = bills[world]
        said = what_the_model_says(bill, room.scenario(name), room.JUDGED, with_band=with_band)
        verdicts.append(Verdict(name, before, truths.read()[name], said))
        print(verdicts[-1].sentence(), flush=True)
    return verdicts


if __name__ == "__main__":
    main(sys.argv[1:])
