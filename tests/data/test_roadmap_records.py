"""What is noted of a roadmap is kept by scenario, field by field, also where several processes note at once."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from data.roadmap_records import TaskRecord, first_day, note_task, set_first_day, tasks
from data.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
NOTES = """
import sys
from pathlib import Path
from data.roadmap_records import note_task
from data.workspace import Workspace
workspace, me = Workspace(Path(sys.argv[1])), sys.argv[2]
for number in range(15):
    note_task(workspace, "f", f"{me}-{number}", is_done=True)
    note_task(workspace, "f", "shared", **({"owner": me} if me == "a" else {"is_done": True}))
"""


def test_fields_are_noted_one_by_one(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert tasks(workspace, "f") == {}
    note_task(workspace, "f", "t", is_done=True)
    note_task(workspace, "f", "t", owner="Ada", start=date(2026, 3, 2))
    note_task(workspace, "g", "t", owner="Bob")
    assert tasks(workspace, "f") == {"t": TaskRecord(is_done=True, owner="Ada", start=date(2026, 3, 2))}
    note_task(workspace, "f", "t", is_done=False, owner="")
    assert tasks(workspace, "f") == {"t": TaskRecord(start=date(2026, 3, 2))}
    assert tasks(workspace, "g") == {"t": TaskRecord(owner="Bob")}


def test_a_new_first_day_moves_all_tasks(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    note_task(workspace, "f", "t", is_done=True, start=date(2026, 3, 2))
    assert first_day(workspace, "f") is None
    set_first_day(workspace, "f", date(2026, 4, 6))
    set_first_day(workspace, "f", date(2026, 5, 4))
    assert first_day(workspace, "f") == date(2026, 5, 4)
    assert tasks(workspace, "f") == {"t": TaskRecord(is_done=True)}


def test_processes_that_note_at_once_all_keep_theirs(tmp_path: Path) -> None:
    Workspace(tmp_path)
    runs = [subprocess.Popen([sys.executable, "-c", NOTES, str(tmp_path), me], cwd=ROOT, stderr=subprocess.PIPE)
            for me in "abc"]  # fmt: skip
    for run in runs:
        assert run.wait(timeout=120) == 0, run.stderr.read().decode() if run.stderr else ""
    found = tasks(Workspace(tmp_path), "f")
    assert len(found) == 3 * 15 + 1
    assert found["shared"] == TaskRecord(is_done=True, owner="a")
