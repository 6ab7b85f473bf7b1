"""The workbook judged by LibreOffice: recalculated it says what the app says, as exported and typed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from exports.xlsx import workbook
from exports.xlsx_assumptions import covered_name, inputs
from exports.xlsx_finance import DISCOUNTED_LINE, IRR_LINE, NPV_LINE, PAYBACK_LINE, ROI_LINE
from exports.xlsx_future import future_of
from exports.xlsx_projection import FIRST, TODAY_LINE
from model.projection import AGREES, figures, project
from tests.exports.sample_outcomes import committed, laddered, shop, straight, unchanged
from tests.oracles.libreoffice import Cells, cells, formulas, needs_libreoffice, recalculated, with_formula, with_typed

if TYPE_CHECKING:
    from model.outcome import Outcome

pytestmark = [pytest.mark.oracle, needs_libreoffice, pytest.mark.xdist_group("libreoffice")]
HALF_A_CENT = 0.005
SQL, RUN = "cloud_sql-us-central1", "compute_flexible"
GROWTH, PRICES = "growth.usage_per_year", "prices.change_per_year"
EXPORTED = {
    "shop": {"finance.one_off_cost": 9000.0, "ramp.cloud_run.months": 3.0},
    "straight": {"finance.one_off_cost": 150.0},
    "committed": {"finance.one_off_cost": 150.0},
    "grown": {GROWTH: 0.2, PRICES: -0.02, "finance.one_off_cost": 500.0, "finance.recurring_cost_per_month": 5.0},
}
TYPED = {
    "money and time": (
        "shop",
        {
            "finance.discount_rate_per_year": 0.13,
            "finance.one_off_cost": 2345.67,
            "finance.recurring_cost_per_month": 87.65,
            "ramp.cloud_sql.start_month": 2.0,
            "ramp.cloud_sql.months": 5.0,
            "ramp.commitments.start_month": 7.5,
        },
    ),
    "agreed minimum, less covered": (
        "shop",
        {"finance.minimum_spend_per_year": 6000.0, f"commitments.{SQL}.covered_per_hour": 0.1, PRICES: -0.06},
    ),
    "more covered, dearer": ("shop", {f"commitments.{RUN}.covered_per_hour": 0.9, PRICES: 0.03}),
    "never": ("shop", {"finance.one_off_cost": 9e6}),
    "grows": ("straight", {GROWTH: 0.25}),
    "shrinks": ("straight", {GROWTH: -0.3, PRICES: 0.04, "finance.discount_rate_per_year": 0.0}),
    "covers more": ("committed", {GROWTH: 0.25, PRICES: 0.03}),
    "ramped and grown": ("grown", {"ramp.commitments.start_month": 3.0, "finance.one_off_cost": 0.0}),
}
JOINED = ("committed", "grown")
"""Commitments under growth: the app itself joins months within this share of the bill."""
BESIDE = {"unchanged": unchanged, "laddered": laddered}
MAKE = {"shop": shop, "straight": straight, "committed": committed, "grown": committed}
MISTAKES = {
    "rate": ("Projection", f"K{FIRST + 3}", "/(1+", "/(1.01+"),
    "share": ("Workings", "H9", "-", "+"),
    "sum": ("Monthly bill", "B7", "SUM(B5", "SUM(B6"),
}


@pytest.fixture(scope="module")
def exported() -> dict[str, bytes]:
    return {name: workbook(MAKE[name](**assumed)) for name, assumed in EXPORTED.items()}


@pytest.fixture(scope="module")
def judged(exported: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cells]:
    """All workbooks in one start of LibreOffice: as exported, typed over, and damaged."""
    files = dict(exported) | {name: workbook(make()) for name, make in BESIDE.items()}
    for name, (base, typed) in TYPED.items():
        files[name] = with_typed(exported[base], **{cell_of(base, key): value for key, value in typed.items()})
    files["damaged"] = exported["shop"]
    for mistake in MISTAKES.values():
        files["damaged"] = with_formula(files["damaged"], *mistake)
    return recalculated(files, tmp_path_factory.mktemp("libreoffice"))


def cell_of(base: str, key: str) -> str:
    """The named cell of a scenario key."""
    outcome = MAKE[base](**EXPORTED[base])
    return next(each.name for each in inputs(outcome, future_of(outcome)) if each.parameter.key == key)


def differences(content: bytes, found: Cells) -> list[str]:
    """Formula cells whose recalculated value is not the app's figure that the file carries."""
    said = cells(content)
    rows = {at for at, formula in formulas(content).items() if formula.startswith("MATCH(")}
    assert len(formulas(content)) > 400
    return [
        f"{at}: {said[at]} against {found.get(at)}"
        for at in formulas(content)
        if at not in rows and not is_same(said[at], found.get(at))
    ]


