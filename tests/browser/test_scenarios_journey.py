"""The Scenarios page in a real browser: two saved scenarios side by side, one deleted and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.running_app import CHROMIUM, browser_page, open_page, running_app, settle
from tests.browser.test_journey import command_line

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: run `make system`"),
    pytest.mark.xdist_group("browser"),
]
SCENARIOS = {
    "Fewer warm": '"cloud_run.api.min_instances" = 1',
    "Very tight": '"cloud_run.api.max_instances" = 1',
}


def saved(workspace: Path) -> list[str]:
    return [each["name"] for each in command_line(workspace, "scenarios", "list")["scenarios"]]


def test_scenarios_are_compared_deleted_and_brought_back(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    command_line(workspace, "import", "demo")
    for name, setting in SCENARIOS.items():
        file = tmp_path / "scenario.toml"
        file.write_text(f'name = "{name}"\n[settings]\n{setting}\n')
        command_line(workspace, "scenarios", "save", "--scenario", str(file))
    with running_app(workspace) as address, browser_page(address) as page:
        open_page(page, "Scenarios")
        settle(page, "Earlier and deleted ones")
        table = page.get_by_test_id("stTable")
        assert "none broken" in table.inner_text()
        assert "Min instances" in table.inner_text()
        assert page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas").count() == 1
        row = page.locator(".st-key-shelf_row_Very-tight")
        row.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Undo the deletion").wait_for()
        assert saved(workspace) == ["Fewer warm"]
        page.get_by_role("button", name="Undo the deletion").click()
        page.get_by_text("Very tight is back.").wait_for()
        assert page.get_by_text("could not be shown").count() == 0
    assert saved(workspace) == ["Fewer warm", "Very tight"]
