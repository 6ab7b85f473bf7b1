"""The workbook as it is written: texts stay texts, cents add up, names exist, bytes depend on the outcome alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.cents import cents_of_table
from exports.tables import tables_of
from exports.xlsx import workbook
from exports.xlsx_assumptions import inputs
from exports.xlsx_book import Book
from exports.xlsx_future import future_of
from model.cents import cents, cents_of_parts
from model.outcome import evaluate
from tests.exports.sample_outcomes import (
    HOSTILE,
    SHOP,
    bill_of,
    committed,
    hostile,
    laddered,
    shop,
    straight,
    unchanged,
)
from tests.laws.arbitrary_bills import Thing
from tests.oracles.libreoffice import cells, formulas, names

nanos = st.integers(-(10**13), 10**13)


@cache
def shop_book() -> bytes:
    return workbook(shop())


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert shop_book() == workbook(shop())
    assert shop_book() != workbook(unchanged())


def test_every_sheet_is_there_and_says_its_currency() -> None:
    found = cells(shop_book())
    sheets = list(dict.fromkeys(sheet for sheet, _ in found))
    assert sheets == [
        "Summary", "Assumptions", "Monthly bill", "Waterfall", "Projection", "Commitments", "Finance", "Changes",
        "Frozen", "Evidence", "Limits", "Notes", "Workings", "Levels", "Curves",
    ]  # fmt: skip
    for sheet in ("Summary", "Monthly bill", "Waterfall", "Projection", "Finance", "Workings"):
        assert any("(USD" in str(text) for (name, _), text in found.items() if name == sheet), sheet


def test_assumptions_are_named_cells_and_the_rest_is_listed_as_frozen() -> None:
    outcome = shop()
    found, known = cells(shop_book()), names(shop_book())
    live = inputs(outcome, future_of(outcome))
    assert {each.name for each in live} <= set(known)
    for each in live:
        assert found[known[each.name]] == pytest.approx(each.value)
    frozen = {text for (sheet, cell), text in found.items() if sheet == "Frozen" and cell.startswith("A")}
    every = {row[0] for table in tables_of(outcome) if table.name == "parameters" for row in table.rows}
    assert every - frozen == {each.parameter.key for each in live}
    assert "cloud_run.api.min_instances" in frozen


def test_a_text_is_never_a_formula() -> None:
    book = Book("=1+1", "&P=1")
    sheet = book.sheet("Texts", (10,))
    for row, name in enumerate(HOSTILE):
        sheet.text(row, 0, name)
    sheet.wide(len(HOSTILE), 2, "=1+1")
    sheet.formula(0, 1, "1+1", 2.0)
    content = book.content()
    assert formulas(content) == {("Texts", "B1"): "1+1"}
    texts = [cells(content)["Texts", f"A{row}"] for row in range(1, len(HOSTILE) + 2)]
    assert all(isinstance(text, str) and 0 < len(text) <= 32_767 for text in texts)
    assert texts[0] == HOSTILE[0]
    assert texts[-1] == "=1+1"


@pytest.mark.parametrize("name", [HOSTILE[0], "\ud800", "x" * 10_000], ids=["formula", "surrogate", "long"])
def test_a_workbook_of_hostile_names_has_the_formulas_of_any_other(name: str) -> None:
    content = workbook(hostile(name))
    assert sorted(formulas(content).values()) == sorted(formulas(workbook(hostile("plain"))).values())
    start = name.encode("utf-8", "replace").decode()[:5]
    assert sum(isinstance(text, str) and text.startswith(start) for text in cells(content).values()) > 20


def test_what_is_shown_adds_up_to_the_outcome_to_the_cent() -> None:
    outcome, found = shop(), cells(shop_book())
    column = {cell: value for (sheet, cell), value in found.items() if sheet == "Monthly bill"}
    assert column["A4"] == "Invoice month"
    for letter, total in (("B", outcome.baseline.total.headline), ("C", outcome.result.total.headline)):
        months = [round(float(column[f"{letter}{line}"]) * 100) for line in (5, 6)]
        assert sum(months) == cents(total) == round(float(column[f"{letter}7"]) * 100)
    saving = cents(outcome.baseline.total.headline) - cents(outcome.result.total.headline)
    assert round(float(column["D7"]) * 100) == saving
    ends = [line for line in range(1, 200) if column.get(f"A{line}") == "Total"]
    totals = [round(float(column[f"D{line}"]) * 100) for line in ends]
    now, then = cents(outcome.baseline.total.headline), cents(outcome.result.total.headline)
    assert totals == [saving, now, then, saving]


def test_the_waterfall_has_a_line_for_the_interaction() -> None:
    outcome, found = shop(), cells(shop_book())
    column = {cell: value for (sheet, cell), value in found.items() if sheet == "Waterfall"}
    line = next(cell[1:] for cell, text in column.items() if text == "Interaction")
    assert float(column[f"B{line}"]) == pytest.approx(outcome.interaction_nanos / 1e9, abs=0.03)


def test_growth_is_exact_where_costs_follow_demand_and_says_so_where_not() -> None:
    assert future_of(straight()).growth_gap is None
    gap = future_of(shop()).growth_gap
    assert gap is not None
    status = {each.name: each.status for each in inputs(shop(), future_of(shop()))}
    assert f"{gap:,.2f} a month" in status["usage_growth_per_year"]


def test_prices_stay_frozen_where_commitments_stand_already() -> None:
    things = (*SHOP.things, Thing("run", name="w", commitment="new", covered_share=0.6))
    outcome = evaluate(bill_of(replace(SHOP, things=things)), shop().scenario)
    future = future_of(outcome)
    assert not future.is_price_live
    frozen = next(each for each in inputs(outcome, future) if each.name == "price_change_per_year")
    assert not frozen.is_live
    assert frozen.status.startswith("frozen")
    assert len(formulas(workbook(outcome))) > 400


def test_what_starts_or_ends_on_the_way_stays_as_exported() -> None:
    outcome = laddered()
    live = {each.name for each in inputs(outcome, future_of(outcome)) if each.is_live}
    assert live == {
        "discount_rate_per_year", "one_off_cost", "recurring_cost_per_month", "minimum_spend_per_year",
    }  # fmt: skip


def test_the_curve_of_a_commitment_is_that_of_the_plan() -> None:
    outcome = committed()
    (pool,) = future_of(outcome).pools
    assert float(pool.saving(np.ones(1), 1)[0]) == pytest.approx(pool.plan.saving)


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(nanos, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_cents_of_a_table_add_up_both_ways(parts: list[list[int]]) -> None:
    total = cents(sum(map(sum, parts)))
    rows = cents_of_parts([sum(row) for row in parts], total)
    columns = cents_of_parts([sum(column) for column in zip(*parts, strict=True)], total)
    shown = cents_of_table(parts, rows, columns)
    assert [sum(row) for row in shown] == rows
    assert [sum(column) for column in zip(*shown, strict=True)] == columns
    gaps = [abs(s * 10_000_000 - p) for a, b in zip(shown, parts, strict=True) for s, p in zip(a, b, strict=True)]
    assert max(gaps) <= len(parts) * 10_000_000 + len(parts[0]) * 10_000_000
