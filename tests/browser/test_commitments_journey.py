"""The Commitments page in a real browser: the advice comes by itself, is taken into the scenario, and can be signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.running_app import CHROMIUM, browser_page, running_app, settle
from tests.browser.test_journey import command_line

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: run `make system`"),
    pytest.mark.xdist_group("browser"),
]
CHARTS = 5


def test_an_advice_is_taken_signed_and_seen_again_by_a_second_visitor(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    command_line(workspace, "import", "demo")
    with running_app(workspace) as address:
        with browser_page(f"{address}/commitments") as page:
            settle(page, "Order matters")
            page.get_by_role("button", name="Put them into the scenario").click()
            settle(page, "This scenario makes these purchases.")
            with page.expect_download() as download:
                page.get_by_role("button", name="Decision memo to sign (PDF)").click()
            assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
            assert page.get_by_text("could not be shown").count() == 0
            link = page.url
        assert "s=" in link
        with browser_page(link) as page:
            settle(page, "This scenario makes these purchases.")
            for chart in range(CHARTS):
                page.locator("[data-testid=stVegaLiteChart]").nth(chart).locator("svg, canvas").first.wait_for()
