"""Approvals outlive restarts and other processes, and nothing changes them."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from data.ledger_records import Approving, approvals, approve, withdraw
from data.workspace import LoadRefused, Workspace

ROOT = Path(__file__).resolve().parents[2]


def asked(name="Plan", fingerprint="f1"):
    return Approving(name, fingerprint, "USD", '{"version":1}', "Ann", "board of March")


def agrees(_):
    pass


ONE_PROCESS = """
import sys
from pathlib import Path
from data.ledger_records import Approving, approve
from data.workspace import LoadRefused, Workspace
try:
    asked = Approving("Plan", "f1", "USD", "{}", "Ann", "board of March")
    approve(Workspace(Path(sys.argv[1])), asked, lambda held: None)
except LoadRefused:
    sys.exit(7)
"""


def test_of_processes_that_approve_at_once_one_does(tmp_path):
    command = [sys.executable, "-c", ONE_PROCESS, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert sorted(process.wait(60) for process in started) == [0, 7, 7, 7]
    (kept,) = approvals(Workspace(tmp_path))
    assert (kept.name, kept.approver, kept.note, kept.is_live) == ("Plan", "Ann", "board of March", True)


def test_an_approval_is_neither_changed_nor_deleted(tmp_path):
    workspace = Workspace(tmp_path)
    before = approve(workspace, asked(), agrees)
    with workspace.database() as database:
        for statement in ("UPDATE approval SET promise = '{}'", "DELETE FROM approval"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                database.execute(statement)
    assert approvals(Workspace(tmp_path)) == [before]


def test_a_promise_that_was_changed_all_the_same_is_told(tmp_path):
    workspace = Workspace(tmp_path)
    approve(workspace, asked(), agrees)
    with workspace.database() as database:
        database.execute("DROP TRIGGER approval_stays")
        database.execute("UPDATE approval SET promise = '{}'")
    with pytest.raises(LoadRefused, match="not as it was written"):
        approvals(workspace)


def test_a_withdrawal_is_kept_with_its_reason_and_frees_the_name(tmp_path):
    workspace = Workspace(tmp_path)
    approve(workspace, asked(), agrees)
    with pytest.raises(LoadRefused, match="was approved by Ann"):
        approve(workspace, asked("Another name"), agrees)
    with pytest.raises(LoadRefused, match="needs a reason"):
        withdraw(workspace, "Plan", "Bob", " ")
    assert withdraw(workspace, "Plan", "Bob", "too risky", 202603).withdrawal.from_month == 202603
    approve(workspace, asked(), agrees)
    assert [each.is_live for each in approvals(workspace)] == [False, True]
    with pytest.raises(LoadRefused, match="No approval of Other"):
        withdraw(workspace, "Other", "Bob", "none")


def test_a_check_that_refuses_keeps_nothing(tmp_path):
    workspace = Workspace(tmp_path)

    def refuse(_):
        raise LoadRefused("twice")

    with pytest.raises(LoadRefused, match="twice"):
        approve(workspace, asked(), refuse)
    assert approvals(workspace) == []
