import json
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from charge_rows import LEGACY_FEE, NANOS, add_load, charge

from data.facts import Fact
from data.records import (
    InvoiceTotal,
    delete_scenario,
    facts,
    forget_facts,
    invoices,
    save_facts,
    save_invoices,
    save_scenario,
    scenario,
    scenarios,
)
from data.totals import TotalsRefused, currency_totals, totals
from data.workspace import AlreadyLoaded, Load, LoadRefused, Workspace, new_load_id, utc_now

ROOT = Path(__file__).resolve().parents[2]

EXPORT_HEADER = "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,\
usage_end_time,project.id,cost,currency,usage.amount_in_pricing_units,usage.pricing_unit,credits,invoice.month,cost_type"


def write_export(path: Path, rows: int, account: str = "ACC") -> Path:
    lines = [EXPORT_HEADER]
    for number in range(rows):
        hour = f"2026-01-{1 + number // 24 % 28:02d} {number % 24:02d}:00:00"
        lines.append(f"{account},S,Cloud Run,K,Requests,{hour},{hour},p,0.5,USD,1000,count,[],202601,regular")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load_of(identity: str, kind: str = "detailed") -> Load:
    return Load(new_load_id(), identity, f"{identity}.csv", kind, 1, 1, 1, 0, is_demo=False, committed_at=utc_now())


def test_an_empty_workspace_adds_up_to_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new" / "folder")
    assert (workspace.loads(), currency_totals(workspace), totals(workspace, ["service"])) == ([], [], [])


def test_loads_add_and_a_removed_load_counts_no_more(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = add_load(workspace, [charge(1)], "a")
    before = workspace.snapshot()
    second = add_load(workspace, [charge(2)], "b")
    assert [load.identity for load in workspace.loads()] == ["a", "b"]
    assert currency_totals(workspace)[0].cost_nanos == 3 * NANOS
    assert workspace.snapshot() != before
    workspace.remove_load(second.id)
    assert currency_totals(workspace)[0].cost_nanos == NANOS
    assert workspace.snapshot() == before
    assert not workspace.load_folder(second.id).exists()
    assert workspace.load_folder(first.id).exists()
    with pytest.raises(LoadRefused, match="no load"):
        workspace.remove_load(second.id)


def test_the_same_content_counts_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1)], "a")
    with pytest.raises(AlreadyLoaded):
        add_load(workspace, [charge(1)], "a")
    assert currency_totals(workspace)[0].cost_nanos == NANOS
    assert len(list(workspace.loads_folder.iterdir())) == 1


def test_standard_and_detailed_of_one_account_never_meet(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1)], "june", "standard")
    with pytest.raises(LoadRefused) as refusal:
        add_load(workspace, [charge(1)], "june-detailed", "detailed")
    assert "june.parquet" in str(refusal.value)
    assert "june-detailed.parquet" in str(refusal.value)
    add_load(workspace, [charge(1, billing_account="ELSE")], "other", "detailed")
    assert currency_totals(workspace)[0].cost_nanos == 2 * NANOS
    assert len(list(workspace.loads_folder.iterdir())) == 2


def test_a_crash_before_the_commit_leaves_the_last_good_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1)], "a")

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("data.workspace._insert", crash)
    with pytest.raises(RuntimeError):
        add_load(workspace, [charge(2)], "b")
    monkeypatch.undo()
    assert currency_totals(Workspace(tmp_path))[0].cost_nanos == NANOS
    add_load(workspace, [charge(2)], "b")
    assert currency_totals(workspace)[0].cost_nanos == 3 * NANOS


KILLED = """
import os, signal, sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
import data.workspace as rooms
from charge_rows import add_load, charge
moment = {moment!r}
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(rooms, moment, die)
add_load(rooms.Workspace(Path({folder!r})), [charge(2)], "b")
"""


@pytest.mark.parametrize("moment", ["sync_tree", "sync_folder", "_refuse_twice", "_insert"])
def test_a_killed_process_leaves_the_last_good_state(tmp_path: Path, moment: str) -> None:
    workspace = Workspace(tmp_path)
    kept = add_load(workspace, [charge(1)], "a")
    script = KILLED.format(root=str(ROOT), tests=str(ROOT / "tests" / "data"), folder=str(tmp_path), moment=moment)
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert currency_totals(workspace)[0].cost_nanos == NANOS
    assert len(list(workspace.loads_folder.iterdir())) == 2, "the leftovers are there"
    assert len(workspace.sweep()) == 1
    assert [each.name for each in workspace.loads_folder.iterdir()] == [kept.id]
    add_load(workspace, [charge(2)], "b")
    assert currency_totals(workspace)[0].cost_nanos == 3 * NANOS


def test_a_sweep_leaves_a_living_import_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with workspace.incoming() as folder:
        script = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\n"
            f"from data.workspace import Workspace\nprint(Workspace(Path({str(tmp_path)!r})).sweep())"
        )
        swept = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
        assert swept.stdout.strip() == "[]"
        assert folder.exists()
    assert not folder.exists()


