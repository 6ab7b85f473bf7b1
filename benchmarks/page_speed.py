"""How long a slider move takes on the What-if page, from the key press to the changed figure in the browser.

Against the model's own work for the same move (one ``evaluate``): what is above 1 is Streamlit and the browser. Run:
``python -m benchmarks.page_speed``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from data.workspace import Workspace
from model.outcome import evaluate
from model.scenario import Scenario
from pages.parts import session
from tests.browser.running_app import CHROMIUM, SLIDER, browser_page, open_page, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOVES = 30
MILLISECONDS_FOR_A_MOVE = 15_000

WATCH = """
() => {
  const figures = () => [...document.querySelectorAll('[data-testid=stMetricValue]')].map(e => e.innerText).join('|');
  window.move = {pressed: 0, changed: 0, before: figures()};
  document.addEventListener('keydown', () => {
    window.move = {pressed: performance.now(), changed: 0, before: figures()};
  }, true);
  new MutationObserver(() => {
    if (window.move.pressed && !window.move.changed && figures() !== window.move.before)
      window.move.changed = performance.now();
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


def milliseconds_per_move(page: Page, moves: int) -> list[float]:
    """From each key press on the first slider to the first changed figure; moves that change no figure are left out."""
    page.evaluate(WATCH)
    slider = page.locator(SLIDER).first
    taken = []
    for move in range(moves):
        slider.focus()
        page.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
        page.wait_for_function("window.move.changed > 0", timeout=MILLISECONDS_FOR_A_MOVE)
        taken.append(page.evaluate("window.move.changed - window.move.pressed"))
        page.wait_for_timeout(200)
    return taken


def milliseconds_per_evaluation(folder: Path) -> float:
    """The model alone, for the first Cloud Run service with one instance less: the median of ten."""
    bill = session.load_bill(Workspace(folder))
    key = f"cloud_run.{bill.of('cloud_run')[0].name}.min_instances"
    taken = []
    for turn in range(10):
        scenario = Scenario().with_setting(key, turn % 5)
        started = time.perf_counter()
        evaluate(bill, scenario)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def ratios(moves: int = MOVES) -> list[tuple[str, float, str]]:
    """Slider move ÷ evaluation at p50 and p95: (name, ratio, remark); empty without a browser."""
    if not CHROMIUM.exists():
        return []
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given) / "workspace"
        session.import_demo(Workspace(folder))
        floor = milliseconds_per_evaluation(folder)
        with running_app(folder) as address, browser_page(address) as page:
            open_page(page, "What-if")
            page.locator(SLIDER).first.wait_for()
            milliseconds_per_move(page, 3)  # the first moves warm the caches
            taken = sorted(milliseconds_per_move(page, moves))
    found = (("p50", statistics.median(taken)), ("p95", taken[min(len(taken) - 1, round(0.95 * len(taken)))]))
    return [
        (f"slider move to changed figure, {name} ÷ one evaluation", each / floor,
         f"{each:.0f} ms against {floor:.1f} ms, {len(taken)} moves") for name, each in found
    ]  # fmt: skip


if __name__ == "__main__":
    for name, ratio, remark in ratios():
        print(f"{name}: {ratio:.1f} ({remark})")
