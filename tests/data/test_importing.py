import json
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from data.importing import import_paths
from data.load_check import LoadDoesNotAddUp
from data.reconcile import reconcile
from data.sources.charges import Rejects
from data.sources.refusal import SourceRefused
from data.totals import currency_totals, totals
from data.trail import TrailGone, charge_rows, quarantine_rows
from data.watch import ImportCancelled, Progress
from data.workspace import Workspace

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
BILLS = {
    "nise_standard_usd_2026H1": ("nise_standard_usd_2026H1", "standard"),
    "nise_resource_usd_2026Q2": ("nise_resource_usd_2026Q2", "detailed"),
    "nise_static_eur_2026H1": ("nise_static_eur_2026H1", "standard"),
    "nise_nested/nise_gcp_static_eur_2026H1.parquet": ("nise_static_eur_2026H1", "standard"),
    "nise_nested/nise_gcp_resource_3000.jsonl": ("nise_nested_3000", "detailed"),
    "nise_nested/nise_gcp_resource_2026-05_06.jsonl.gz": ("nise_nested_jsonl", "detailed"),
    "focus/gcp_focus_1_2_1000.csv": ("gcp_focus_1_2_1000", "focus"),
    "focus/gcp_focus_1_3_1000.csv": ("gcp_focus_1_3_1000", "focus"),
    "focus/focus_1_0_official_sample_1000.csv": ("focus_1_0_official_sample_1000", "focus"),
}
KEYS = {"total": [], "invoice_month": ["invoice_month"], "usage_month_pacific": ["usage_month"],
        "service": ["service"], "project": ["project"], "cost_type": ["cost_type"]}  # fmt: skip

HEADER = (
    "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,"
    "project.id,cost,currency,usage.amount_in_pricing_units,usage.pricing_unit,credits,invoice.month,cost_type"
)
GOOD = "A,S,Cloud Run,K,Requests,2026-01-01 00:00:00,2026-01-01 01:00:00,p,1.5,USD,1000,count,[],202601,regular"
BAD = "A,S,Cloud Run,K,Requests,2026-01-01 00:00:00,2026-01-01 01:00:00,p,lots,USD,1000,count,[],202601,regular"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.skipif(not SHARED.exists(), reason="the shared sample bills are not beside this checkout")
@pytest.mark.parametrize("bill", BILLS)
def test_shared_bills_add_up_to_totals_made_without_this_code(tmp_path: Path, bill: str) -> None:
    name, kind = BILLS[bill]
    workspace = Workspace(tmp_path)
    report = import_paths(workspace, [SHARED / bill])
    assert {source.kind for source in report.sources} == {kind}
    expected = json.loads((SHARED / "expected_totals" / f"{name}.json").read_text(encoding="utf-8"))
    assert sum(source.rows_accepted for source in report.sources) == expected["rows"]
    assert all(source.rows_quarantined == 0 for source in report.sources)
    residual = sum(
        (abs(check.residual or 0) for check in reconcile(workspace) if check.name.startswith("quantisation")),
        Decimal(0),
    )
    for of_key, by in KEYS.items():
        found = {
            f"{row.currency}|{'' if not by or row.keys[by[0]] is None else row.keys[by[0]]}": row
            for row in totals(workspace, by)
        }
        assert found.keys() == expected["totals"][of_key].keys(), of_key
        for key, amounts in expected["totals"][of_key].items():
            row = found[key]
            assert row.row_count == amounts["rows"], (of_key, key)
            for each in ("cost", "credits", "net"):
                actual = Decimal(getattr(row, f"{each}_nanos")).scaleb(-9)
                tolerance = Decimal(row.row_count) * Decimal("5e-10")
                assert abs(actual - Decimal(amounts[each])) <= tolerance, (of_key, key, each)
    assert residual <= Decimal(expected["rows"]) * Decimal("5e-10")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared sample bills are not beside this checkout")
def test_the_same_charges_as_csv_and_as_parquet_give_the_same_figures_and_a_warning(tmp_path: Path) -> None:
    apart, together = Workspace(tmp_path / "apart"), Workspace(tmp_path / "together")
    files = [SHARED / "nise_static_eur_2026H1", SHARED / "nise_nested/nise_gcp_static_eur_2026H1.parquet"]
    by = ["invoice_month", "usage_month", "sku", "project", "credit_type"]
    figures = []
    for place, file in enumerate(files):
        workspace = Workspace(tmp_path / str(place))
        import_paths(workspace, [file])
        figures.append(totals(workspace, by))
        import_paths(together, [file])
    assert figures[0] == figures[1]
    import_paths(apart, files[:1])
    twice = {check.name: check for check in reconcile(together)}["no rows loaded twice"]
    assert twice.passed is False
    assert "may count twice" in twice.sentence
    assert {check.name: check for check in reconcile(apart)}["no rows loaded twice"].passed is True


