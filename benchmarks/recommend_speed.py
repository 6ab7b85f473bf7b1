"""How long the demo takes to find its best plan and to share it out, and against how much work done plainly.

Run: ``python -m benchmarks.recommend_speed``.
"""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.workspace import Workspace
from model.attribution import attribution, interactions
from model.outcome import evaluate, parameters
from model.recommend import recommend
from model.recommend_space import APPETITES, axes
from model.scenario import Scenario
from pages.parts import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.bill import Bill


def ratios() -> list[tuple[str, float, str]]:
    """(name, plain work ÷ ours, remark)."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        session.import_demo(workspace)
        bill = session.load_bill(workspace)
    found, seconds = _timed(lambda: recommend(bill, Scenario()))
    space = axes(parameters(bill), APPETITES["balanced"])
    every = math.prod(len(axis.values) for axis in space)
    search = (
        f"{seconds:.1f} s of one processor, {found.evaluations:,} plans priced of {every:.1e} on the coarse grid of "
        f"{len(space)} settings; goal ten seconds"
    )
    return [("plans of the grid ÷ plans priced", every / found.evaluations, search), *_shared_out(bill, found.scenario)]


def _shared_out(bill: Bill, plan: Scenario) -> list[tuple[str, float, str]]:
    """Shapley values against pricing every order of the levers."""
    outcome = evaluate(bill, plan)
    _, seconds = _timed(lambda: (attribution(outcome, "shapley"), interactions(outcome)))
    count = len(outcome.levers)
    orders = math.factorial(count) * count
    remark = f"{seconds:.2f} s over {count} levers; goal one second"
    return [("runs of every order of the levers ÷ runs of their subsets", orders / 2**count, remark)]


def _timed(turn: Callable[[], Any]) -> tuple[Any, float]:
    """What a turn gives, and its seconds of processor time: those of a clock grow with what else runs."""
    started = time.process_time()
    found = turn()
    return found, time.process_time() - started


if __name__ == "__main__":
    for name, ratio, remark in ratios():
        print(f"{name}: {ratio:.3g} ({remark})")
