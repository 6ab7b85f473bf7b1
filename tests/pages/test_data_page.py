"""The Data page: empty, with the demo, with a refused file, with rows set aside, with invoices that do not agree."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from data import records
from data.facts import measured
from data.importing import import_paths
from data.records import InvoiceTotal
from data.trail import QuarantineRow, quarantine_rows
from data.workspace import Workspace
from pages.parts import data_checks, data_state, data_words, session
from pages.parts.data_adding import spooled
from pages.parts.inventory_commands import list_commands
from pages.parts.safe_csv import quarantine_csv
from tests.pages.test_import_job import write_bill
from tests.workspace_copies import copy_of

if TYPE_CHECKING:
    from data.reconcile import Check

LONG = 60.0
PAGE = "from pages.data_page import render\nrender()\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    return Workspace(tmp_path / "ws")


@pytest.fixture
def demo(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy_of(imported, tmp_path / "ws")
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    return Workspace(tmp_path / "ws")


def page() -> AppTest:
    return drawn(AppTest.from_string(PAGE, default_timeout=LONG).run())


def drawn(at: AppTest) -> AppTest:
    assert not at.exception, [each.value for each in at.exception]
    return at


def after_import(at: AppTest, workspace: Workspace) -> AppTest:
    job = data_state.desk_of(str(workspace.folder)).job
    assert job is not None
    job.wait(LONG)
    return drawn(at.run())


def words(at: AppTest) -> str:
    return "\n".join(each.value for each in (*at.markdown, *at.info, *at.warning, *at.error, *at.success))


def table(at: AppTest, column: str) -> list[dict[str, object]]:
    found = next(each.value for each in at.dataframe if column in each.value.columns)
    return found.to_dict("records")


def test_an_empty_workspace_offers_the_demo(workspace: Workspace) -> None:
    at = page()
    assert "No bill is loaded yet" in words(at)
    assert not at.button(key="data_load_demo").disabled
    assert not at.error
    assert workspace.loads() == []


def test_the_demo_loads_at_a_click_and_is_flagged(workspace: Workspace) -> None:
    at = page()
    at.button(key="data_load_demo").click().run()
    at = after_import(at, workspace)
    assert "213,185 rows from 1 file, none set aside." in words(at)
    assert r"\$63,649.89 net of credits, Aug 2025 to Jan 2026" in words(at)
    assert "This is the demo bill" in words(at)
    assert table(at, "Bill")[0]["Bill"] == "demo (generated)"
    assert {row["Result"] for row in table(at, "Result")} == {"● passed"}
    assert at.button(key="data_load_demo").disabled


def test_removing_the_demo_leaves_what_is_the_users_own(demo: Workspace) -> None:
    own = measured("cloud_run.api.max_instances", 33.0, "mine.json")
    records.save_facts(demo, [own])
    records.save_invoices(demo, [InvoiceTotal(202601, "USD", Decimal("1.00"))])
    at = page()
    at.button(key="data_remove_demo").click().run()
    drawn(at)
    assert "No bill is loaded yet" in words(at)
    assert demo.loads() == []
    assert records.facts(demo) == {own.key: own}
    assert records.invoices(demo) == [InvoiceTotal(202601, "USD", Decimal("1.00"))]


def test_a_path_is_imported_and_a_mixed_bill_is_told(demo: Workspace, tmp_path: Path) -> None:
    bill = write_bill(tmp_path / "jan.csv", ["1.25", "2.50"])
    at = page()
    at.text_input(key="data_path").set_value(str(bill))
    next(each for each in at.button if each.label == "Add from this path").click().run()
    at = after_import(at, demo)
    assert "jan.csv: 2 rows of a standard export were added." in words(at)
    assert "Demo rows and real rows stand in one total" in words(at)


def test_a_refusal_is_a_sentence_and_the_last_state_stays(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_bill(tmp_path / "jan.csv", ["1.25"])])
    at = page()
    at.text_input(key="data_path").set_value(str(tmp_path / "nothing.csv"))
    next(each for each in at.button if each.label == "Add from this path").click().run()
    at = after_import(at, workspace)
    assert any("names no file" in each.value for each in at.error)
    assert r"\$1.25 net of credits" in words(at)
    at.button(key="data_dismiss").click().run()
    assert not drawn(at).error


def test_rows_set_aside_are_shown_and_downloaded_safely(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_bill(tmp_path / "jan.csv", ["1.25", "=cmd()", "2.00"])])
    at = page()
    assert "2 rows from 1 file, 1 set aside." in words(at)
    row = table(at, "Amount as written")[0]
    assert (row["File"], row["Row"], row["Column"], row["Amount as written"]) == ("jan.csv", 2, "cost", "=cmd()")
    lines = list(csv.DictReader(io.StringIO(quarantine_csv(quarantine_rows(workspace)).decode())))
    assert lines[0]["amount"] == "'=cmd()"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_no_cell_of_the_csv_starts_a_formula(text: str) -> None:
    row = QuarantineRow(f"{text}.csv", 1, text, text, text, text)
    cells = next(iter(csv.reader(io.StringIO(quarantine_csv([row]).decode().split("\r\n", 1)[1]))))
    assert all(cell.startswith("'") for index, cell in enumerate(cells) if index != 1)


def test_a_load_is_removed_and_comes_back_by_undo(workspace: Workspace, tmp_path: Path) -> None:
    import_paths(workspace, [write_bill(tmp_path / "a.csv", ["1.25"]), write_bill(tmp_path / "b.csv", ["7.00"])])
    at = page()
    choice = next(each for each in at.multiselect(key="data_remove_choice").options if "a.csv" in each)
    at.multiselect(key="data_remove_choice").set_value([choice]).run()
    at.button(key="data_remove").click().run()
    assert "Removed a.csv" in words(drawn(at))
    assert r"\$7.00 net of credits" in words(at)
    at.button(key="data_undo_remove").click().run()
    assert r"\$8.25 net of credits" in words(after_import(at, workspace))


def test_an_invoice_that_differs_fails_by_its_cents(demo: Workspace) -> None:
    records.save_invoices(demo, [InvoiceTotal(202601, "USD", Decimal("11266.78"))])
    at = page()
    assert any("10 passed, 1 failed" in each.value for each in at.error)
    first = table(at, "Result")[0]
    assert (first["Result"], first["Difference"]) == ("▲ failed", "$0.01")


def test_typed_invoices_are_the_lines_of_the_csv() -> None:
    rows = [{"Month": "2026-01", "Currency": "usd", "Amount": "1,234.56"}, {"Month": None, "Currency": None}]
    assert data_words.invoice_lines(rows) == 'invoice_month,currency,amount\n2026-01,usd,"1,234.56"\n'


def test_typed_invoices_replace_what_stood_and_a_slip_changes_nothing(demo: Workspace) -> None:
    standing = records.invoices(demo)
    is_good, sentence = data_checks._save(
        demo, standing, "invoice_month,currency,amount\n2026-01,USD,12.50\n2026-13,USD,1\n"
    )
    assert not is_good
    assert "line 3: invoice_month '2026-13' is not a month" in sentence
    assert records.invoices(demo) == standing
    is_good, sentence = data_checks._save(demo, standing, "invoice_month,currency,amount\n2026-01,USD,12.50\n")
    assert (is_good, sentence[:24]) == (True, "1 invoice total is saved")
    assert records.invoices(demo) == [InvoiceTotal(202601, "USD", Decimal("12.50"))]


def test_removing_nothing_removes_nothing(demo: Workspace) -> None:
    assert (records.remove_facts(demo, []), records.remove_invoices(demo, [])) == (0, 0)


def test_inventory_is_held_against_the_bill(demo: Workspace) -> None:
    records.save_facts(demo, [measured("cloud_run.gone.max_instances", 3.0, "run_services.json")])
    records.remove_facts(demo, [key for key in records.facts(demo) if key.startswith("cloud_sql.main-db.")])
    match = data_state.fact_match(demo)
    assert match.only_in_facts == ("cloud_run.gone",)
    assert match.unnamed == ("tasks",)
    assert match.only_in_bill == ("cloud_sql.main-db",)
    commands = list_commands(match)
    assert "gcloud run services list --project=aiprod-v33 --format=json" in commands["Cloud Run"]
    assert "--location=us-central1" in commands["Cloud Tasks"]
    assert "Not in this bill: `cloud_run.gone`" in words(page())


def test_commands_quote_what_the_bill_says() -> None:
    match = data_state.FactMatch((), (), (), (), ("x; rm -rf ~",), ())
    assert "--project='x; rm -rf ~' " in list_commands(match)["Cloud Run"]


def test_an_uploaded_inventory_never_brings_secrets(workspace: Workspace, tmp_path: Path) -> None:
    listed = json.loads((Path(__file__).parents[2] / "data/samples/inventory/run_services.json").read_text())
    listed[0]["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "KEY", "value": "hunter2"}]
    path = tmp_path / "run_services.json"
    path.write_text(json.dumps(listed))
    session.add_inventory(workspace, [path])
    at = page()
    assert "values are known" in words(at)
    assert all("hunter2" not in str(row) for row in table(at, "Parameter"))
    assert b"hunter2" not in b"".join(each.read_bytes() for each in workspace.folder.rglob("*") if each.is_file())


def test_uploads_keep_their_names_even_when_two_are_alike(tmp_path: Path) -> None:
    class Upload(io.BytesIO):
        name = "../bill.csv"

    paths = spooled(tmp_path / "uploads", [Upload(b"one"), Upload(b"two")])  # type: ignore[list-item]
    assert [path.name for path in paths] == ["bill.csv", "bill.csv"]
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert all(path.is_relative_to(tmp_path / "uploads") for path in paths)


def test_an_unusable_workspace_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "file" / "ws"))
    assert any("choose another folder" in each.value for each in page().error)


def test_every_verdict_is_a_word(demo: Workspace) -> None:
    found: list[Check] = data_state.checks(demo)
    assert {data_words.check_row(check)["Result"].split()[1] for check in found} <= {"passed", "failed", "open"}
