"""Descriptions of live resources, given on the page or the command line, become complete files and are kept nowhere."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.scenario import Scenario
from tests.command_line import run
from tests.exports.sample_descriptions import RUN_EXPORT, SQL
from tests.pages.test_app_pages import _switched, app, demo, drawn, said  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PHASE_4 = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_scenario.toml"


def of_demo() -> tuple[dict[str, Any], str]:
    """The database and a service of the demo, whole."""
    database = copy.deepcopy(SQL)
    database |= {"name": "main-db", "project": "aiprod-v33"}
    return database, RUN_EXPORT.replace("us-central1:main\n", "us-central1:main-db\n")


def test_the_page_carries_over_what_it_can_and_says_what_it_cannot(app: AppTest, demo: Path) -> None:  # noqa: F811
    app.query_params["s"] = Scenario.from_toml(PHASE_4.read_text(encoding="utf-8")).to_link()
    at = drawn(_switched(app, "export"))
    database, service = of_demo()
    cut = {key: value for key, value in database.items() if key != "settings"}
    files = [("main-db.json", json.dumps(database)), ("api.yaml", service), ("cut.json", json.dumps(cut)),
             ("other.json", json.dumps(database | {"name": "gone"}))]  # fmt: skip
    uploader = next(each for each in at.file_uploader if each.key == "described_files")
    uploader.set_value([(name, text.encode(), "text/plain") for name, text in files])
    told = said(drawn(at.run()))
    assert "2 files are carried over whole: main-db, api" in told
    assert "cut.json has no settings.tier" in told.replace("\\", "")
    assert "other.json describes nothing that this plan changes" in told.replace("\\", "")


def test_the_command_line_writes_them_and_keeps_nothing(demo: Path, tmp_path: Path) -> None:  # noqa: F811
    database, service = of_demo()
    given = tmp_path / "given"
    given.mkdir()
    (given / "main-db.json").write_text(json.dumps(database))
    (given / "api.yaml").write_text(service)
    out = tmp_path / "plan.zip"
    wish = ("export", "--workspace", demo, "--scenario", PHASE_4, "--only", "terraform", "--only", "knative")
    run(*wish, "--described", given, "--out", out)
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert "db-custom-4-16384" in archive.read("terraform/whole/cloud_sql.tf").decode()
        written = archive.read("knative/api.new.yaml").decode()
        assert "GREETING" in written
        assert "cpu: '1'" in written
    assert not any(b"GREETING" in path.read_bytes() for path in demo.rglob("*") if path.is_file())
    (given / "cut.json").write_text("{}")
    said_why = run(*wish, "--described", given, "--out", tmp_path / "no", code=1).stderr
    assert "cut.json describes no resource" in said_why
    assert "cannot be read" in run(*wish, "--described", tmp_path / "gone", "--out", tmp_path / "no", code=1).stderr
    assert not (tmp_path / "no").exists()
