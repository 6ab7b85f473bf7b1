"""Cost by day as it became known: late rows stand under their own day of arrival, what is no usage apart."""

from datetime import date, timedelta

import pytest
from charge_rows import CORE, LEGACY_FEE, NANOS, START, add_load, charge

from data.bill_months import NoBill
from data.daily_costs import daily_costs
from data.workspace import Workspace

DAY = (START.date() - date(1970, 1, 1)).days


def found(workspace, currency=None):
    columns = daily_costs(workspace, currency).columns
    names = ("day", "known_day", "service", "cost_group", "nanos")
    return {row[:4]: int(row[4]) for row in zip(*(columns[name].tolist() for name in names), strict=True)}


def test_late_rows_and_groups(tmp_path):
    workspace = Workspace(tmp_path)
    rows = [
        charge(2, export_time=START + timedelta(hours=3)),
        charge(3, export_time=START + timedelta(days=2)),
        charge(-1, export_time=START + timedelta(days=9)),
        charge(7, export_time=START + timedelta(hours=3), **LEGACY_FEE),
        charge(5, charge_class="tax", cost_type="tax", export_time=START + timedelta(days=2)),
        charge(4, export_time=None, credited={"PROMOTION": -4.0}, **CORE),
        charge(6, currency="EUR"),
    ]
    add_load(workspace, rows, "late")
    assert found(workspace) == {
        (DAY, DAY, "Cloud Run", "usage"): 2 * NANOS,
        (DAY, DAY + 2, "Cloud Run", "usage"): 3 * NANOS,
        (DAY, DAY + 9, "Cloud Run", "usage"): -NANOS,
        (DAY, DAY, "Compute Engine", "fee"): 7 * NANOS,
        (DAY, DAY + 2, "Cloud Run", "tax"): 5 * NANOS,
        (DAY, -1, "Compute Engine", "usage"): 4 * NANOS,
    }
    assert found(workspace, "EUR") == {(DAY, DAY + 40, "Cloud Run", "usage"): 6 * NANOS}


def test_a_load_from_before_arrivals_is_known_by_its_days(tmp_path):
    workspace = Workspace(tmp_path)
    load = add_load(workspace, [charge(2)], "old")
    (workspace.load_folder(load.id) / "arrivals.parquet").unlink()
    assert found(workspace) == {(DAY, -1, "Cloud Run", "usage"): 2 * NANOS}


def test_nothing_to_watch_is_one_sentence(tmp_path):
    with pytest.raises(NoBill, match="holds no bill"):
        daily_costs(Workspace(tmp_path))
