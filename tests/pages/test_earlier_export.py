"""An export into the folder of another plan leaves nothing of it to be applied, and nothing of the user's is lost."""

import hashlib
import json

from exports.bundle import ExportFile
from pages.parts.terminal import write_files


def plan(fingerprint, **texts):
    files = [ExportFile(path.replace("__", "/") + ".tf", "terraform", text.encode()) for path, text in texts.items()]
    rows = [{"path": file.path, "sha256": hashlib.sha256(file.content).hexdigest()} for file in files]
    content = json.dumps({"version": 1, "fingerprint": fingerprint, "files": rows}).encode()
    return [*files, ExportFile("manifest.json", "manifest", content)]


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}


def test_what_another_plan_left_is_removed_and_edited_or_added_files_stay(tmp_path):
    target = tmp_path / "out"
    write_files(plan("one", new__redis="a", new__alert="b", patch="c"), target)
    (target / "new/alert.tf").write_text("edited")
    (target / "new/mine.tf").write_text("added")
    write_files(plan("two", patch="d"), target)
    assert names(target) == {"new/alert.tf", "new/mine.tf", "patch.tf"}
    assert (target / "patch.tf").read_text() == "d"


def test_kinds_of_one_plan_gather_in_one_folder(tmp_path):
    write_files(plan("one", redis="a"), tmp_path)
    write_files(plan("one", alert="b"), tmp_path)
    assert names(tmp_path) == {"redis.tf", "alert.tf"}


def test_a_manifest_of_somebody_else_removes_nothing(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    target = tmp_path / "out"
    target.mkdir()
    rows = [{"path": "../outside.txt", "sha256": hashlib.sha256(b"x").hexdigest()}]
    for manifest in (json.dumps({"version": 1, "fingerprint": "one", "files": rows}), "no JSON", "[1]", '{"files": 1}'):
        (target / "manifest.json").write_text(manifest)
        write_files(plan("two", patch="d"), target)
        assert outside.read_text() == "x"
