"""Driver tables: months in two spellings, refused by line and column; kept in the workspace until replaced."""

import pytest

from data import analysis_records
from data.sources.drivers import parse_drivers
from data.sources.refusal import SourceRefused
from data.workspace import Workspace


def test_months_are_read_in_two_spellings():
    text = "driver,month,quantity\nusers,2026-01,3\n\nusers,202602,4.5\n"
    assert parse_drivers(text, "drivers.csv") == [(202601, "users", 3.0), (202602, "users", 4.5)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("line 1", "month")),
        ("month,driver,amount\n", ("line 1", "quantity")),
        ("month,driver,quantity\n", ("no drivers",)),
        ("month,driver,quantity\n2026-13,users,1\n", ("line 2", "column month", "'2026-13'")),
        ("month,driver,quantity\n2026-01,,1\n", ("line 2", "column driver")),
        ("month,driver,quantity\n2026-01,users,1e999\n", ("line 2", "column quantity")),
        ("month,driver,quantity\n2026-01,users,-1\n", ("line 2", "column quantity", "'-1'")),
        ('month,driver,quantity\n2026-01,users,"1,000"\n', ("line 2", "column quantity")),
        ("month,driver,quantity\n2026-01,users,1\n202601,users,1\n", ("line 3", "twice")),
    ],
)
def test_what_cannot_be_read_names_its_place(text, words):
    with pytest.raises(SourceRefused) as refused:
        parse_drivers(text, "drivers.csv")
    assert all(word in str(refused.value) for word in words)


def test_a_workspace_keeps_the_last_table_and_budgets_of_each_currency(tmp_path):
    workspace = Workspace(tmp_path)
    analysis_records.save_drivers(workspace, [(202601, "users", 3.0), (202601, "jobs", 1.0)])
    analysis_records.save_drivers(workspace, [(202601, "users", 4.0)])
    assert analysis_records.drivers(workspace) == [(202601, "users", 4.0)]
    analysis_records.save_budgets(workspace, "USD", [("bill", "", 5)])
    analysis_records.save_budgets(workspace, "EUR", [("project", "a", 7)])
    analysis_records.save_budgets(workspace, "USD", [])
    assert analysis_records.budgets(workspace, "USD") == []
    assert analysis_records.budgets(workspace, "EUR") == [("project", "a", 7)]
