"""Rows that state no usage (tax, rounding) reach the model masked; they must not turn a price into no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.bill_build import build_bill
from model.prices import unit_price
from tests.laws.arbitrary_bills import BillSpec, make_tables
from tests.model.database_bills import book


def test_a_kind_that_the_bill_lacks_has_no_price_of_its_own_where_some_usage_is_masked() -> None:
    tables = make_tables(BillSpec(months=(202601,), things=()))
    usage = np.ma.masked_array(tables.lines["usage"], mask=[True] * len(tables.lines["usage"]))
    bill = build_bill(replace(tables, lines={**tables.lines, "usage": usage}), {}, book())
    assert not np.ma.isMaskedArray(bill.lines.usage)
    price = unit_price(bill, "a kind of nothing", "us-central1")
    assert price is None