IMPORTING = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from data.importing import import_paths
from data.workspace import Workspace
report = import_paths(Workspace(Path({folder!r})), [Path(each) for each in {files!r}])
print(json.dumps([(each.already_loaded, each.refused) for each in report.sources]))
"""


def test_processes_that_import_at_once_count_every_file_once(tmp_path: Path) -> None:
    files = [str(write_export(tmp_path / f"{name}.csv", 40 + place)) for place, name in enumerate("abc")]
    folder = tmp_path / "workspace"
    orders = [files, files[::-1], files[1:] + files[:1]]
    scripts = [IMPORTING.format(root=str(ROOT), folder=str(folder), files=order) for order in orders]
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for script in scripts
    ]
    outputs = [each.communicate(timeout=180) for each in running]
    assert [each.returncode for each in running] == [0, 0, 0], outputs
    outcomes = [source for out, _ in outputs for source in json.loads(out)]
    assert all(refused is None for _, refused in outcomes)
    assert sum(not already for already, _ in outcomes) == 3
    workspace = Workspace(folder)
    assert len(workspace.loads()) == 3
    assert currency_totals(workspace)[0].cost_nanos == (40 + 41 + 42) * NANOS // 2


def test_threads_that_commit_at_once_do_not_lose_a_load(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    failures: list[BaseException] = []

    def add(number: int) -> None:
        try:
            add_load(workspace, [charge(1, hour=number)], f"load-{number}")
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert currency_totals(workspace)[0].cost_nanos == 4 * NANOS


def test_records_keep_scenarios_facts_and_invoices(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    save_scenario(workspace, "plan", "a = 1", "f1")
    save_scenario(workspace, "plan", "a = 2", "f2")
    found = scenario(workspace, "plan")
    assert found is not None
    assert (found.toml, found.fingerprint) == ("a = 2", "f2")
    assert [each.fingerprint for each in scenarios(workspace, with_deleted=True)] == ["f1", "f2"]
    assert delete_scenario(workspace, "plan")
    assert not delete_scenario(workspace, "plan")
    assert scenario(workspace, "plan") is None

    save_facts(
        workspace,
        [Fact("cloud_run.api.vcpu", 2.0, "measured", "x"), Fact("k", True, "measured", "y")],
    )
    save_facts(workspace, [Fact("cloud_run.api.vcpu", 1.0, "measured", "z")])
    assert facts(workspace)["cloud_run.api.vcpu"] == Fact("cloud_run.api.vcpu", 1.0, "measured", "z")
    assert facts(workspace)["k"].value is True
    assert forget_facts(workspace, "y") == 1

    save_invoices(workspace, [InvoiceTotal(202601, "USD", Decimal("10.10"))])
    save_invoices(workspace, [InvoiceTotal(202601, "USD", Decimal("11.20"))])
    assert invoices(workspace) == [InvoiceTotal(202601, "USD", Decimal("11.20"))]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LoadRefused, match="choose another folder"):
        Workspace(tmp_path / "file" / "inside")


def test_totals_by_credit_type_put_cost_on_one_row(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = [
        charge(10, credited={"FREE_TIER": -2, "NEW_KIND": -1}),
        charge(5, charge_class="tax", cost_type="tax", project=None, usage_start=None),
        charge(3, usage=3.0, **LEGACY_FEE),
        charge(7, currency="EUR"),
    ]
    add_load(workspace, rows, "x")
    found = {(row.keys["credit_type"], row.currency): row for row in totals(workspace, ["credit_type"])}
    assert {key: (row.cost_nanos, row.credits_nanos, row.net_nanos) for key, row in found.items()} == {
        (None, "USD"): (18 * NANOS, 0, 18 * NANOS),
        ("FREE_TIER", "USD"): (0, -2 * NANOS, -2 * NANOS),
        ("NEW_KIND", "USD"): (0, -NANOS, -NANOS),
        (None, "EUR"): (7 * NANOS, 0, 7 * NANOS),
    }
    assert found[None, "USD"].list_nanos == 15 * NANOS, "a fee has no list price"
    assert sum(row.effective_nanos for key, row in found.items() if key[1] == "USD") == 15 * NANOS
    by_project = {row.keys["project"]: row.cost_nanos for row in totals(workspace, ["project", "currency"])}
    assert by_project[None] == 5 * NANOS
    months = [row.keys["usage_month"] for row in totals(workspace, ["usage_month"])]
    assert sorted(months, key=str) == [202601, 202601, None]
    with pytest.raises(TotalsRefused, match="colour"):
        totals(workspace, ["colour"])


def test_newer_names_stand_for_the_same_ids(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1, service="Run (old)", sku="Requests (old)")], "a")
    add_load(workspace, [charge(1, hour=5, service="Cloud Run", sku="Requests", pricing_unit="count")], "b")
    (row,) = totals(workspace, ["service", "sku", "product"])
    assert row.keys == {"service": "Cloud Run", "sku": "Requests", "product": "Cloud Run"}
    assert row.cost_nanos == 2 * NANOS
