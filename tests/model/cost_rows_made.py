"""Bills made by hand for tests of analysis: a few leaves, dated rows, and any amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.analysis import CostRows, cost_rows
from model.daily_costs import month_days

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAVES = (  # service, sku, project, resource, nature, unit
    ("Run", "CPU", "shop", "api", "usage", "hour"),
    ("Run", "CPU", "shop", "job", "usage", "hour"),
    ("Run", "RAM", "blog", "api", "usage", "gibibyte hour"),
    ("SQL", "vCPU", "blog", "db", "usage", "hour"),
    ("Invoice", "Tax", "", "", "tax", ""),
    ("Support", "Care", "", "", "marketplace or support", ""),
)
Line = tuple[int, int, float, int]
"""Leaf, month (202601), usage, cost in nanos."""


def rows_of(lines: Sequence[Line], day_of_month: int = 1) -> CostRows:
    """Rows with list, contracted, billed and effective cost alike, a tenth of it discounted."""
    names = ("service", "sku", "project", "resource", "nature", "unit")
    leaves = {name: np.array([leaf[k] for leaf in LEAVES], dtype=object) for k, name in enumerate(names)}
    cost = np.array([line[3] for line in lines], dtype=np.int64)
    credit = -(cost // 10)
    zero = np.zeros(len(lines), dtype=np.int64)
    columns = {
        "leaf": np.array([line[0] for line in lines], dtype=np.int64),
        "day": np.array([month_days(line[1])[0] + day_of_month - 1 for line in lines], dtype=np.int64),
        "invoice_month": np.array([line[1] for line in lines], dtype=np.int64),
        "usage": np.array([line[2] for line in lines], dtype=np.float64),
        "list_nanos": cost, "on_demand_nanos": cost, "cost_nanos": cost, "effective_nanos": cost + credit,
        "credit_discount_nanos": credit, "credit_other_nanos": zero,
    }  # fmt: skip
    return cost_rows("USD", leaves, columns)
