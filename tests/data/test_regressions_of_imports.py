from decimal import Decimal
from pathlib import Path

import pytest
from nasty_bill import credit, csv_text, jsonl_text, row, write_parquet

from data.bill_months import NoBill, available_months
from data.bill_tables import bill_tables
from data.importing import import_paths
from data.reconcile import reconcile
from data.totals import totals
from data.workspace import Workspace

NANO = Decimal("1e-9")
WRITTEN = (
    "123456789.123456789", "-8999999999.999999999", "9007199.254740993", "1e-7", "0.1234567885", "+5.5", "1E3",
    "999999.999999999", "1000000.000000001",
)  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_written_decimals_are_kept_to_the_nano(tmp_path: Path, form: str) -> None:
    rows = [row(cost=text, credits=[credit("DISCOUNT", "-7654321.123456789")]) for text in WRITTEN]
    file = tmp_path / f"bill.{form}"
    file.write_text(csv_text(rows) if form == "csv" else jsonl_text(rows))
    workspace = Workspace(tmp_path / "w")
    (total,) = import_paths(workspace, [file]).totals
    assert total.cost_nanos == sum(int(Decimal(text) / NANO + Decimal("0.5")) for text in WRITTEN if text[0] != "-") - (
        8_999_999_999_999_999_999
    )
    assert total.credits_nanos == -7_654_321_123_456_789 * len(WRITTEN)


def test_a_month_beyond_64_bits_of_nanos_is_added_up(tmp_path: Path) -> None:
    costs = (8e9, 7.5e9, 6e9, -2e9, 1.25e9)
    rows = [
        row(cost=cost, cost_at_list=cost, currency="IDR", sku={"id": f"S-{i}", "description": "Services CPU"})
        for i, cost in enumerate(costs)
    ]
    file = tmp_path / "bill.parquet"
    write_parquet(rows, file)
    workspace = Workspace(tmp_path / "w")
    (total,) = import_paths(workspace, [file]).totals
    assert total.cost_nanos == 20_750_000_000 * 10**9
    assert sum(int(nanos) for nanos in bill_tables(workspace).lines["cost_nanos"]) == total.cost_nanos
    (sums,) = [check for check in reconcile(workspace) if check.name.startswith("rows = reductions")]
    assert sums.passed


def test_a_line_beyond_64_bits_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "day.parquet"
    write_parquet([row(cost=8e9, currency="IDR"), row(cost=8e9, currency="IDR")], file)
    (source,) = import_paths(Workspace(tmp_path / "w"), [file]).refused
    assert "9,223,372,036" in (source.refused or "")
    days = [
        row(
            cost=8e9,
            currency="IDR",
            usage_start_time=f"2026-05-1{i}T01:00:00Z",
            usage_end_time=f"2026-05-1{i}T02:00:00Z",
        )
        for i in range(3)
    ]
    write_parquet(days, file)
    workspace = Workspace(tmp_path / "w")
    assert import_paths(workspace, [file]).refused == ()
    (total,) = totals(workspace)
    assert total.cost_nanos == 24_000_000_000 * 10**9
    with pytest.raises(NoBill, match="IDR"):
        bill_tables(workspace)


@pytest.mark.parametrize("place", [0.04, 0.2, 0.4, 0.6, 0.8])
def test_damaged_parquet_pages_are_a_refusal_and_leave_nothing(tmp_path: Path, place: float) -> None:
    file = tmp_path / "bill.parquet"
    write_parquet([row(cost=i * 0.37, labels=[{"key": "k", "value": str(i)}]) for i in range(5000)], file)
    content = bytearray(file.read_bytes())
    at = int(len(content) * place)
    content[at : at + 200] = bytes(byte ^ 0xA5 for byte in content[at : at + 200])
    file.write_bytes(content)
    workspace = Workspace(tmp_path / "w")
    (source,) = import_paths(workspace, [file]).sources
    assert source.refused is None or (str(file) in source.refused and "again" in source.refused)
    assert len(workspace.loads()) == (source.refused is None)
    if place < 0.5:
        assert source.refused is not None


def test_a_workspace_with_nothing_but_quarantine_has_no_bill(tmp_path: Path) -> None:
    file = tmp_path / "bill.csv"
    file.write_text(csv_text([row(cost="many")]))
    workspace = Workspace(tmp_path / "w")
    assert import_paths(workspace, [file]).sources[0].rows_quarantined == 1
    for read in (bill_tables, available_months):
        with pytest.raises(NoBill, match="quarantine"):
            read(workspace)
