"""Any address may be the first that is opened after a start: a shared link, a tab that was left open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.running_app import CHROMIUM, browser_page, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
ADDRESSES = sorted(set(re.findall(r'url_path="([^"]+)"', (ROOT / "app.py").read_text())) - {"summary"})

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: run `make system`"),
    pytest.mark.xdist_group("browser"),
]


def test_every_address_has_its_file_for_the_first_visit() -> None:
    assert ADDRESSES
    assert [name for name in ADDRESSES if not (ROOT / "pages" / f"{name}.py").exists()] == []


def test_the_first_address_after_a_start_is_not_called_missing(tmp_path: Path) -> None:
    with running_app(tmp_path / "workspace") as address, browser_page(f"{address}/data") as page:
        _wait(page)

        assert page.get_by_text("Page not found").count() == 0
        assert page.get_by_role("link", name="Scenarios", exact=True).count() == 1


def _wait(page: Page) -> None:
    page.get_by_role("heading", name="Which bill is this about?").wait_for()
    page.wait_for_timeout(1_000)
