"""The cases that miss the aim, with what misses and by how much: ``python -m tests.truth.table --misses`` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.truth.judging import Verdict

FILE: Final = Path(__file__).with_name("misses.json")
BILL_SLACK: Final = 0.001
SAVING_SLACK: Final = 0.05
"""How much a miss may move before it counts as worse: a tenth of a per cent of the bill, 5 % of the saving's aim."""


def write(verdicts: Iterable[Verdict]) -> None:
    """Keep the misses among these verdicts."""
    rows = [
        f"  {json.dumps(verdict.case)}: "
        + json.dumps(
            {
                "faults": verdict.faults,
                "bill": round(verdict.error_of_bill, 4),
                "saving": round(verdict.error_of_saving, 2),
            }
        )
        for verdict in verdicts
        if verdict.faults
    ]
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def read() -> dict[str, dict[str, object]]:
    """Misses by case: ``faults``; ``bill``, the error of the bill; ``saving``, the error in multiples of the aim."""
    found: dict[str, dict[str, object]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
