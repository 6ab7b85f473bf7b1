"""The app as people run it, in a process of its own on a free loopback port, and a headless Chromium that sees it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECONDS_TO_START = 60.0
MILLISECONDS_TO_WAIT = 60_000
SLIDER = "[data-testid=stSlider] input[type=range]"


def environment(workspace: Path) -> dict[str, str]:
    """The environment in which app and command line use that workspace."""
    return {**os.environ, "CLOUDLEVER_WORKSPACE": str(workspace)}


@contextmanager
def running_app(workspace: Path) -> Iterator[str]:
    """Start ``streamlit run app.py`` and give its address; it is ended by its own process id."""
    port = _free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address",
        "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none",
    ]  # fmt: skip
    log = (workspace.parent / f"server-{port}.log").open("w+")
    with log, subprocess.Popen(command, cwd=ROOT, env=environment(workspace), stdout=log, stderr=log) as server:
        try:
            _wait_until_healthy(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def browser_page(address: str) -> Iterator[Page]:
    """A page of a headless Chromium that has opened the app."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=list(FLAGS))
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
            page.set_default_timeout(MILLISECONDS_TO_WAIT)
            page.goto(address)
            yield page
        finally:
            browser.close()


def open_page(page: Page, name: str) -> None:
    """Go to a page of the app by its link in the navigation."""
    page.get_by_role("link", name=name, exact=True).click()


def settle(page: Page, text: str) -> None:
    """Wait until the page shows a text and its script has ended: what is drawn again under a hand loses its input."""
    page.get_by_text(text).first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended with {server.returncode}; see its log.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"The server did not answer within {SECONDS_TO_START:.0f} s.")