def is_same(said: float | str | None, found: float | str | None) -> bool:
    if isinstance(said, float) and isinstance(found, float):
        return abs(said - found) <= min(HALF_A_CENT, 1e-6 * max(1.0, abs(said)))
    return said == found


@pytest.mark.parametrize("name", [*EXPORTED, *BESIDE])
def test_every_formula_gives_the_figure_of_the_app(name: str, exported, judged) -> None:
    content = exported.get(name) or workbook(BESIDE[name]())
    assert differences(content, judged[name]) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_formula_is_found(name: str, exported, judged) -> None:
    sheet, cell, *_ = MISTAKES[name]
    assert any(found.startswith(f"{(sheet, cell)}: ") for found in differences(exported["shop"], judged["damaged"]))


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_assumption_gives_what_the_app_says_at_it(name: str, judged) -> None:
    base, typed = TYPED[name]
    outcome = MAKE[base](**(EXPORTED[base] | typed))
    joined = AGREES * project(outcome).baseline.max() if base in JOINED else 0.0
    assert gaps(outcome, judged[name], joined) == []


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_assumption_moves_something(name: str, judged) -> None:
    base, _ = TYPED[name]
    assert gaps(MAKE[base](**EXPORTED[base]), judged[name])


def gaps(outcome: Outcome, found: Cells, joined: float = 0.0) -> list[str]:
    """What the sheets Projection, Finance and Commitments say otherwise than the app, which joins months ahead."""
    ahead, judged = project(outcome), figures(project(outcome))
    series = {"E": ahead.baseline, "F": ahead.after_usage, "G": ahead.after_commitments, "H": ahead.shortfall,
              "J": ahead.flows[1:], "K": ahead.discounted[1:], "L": ahead.cumulative[1:]}  # fmt: skip
    wanted: dict[tuple[str, str], float | str] = {
        ("Projection", f"{letter}{FIRST + k}"): float(amount)
        for letter, amounts in series.items()
        for k, amount in enumerate(amounts)
    }
    wanted["Projection", f"J{TODAY_LINE}"] = float(ahead.flows[0])
    wanted["Finance", f"B{NPV_LINE}"] = judged.npv
    ratios = {
        IRR_LINE: "none" if judged.irr_annual is None else judged.irr_annual,
        PAYBACK_LINE: "never" if judged.payback_months is None else judged.payback_months,
        DISCOUNTED_LINE: "never" if judged.discounted_payback_months is None else judged.discounted_payback_months,
        ROI_LINE: "not applicable" if judged.roi is None else judged.roi,
    }
    wanted |= {("Finance", f"B{line}"): value for line, value in ratios.items()}
    planned = [pool for pool in outcome.pools if pool.is_planned]
    for line, pool in enumerate(planned, 5):
        wanted["Commitments", f"D{line}"] = pool.commit_per_hour
        wanted["Commitments", f"H{line}"] = pool.saving / len(outcome.bill.months)
        wanted["Commitments", f"I{line}"] = pool.utilisation or 0.0
    if joined:
        wanted = {at: value for at, value in wanted.items() if at[0] == "Projection" and at[1][0] in "EFG"}
    near = max(HALF_A_CENT / 10, joined)
    return [f"{at}: {value} against {found[at]}" for at, value in wanted.items() if not is_near(value, found[at], near)]


def is_near(wanted: float | str, found: float | str | None, near: float) -> bool:
    if isinstance(wanted, float) and isinstance(found, float):
        return bool(np.isclose(wanted, found, rtol=1e-7, atol=near))
    return wanted == found


def test_what_may_be_typed_over_is_what_recomputes_as_the_app_does() -> None:
    moved = {cell_of(base, key) for base, typed in TYPED.values() for key in typed}
    outcome = shop(**EXPORTED["shop"])
    of_levers = ("ramp_start_month", "ramp_months", "covered_per_hour")
    live = {each.name for each in inputs(outcome, future_of(outcome)) if each.is_live}
    assert {name for name in live if not name.startswith(of_levers)} <= moved
    assert {covered_name(SQL), covered_name(RUN)} <= live
