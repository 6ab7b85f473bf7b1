"""Imports in a worker thread: progress, stop, refusals as sentences, one at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.importing import ImportReport
from data.sources.refusal import SourceRefused
from data.watch import ImportCancelled, Progress
from data.workspace import Workspace
from pages.parts.import_job import ImportDesk, ImportJob, paths_work, uploads_folder, uploads_work

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = 30.0
HEADER = (
    "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,"
    "project.id,cost,currency,currency_conversion_rate,usage.amount,usage.unit,invoice.month,cost_type,export_time\n"
)


def write_bill(path: Path, costs: list[str]) -> Path:
    """A small standard export: a Cloud Run row per cost, in January 2026."""
    rows = "".join(
        f"01-AA-BB,152E-C115-5142,Cloud Run,A-1,CPU,2026-01-{day:02d} 10:00:00 UTC,2026-01-{day:02d} 11:00:00 UTC,shop,"
        f"{cost},USD,1,10,seconds,202601,regular,2026-02-20 00:00:00 UTC\n"
        for day, cost in enumerate(costs, start=1)
    )
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def finished(work: Callable[[ImportJob], ImportReport]) -> ImportJob:
    job = ImportJob("Adding files", work)
    job.wait(LONG)
    assert not job.is_running
    return job


def test_a_job_imports_files_and_tells_what_became_of_each(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    bill = write_bill(tmp_path / "a.csv", ["1.25", "-0.25"])
    foreign = tmp_path / "b.csv"
    foreign.write_bytes(b"%PDF-1.4")
    job = finished(paths_work(workspace, [bill, foreign]))
    assert job.state == "finished"
    assert job.report is not None
    assert [source.rows_accepted for source in job.report.sources] == [2, 0]
    assert [Path(source.path).name for source in job.report.refused] == ["b.csv"]
    assert job.report.totals[0].net_nanos == 1_000_000_000


def test_a_path_without_files_is_refused_in_a_sentence(tmp_path: Path) -> None:
    job = finished(paths_work(Workspace(tmp_path / "ws"), [tmp_path / "none*.parquet"]))
    assert job.state == "refused"
    assert "names no file" in job.sentence


def test_an_unforeseen_failure_becomes_a_sentence_without_a_traceback() -> None:
    def work(_: ImportJob) -> ImportReport:
        raise RuntimeError("disk on fire\nat line 3")

    job = finished(work)
    assert job.state == "refused"
    assert job.sentence.startswith("Adding files failed (RuntimeError: disk on fire).")
    assert "\n" not in job.sentence


def test_stop_ends_the_work_and_keeps_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    bill = write_bill(tmp_path / "a.csv", ["1.25"])
    may_go_on = threading.Event()

    def work(job: ImportJob) -> ImportReport:
        may_go_on.wait(LONG)
        return paths_work(workspace, [bill])(job)

    job = ImportJob("Adding a.csv", work)
    assert job.is_running
    job.stop()
    assert job.is_stopping
    may_go_on.set()
    job.wait(LONG)
    assert job.state == "stopped"
    assert "a.csv was stopped" in job.sentence
    assert workspace.loads() == []


def test_progress_is_over_all_files() -> None:
    job = finished(lambda _: ImportReport((), ()))
    assert job.standing().seconds_left is None
    job.files = [Path("a.csv"), Path("b.csv")]
    job.on_progress(Progress("b.csv", "daily", 0.5, 500, 100.0))
    standing = job.standing()
    assert (standing.file_name, standing.fraction, standing.rows) == ("b.csv", 0.75, 500)
    assert standing.seconds_left is not None
    assert standing.seconds_left >= 0


def test_one_import_at_a_time() -> None:
    desk, may_end = ImportDesk(), threading.Event()

    def work(_: ImportJob) -> ImportReport:
        may_end.wait(LONG)
        return ImportReport((), ())

    assert desk.start("first", work)
    assert not desk.start("second", work)
    desk.dismiss()
    job = desk.job
    assert job is not None, "a running import cannot be dismissed"
    assert job.title == "first"
    may_end.set()
    job.wait(LONG)
    desk.dismiss()
    assert desk.job is None


@pytest.mark.parametrize("error", [SourceRefused("No."), ImportCancelled("Stopped.")])
def test_known_ends_keep_their_sentence(error: Exception) -> None:
    def work(_: ImportJob) -> ImportReport:
        raise error

    assert finished(work).sentence == str(error)


def test_only_uploads_that_a_load_is_made_of_stay_on_disk(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    folder = uploads_folder(workspace) / "one"
    folder.mkdir(parents=True)
    bill = write_bill(folder / "a.csv", ["1.25"])
    foreign = uploads_folder(workspace) / "two" / "b.csv"
    foreign.parent.mkdir()
    foreign.write_bytes(b"%PDF-1.4")
    finished(uploads_work(workspace, [bill, foreign]))
    assert bill.is_file()
    assert not foreign.parent.exists()
