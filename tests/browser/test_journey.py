"""One journey in a real browser: load the demo, move a slider, hold the page against the command line, take it away."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from pages.parts.wording import money
from tests.browser.running_app import CHROMIUM, ROOT, browser_page, environment, open_page, running_app, settle
from tests.pages.test_import_job import write_bill

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: run `make system`"),
    pytest.mark.xdist_group("browser"),
]

MINUTE = 60_000
SAVED_CHANGED = """
text => [...document.querySelectorAll('[data-testid=stMetric]')].some(metric =>
  metric.innerText.includes('Saved over')
  && metric.querySelector('[data-testid=stMetricValue]').innerText !== text)
"""
SAVED = "[data-testid=stMetric]:has-text('Saved over') [data-testid=stMetricValue]"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journey") / "workspace"


def command_line(workspace: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "cli.py", *words, "--json"],
        cwd=ROOT, env=environment(workspace), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def bash(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def saved_in_words(document: dict[str, Any]) -> str:
    before, after = (Decimal(document[side]["total"]["headline"]) for side in ("baseline", "outcome"))
    return money(int((before - after).scaleb(9)), "USD")


def load_demo(page: Page) -> None:
    page.get_by_role("button", name="Load the demo bill").click()
    page.get_by_text("213,185 rows from 1 file").wait_for(timeout=MINUTE)
    page.get_by_text("Of 11 checks, 11 passed.").wait_for(timeout=MINUTE)


def move_min_instances(page: Page) -> str:
    """Lower the minimum of the first service by two and give the saving that the page then shows."""
    settle(page, "Saved over")
    saved = page.locator(SAVED)
    before = saved.inner_text()
    slider = page.locator("[data-testid=stSlider]").filter(has_text=re.compile("min", re.IGNORECASE)).first
    slider.locator("input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(SAVED_CHANGED, arg=before)
    page.wait_for_timeout(1_500)  # the second press may still be on its way
    return saved.inner_text()


def download_zip(page: Page, folder: Path) -> Path:
    open_page(page, "Export")
    settle(page, "Take it away")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything (ZIP)").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_from_an_empty_workspace_to_a_script_that_says_the_same(workspace: Path, tmp_path: Path) -> None:
    with running_app(workspace) as address, browser_page(address) as page:
        load_demo(page)
        open_page(page, "What-if")
        shown = move_min_instances(page)
        archive = download_zip(page, tmp_path)
        assert page.get_by_text("could not be shown").count() == 0
    files = tmp_path / "plan"
    zipfile.ZipFile(archive).extractall(files)

    settings = tomllib.loads((files / "scenario.toml").read_text())["settings"]
    assert [key.rpartition(".")[2] for key in settings] == ["min_instances"]
    document = command_line(workspace, "simulate", "--scenario", str(files / "scenario.toml"))
    assert shown == saved_in_words(document)
    assert shown != money(0, "USD")

    manifest = json.loads((files / "manifest.json").read_text())
    assert manifest["fingerprint"] == document["fingerprint"]
    assert document["fingerprint"] in archive.name
    for entry in manifest["files"]:
        assert hashlib.sha256((files / entry["path"]).read_bytes()).hexdigest() == entry["sha256"], entry["path"]

    assert bash(files, "apply.sh", "--help").stdout.startswith("usage: apply.sh")
    dry_run = bash(files, "apply.sh")
    assert dry_run.returncode == 0, dry_run.stderr
    assert document["fingerprint"] in dry_run.stdout
    (value,) = settings.values()
    assert f"--min-instances={value:g}" in dry_run.stdout


def test_uploads_are_taken_or_refused_and_the_demo_goes_at_a_click(workspace: Path, tmp_path: Path) -> None:
    bill, foreign = write_bill(tmp_path / "jan.csv", ["1.25", "2.50"]), tmp_path / "notes.csv"
    foreign.write_bytes(b"%PDF-1.4")
    command_line(workspace, "import", "demo")
    with running_app(workspace) as address, browser_page(address) as page:
        open_page(page, "Data")
        settle(page, "Does it add up?")
        page.get_by_role("tab", name="Upload files").click()
        uploader = page.locator("[data-testid=stFileUploader]").filter(has_text="Billing exports")
        uploader.locator("input[type=file]").set_input_files([bill, foreign])
        page.get_by_role("button", name="Add these files").click()
        page.get_by_text("notes.csv is a PDF").wait_for()
        page.get_by_text("jan.csv: 2 rows of a standard export were added.").wait_for()
        page.get_by_text("213,187 rows from 2 files").wait_for()
        page.get_by_role("button", name="Remove the demo").click()
        page.get_by_text("2 rows from 1 file, none set aside.").wait_for()
    assert [row["net"] for row in command_line(workspace, "totals")["rows"]] == ["3.750000000"]
