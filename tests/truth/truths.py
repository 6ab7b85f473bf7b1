"""What the simulation found for every case, kept beside it: playing all of them takes minutes.

``python -m tests.truth.table --write`` plays them again. ``truths.json`` names the simulation that made it: a changed
simulation or case cannot be judged by old truths.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.truth.judging import TrueCase, TrueRisk

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent
FILE: Final = FOLDER / "truths.json"
PLAYED_BY: Final = ("traffic.py", "*_platform.py", "*_cases.py", "bill_files.py")


def simulation() -> str:
    """A fingerprint of the simulation and the cases, blind to layout and comments."""
    found = {path for pattern in PLAYED_BY for path in FOLDER.glob(pattern)}
    sources = sorted(path for path in found if not path.name.startswith("test_"))
    text = "\n".join(ast.dump(ast.parse(path.read_text(encoding="utf-8"))) for path in sources)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write(cases: Mapping[str, TrueCase]) -> None:
    """Keep what was played."""
    rows = {
        name: {
            "after": round(case.after, 6),
            "risks": case.risks and [_numbers(risk) for risk in case.risks],
            "limits": {name: round(value, 5) for name, value in case.limits.items()},
        }
        for name, case in cases.items()
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    head = f'{{"simulation": {json.dumps(simulation())}, "cases": {{\n'
    FILE.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


@cache
def read() -> dict[str, TrueCase]:
    """What was kept, by case."""
    return {name: _case(row) for name, row in json.loads(FILE.read_text(encoding="utf-8"))["cases"].items()}


def read_simulation() -> str:
    """The simulation that made the file."""
    return str(json.loads(FILE.read_text(encoding="utf-8"))["simulation"])


def _numbers(risk: TrueRisk) -> list[float]:
    return [round(risk.rejected_share, 6), round(risk.p95_wait_s, 4), round(risk.cold_starts_per_day, 3)]


def _case(row: dict[str, Any]) -> TrueCase:
    risks = row["risks"] and tuple(TrueRisk(*numbers) for numbers in row["risks"])
    return TrueCase(row["after"], risks, row["limits"])
