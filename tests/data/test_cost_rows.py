"""The rows of analysis are the bill: every cost and credit as the totals have it, by month, service and project."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from charge_rows import CORE, LEGACY_FEE, NANOS, add_load, charge

from data.bill_months import NoBill
from data.cost_rows import APART, FEE, cost_table
from data.importing import import_paths
from data.totals import totals
from data.workspace import Workspace
from model.analysis import CostView, breakdown, cost_rows, total

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
BILLS = ("nise_static_eur_2026H1",)


def rows_of(workspace, currency=None):
    table = cost_table(workspace, currency)
    return cost_rows(table.currency, table.leaves, table.rows)


def holds_together(workspace):
    """Whole, by service and by project, each cost: the rows of analysis against the totals."""
    counted = totals(workspace, ["product", "project"])
    for currency in {row.currency for row in counted}:
        rows = rows_of(workspace, currency)
        net = CostView("billed", frozenset(rows.credit_columns))
        views = {"list_nanos": CostView("list"), "on_demand_nanos": CostView("contracted"), "net_nanos": net,
                 "cost_nanos": CostView("billed"), "effective_nanos": CostView("effective")}  # fmt: skip
        for name, view in views.items():
            for by, key in (("project", "project"), ("service", "product")):
                expected = Counter()
                for row in counted:
                    expected[row.keys[key] or ""] += getattr(row, name) if row.currency == currency else 0
                found = {part.key: part.nanos for part in breakdown(rows, view, by)}
                assert sum(found.values()) == sum(expected.values()) == total(rows, view)
                assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}


def named(service, sku):
    key = f"{service}/{sku}" if service else None
    return {"service": service, "sku": sku, "service_id": None, "sku_id": None, "sku_key": key}


def test_fees_credits_and_natures(tmp_path):
    workspace = Workspace(tmp_path)
    rows = [
        charge(2, resource="api"),
        charge(-1),
        charge(7, **LEGACY_FEE),
        charge(4, credited={"PROMOTION": -4.0}, **CORE),
        charge(5, charge_class="tax", cost_type="tax", project=None, **named("Invoice", "Tax")),
        charge(3, **named("Support", "Enhanced Support")),
        charge(8, charge_class="adjustment", project=None, **named(None, None)),
        charge(6, currency="EUR"),
    ]
    add_load(workspace, rows, "made")
    holds_together(workspace)
    found = {part.key: part.nanos for part in breakdown(rows_of(workspace, "USD"), CostView(), "nature")}
    assert found[FEE] == 7 * NANOS
    assert found["tax"] == 5 * NANOS
    assert found[APART] == 3 * NANOS
    assert found["adjustment"] == 8 * NANOS


def test_labels_stand_by_key_and_value(tmp_path):
    workspace = Workspace(tmp_path)
    tagged = [{"key": "team", "value": "web"}, {"key": "env", "value": "prod"}]
    add_load(workspace, [charge(2, labels=tagged), charge(3)], "made")
    labels = cost_table(workspace).labels
    found = dict(zip(labels["label_key"].tolist(), labels["effective_nanos"].tolist(), strict=True))
    assert found == {"team": 2 * NANOS, "env": 2 * NANOS}


def test_an_empty_workspace_is_one_sentence(tmp_path):
    with pytest.raises(NoBill, match="import an export first"):
        cost_table(Workspace(tmp_path))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared sample bills are not beside this checkout")
@pytest.mark.parametrize("name", BILLS)
def test_shared_bills_hold_together(name, tmp_path):
    workspace = Workspace(tmp_path)
    import_paths(workspace, [SHARED / name])
    holds_together(workspace)
    assert np.all(cost_table(workspace).rows["leaf"] >= 0)