def test_a_second_import_counts_once_and_says_so(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    bill = write(tmp_path / "june.csv", GOOD, GOOD)
    first, second = import_paths(workspace, [bill]), import_paths(workspace, [bill])
    (source,) = second.sources
    assert (source.already_loaded, source.rows_read, source.rows_accepted) == (True, 2, 2)
    assert second.totals == first.totals
    copied = tmp_path / "copy of june.csv"
    copied.write_bytes(bill.read_bytes())
    assert import_paths(workspace, [copied]).sources[0].already_loaded
    assert currency_totals(workspace)[0].cost_nanos == 3_000_000_000


def test_rows_that_cannot_be_read_are_kept_apart_with_their_place(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    report = import_paths(workspace, [write(tmp_path / "bill.csv", GOOD, BAD, GOOD)])
    (source,) = report.sources
    assert (source.rows_read, source.rows_accepted, source.rows_quarantined) == (3, 2, 1)
    (row,) = quarantine_rows(workspace)
    assert (row.path, row.row_number, row.amount_text) == (str(tmp_path / "bill.csv"), 2, "lots")
    assert row.reason
    assert report.totals[0].cost_nanos == 3_000_000_000
    assert next(check for check in reconcile(workspace) if check.name.startswith("rows in")).passed


def test_what_is_no_bill_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    folder = tmp_path / "given"
    folder.mkdir()
    write(folder / "a.csv", GOOD)
    (folder / "b.csv").write_text("colour,size\nred,3\n", encoding="utf-8")
    report = import_paths(workspace, [folder])
    assert [source.refused is None for source in report.sources] == [True, False]
    assert [source.path for source in report.refused] == [str(folder / "b.csv")]
    assert len(workspace.loads()) == 1
    assert len(list(workspace.loads_folder.iterdir())) == 1
    with pytest.raises(SourceRefused):
        import_paths(workspace, [tmp_path / "nothing"])


def test_progress_runs_from_nothing_to_the_whole(tmp_path: Path) -> None:
    seen: list[Progress] = []
    import_paths(Workspace(tmp_path / "workspace"), [write(tmp_path / "bill.csv", *[GOOD] * 50)], seen.append)
    fractions = [each.fraction for each in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert {"read", "daily", "hourly_pool"} <= {each.step for each in seen}
    assert seen[-1].rows == 50


def test_a_cancelled_import_leaves_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    bill = write(tmp_path / "bill.csv", *[GOOD] * 50)
    cancel = threading.Event()
    with pytest.raises(ImportCancelled):
        import_paths(workspace, [bill], lambda seen: cancel.set() if seen.step == "daily" else None, cancel)
    assert workspace.loads() == []
    assert list(workspace.loads_folder.iterdir()) == []
    assert import_paths(workspace, [bill]).sources[0].rows_accepted == 50


def test_a_load_that_does_not_add_up_is_not_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "workspace")
    bill = write(tmp_path / "bill.csv", GOOD, GOOD)
    monkeypatch.setattr("data.importing._reduce", _lossy_reduction)
    (source,) = import_paths(workspace, [bill]).sources
    assert source.refused is not None
    assert "does not add up" in source.refused
    assert workspace.loads() == []
    assert issubclass(LoadDoesNotAddUp, Exception)


def _lossy_reduction(connection, source, folder, watch) -> Rejects:
    """A reduction that loses a row on its way."""
    from data.importing import create_charge_view  # noqa: PLC0415
    from data.reduction_files import rows_of_files  # noqa: PLC0415
    from data.warehouse import DuckDBWarehouse, sku_class_table  # noqa: PLC0415

    (folder / "charges").mkdir()
    create_charge_view(connection, source, folder / "charges")
    warehouse = DuckDBWarehouse(connection, watch)
    warehouse.write_reductions(folder, sku_class_table(warehouse.write_skus(folder)))
    daily = folder / "daily.parquet"
    rows = rows_of_files(connection, "daily", [daily])
    connection.execute(
        f"CREATE TABLE kept AS SELECT * EXCLUDE (file_of_load) REPLACE (row_count - 1 AS row_count) FROM ({rows})"
    )
    connection.execute(f"COPY kept TO '{daily}' (FORMAT parquet)").fetchall()
    connection.execute(f"COPY quarantine TO '{folder / 'quarantine.parquet'}' (FORMAT parquet)").fetchall()
    return Rejects(2, 0)


def test_the_rows_behind_a_figure_can_be_shown(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    bill = write(tmp_path / "bill.csv", GOOD, GOOD.replace("1.5", "9.5").replace("p,", "q,"))
    import_paths(workspace, [bill])
    bill.unlink()  # text is kept, so its rows can be shown without the file
    rows = charge_rows(workspace, [{"service": ["Cloud Run"]}])
    assert [row.columns["cost_nanos"] for row in rows] == [9_500_000_000, 1_500_000_000]
    (row,) = charge_rows(workspace, [{"project": ["p"], "invoice_month": [202601]}])
    assert (row.path, row.columns["row_number"], row.usage_start) == (str(bill), 1, "2026-01-01T00:00:00Z")
    with pytest.raises(ValueError, match="colour"):
        charge_rows(workspace, [{"colour": ["red"]}])


def test_rows_of_a_parquet_file_need_the_file(tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415

    csv, parquet = write(tmp_path / "bill.csv", GOOD), tmp_path / "bill.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * EXCLUDE (credits) FROM read_csv('{csv}')) TO '{parquet}' (FORMAT parquet)"
        ).fetchall()
    workspace = Workspace(tmp_path / "workspace")
    (source,) = import_paths(workspace, [parquet]).sources
    assert source.refused is None
    assert len(charge_rows(workspace, [{"cost_type": ["regular"]}])) == 1
    parquet.unlink()
    with pytest.raises(TrailGone, match="put it back"):
        charge_rows(workspace, [{"cost_type": ["regular"]}])
