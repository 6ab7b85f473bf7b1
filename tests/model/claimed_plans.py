"""Plans for the tests of the audit: sound ones, as mappings of a claims file, and how one figure of them is changed."""

from __future__ import annotations

import copy
from decimal import Decimal

from model.claim_reading import read_plan

AUTUMN = {
    "plan": "Autumn clean-up",
    "currency": "EUR",
    "claims": [
        {"id": "bill", "text": "A quarter", "cost": "31000.50", "months": 3},
        {"id": "average", "cost_per_month": "10333.50", "of": "bill"},
        {"id": "search", "product": "Search", "cost": "15500", "months": 3, "share": "0.5"},
        {"id": "queue", "product": "Queue", "cost": "6200", "months": 3, "share": "20 %"},
        {"id": "rest", "product": "the rest", "cost": "9300", "months": 3, "share": "0.300"},
        {"id": "shrink", "product": "Search", "saves_per_month": "1200", "baseline_per_month": "5000",
         "result_per_month": "3800", "reduction": "0.24", "one_off_cost": "6000", "payback_months": "5"},
        {"id": "shrink-year", "of": "shrink", "saves_per_year": "8400", "baseline_per_year": "60000",
         "result_per_year": "45600"},
        {"id": "batch", "product": "Queue", "saves_per_month": "333.33", "saves_per_year": "4000", "reduction": "0.20"},
        {"id": "overlap", "text": "Both act on the same traffic", "saves_per_month": "-33"},
        {"id": "all", "saves_per_month": "1500", "saves_in_three_years": "54012",
         "sum_of": ["shrink", "batch", "overlap"]},
        {"id": "all-year", "saves_per_year": "18004", "of": "all"},
        {"id": "sign", "product": "Search", "term": "1y", "baseline_per_month": "3800", "result_per_month": "2850",
         "saves_per_month": "950", "reduction": "0.25"},
        {"id": "sign-even", "break_even_months": "9", "of": "sign"},
        {"id": "queries", "count": 3, "items": ["80 ms → 20 ms", "40 -> 10", "300 => 60"], "reduction": "0.78"},
        {"id": "everything", "saves_per_month": "2450", "sum_of": ["all", "sign"]},
    ],
}  # fmt: skip
"""Rounding, units of months, an allowance for overlap, a rest, a share in percent, a payback: all of it agrees."""

GROWING = {
    "plan": "Growth",
    "currency": "USD",
    "growth_per_year": "0.10",
    "rounded_to": "100",
    "claims": [
        {"id": "cache", "saves_per_month": "1000", "saves_per_year": "12500", "saves_in_three_years": "41500"},
        {"id": "tier", "saves_per_month": "1900"},
        {"id": "sum", "saves_per_month": "3000", "sum_of": ["cache", "tier"]},
    ],
}
"""Amounts rounded to hundreds: 1,040 + 1,940 is 3,000, and three years are more than 36 of today's months."""

STEPS = {
    "plan": "Two steps",
    "currency": "USD",
    "claims": [
        {"id": "first", "product": "Web", "baseline_per_month": "1000", "result_per_month": "700",
         "saves_per_month": "300"},
        {"id": "second", "product": "Web", "baseline_per_month": "700", "result_per_month": "500",
         "saves_per_month": "200"},
        {"id": "other", "baseline_per_month": "800", "result_per_month": "500", "saves_per_month": "300"},
        {"id": "min-2", "settings": {"run.web.min": 2}, "saves_per_month": "50"},
        {"id": "min-1", "settings": {"run.web.min": 1}, "saves_per_month": "40"},
        {"id": "split-a", "product": "Web", "settings": {"cache.main.size": 4}, "saves_per_month": "10"},
        {"id": "split-b", "product": "Store", "settings": {"cache.main.size": 4}, "saves_per_month": "20"},
        {"id": "total", "saves_per_month": "920",
         "sum_of": ["first", "second", "other", "min-2", "min-1", "split-a", "split-b"]},
    ],
}  # fmt: skip
"""What looks like the same dollars and is not: steps, equal results, one setting that saves on two products."""

SOUND = (AUTUMN, GROWING, STEPS)


def plan_of(body):
    return read_plan(body, "claims.toml")


def changed(body, claim_id, **fields):
    """The same plan with fields of one claim put; None takes a field out."""
    found = copy.deepcopy(body)
    claim = next(each for each in found["claims"] if each["id"] == claim_id)
    claim.update(fields)
    for name in [name for name, value in fields.items() if value is None]:
        del claim[name]
    return found


def with_claims(body, *claims):
    return {**body, "claims": [*body["claims"], *claims]}


def text(amount):
    return f"{Decimal(amount):f}"
