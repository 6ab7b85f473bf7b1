"""The script that buys commitments: it prints, and buys one thing once its words were typed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from exports.commitments_by_hand import machine_commands, purchase_script
from model.commitment_machines import MachineCommitment, MachinePart, MachinePlan
from model.commitment_steps import WholePieces
from tests.exports.shell_runs import Shell

NASTY = "n2'; touch owned; $(touch owned) `touch owned` \"\n--execute"
SLOTS = WholePieces("bigquery_slots", "1y", "us", "slot", 100, 4.8, 10.0, 0.9)
NOTHING = WholePieces("bigquery_slots", "3y", "us", "slot", 0, 0.0, 0.0, 0.0)


def machines(series="n2", region="us-central1", term="3y", vcpu=4, memory=16):
    counts = (("vcpu", vcpu), ("memory", memory))
    parts = tuple(MachinePart(part, count, 0.01, 0.5, 0.9, "page") for part, count in counts if count)
    return MachineCommitment(series, region, term, parts, 1.0, 10.0, 0.9, 0.5)


def of_term(*bought):
    return MachinePlan("3y", bought, 0.0, 10.0, 5.0, 100.0)


MACHINES = of_term(machines(), machines(NASTY), machines("e2", vcpu=0))
NAME, TYPED = "cud-n2-us-central1-3y", "4 vCPU 3y"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(tmp_path)
    shutil.copy(tmp_path / "bin" / "gcloud", tmp_path / "bin" / "bq")
    return found


def script() -> str:
    return purchase_script((), (SLOTS, NOTHING), (MACHINES,), "abc123")


def calls(shell: Shell) -> list[list[str]]:
    path = shell.folder / "bin" / "calls"
    if not path.exists():
        return []
    return [part.strip("\0").split("\0") for part in path.read_text().split("\1\0") if part]


def test_without_execute_it_prints_and_buys_nothing(shell):
    done = shell.run(script())
    assert done.returncode == 0, done.stderr
    assert "abc123" in done.stdout
    assert "gcloud compute commitments create cud-n2-us-central1-3y" in done.stdout
    assert "bq mk" in done.stdout
    assert "2 purchase(s) by command; nothing was bought" in done.stdout
    assert calls(shell) == []


def test_one_purchase_is_made_once_its_words_are_typed(shell):
    done = shell.run(script(), "--execute", "--only", NAME, "--project", "shop", stdin=TYPED + "\n")
    assert done.returncode == 0, done.stderr
    assert calls(shell) == [
        [
            "compute", "commitments", "create", NAME, "--project=shop", "--region=us-central1", "--plan=36-month",
            "--type=general-purpose-n2", "--resources=vcpu=4,memory=16GB",
        ]
    ]  # fmt: skip


def test_slots_need_their_edition_and_are_bought_by_bq(shell):
    options = ("--execute", "--only", "slots-us-1y", "--project", "admin")
    refused = shell.run(script(), *options, stdin="100 slots 1y\n")
    assert refused.returncode == 2
    assert "--edition" in refused.stderr
    assert calls(shell) == []
    done = shell.run(script(), *options, "--edition", "ENTERPRISE", stdin="100 slots 1y\n")
    assert done.returncode == 0, done.stderr
    assert calls(shell) == [
        [
            "mk", "--project_id=admin", "--location=us", "--capacity_commitment=true", "--edition=ENTERPRISE",
            "--plan=ANNUAL", "--renewal_plan=NONE", "--slots=100",
        ]
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["", "y\n", "yes\n", NAME + "\n", "4 vCPU 1y\n"])
def test_other_words_buy_nothing(shell, typed):
    done = shell.run(script(), "--execute", "--only", NAME, "--project", "shop", stdin=typed)
    assert done.returncode == 3
    assert "not bought" in done.stdout
    assert calls(shell) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--execute",), "one purchase at a time"),
        (("--execute", "--only", NAME), "Give the project"),
        (("--execute", "--only", "elsewhere"), "names no purchase"),
        (("--only",), "needs a value"),
        (("--yes",), "is not an option"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_bought(shell, options, sentence):
    done = shell.run(script(), *options, stdin=TYPED + "\n")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert calls(shell) == []


def test_a_failed_command_is_not_called_bought(shell):
    shell.refuse()
    done = shell.run(script(), "--execute", "--only", NAME, "--project", "shop", stdin=TYPED + "\n")
    assert done.returncode != 0
    assert "Bought." not in done.stdout


def test_names_are_data(shell):
    placed = machines(region=NASTY, term="1y")
    text = purchase_script((), (), (of_term(machines(NASTY), placed),), NASTY)
    name, longer = (each.name for each in machine_commands([of_term(placed, replace(placed, term="3y"))]))
    assert name != longer
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name)
    for options in ((), ("--execute", "--only", name, "--project", "p")):
        done = shell.run(text, *options, stdin=TYPED + "\n")
        assert done.returncode in (0, 3), done.stderr
        assert not (shell.folder / "owned").exists()


@pytest.mark.parametrize(
    ("series", "kind"), [("n1", "general-purpose"), ("n2d", "general-purpose-n2d"), ("c2d", "compute-optimized-c2d")]
)
def test_a_series_has_its_type(series, kind):
    (command,) = machine_commands([of_term(machines(series))])
    assert f"--type={kind}" in command.words


@pytest.mark.parametrize("bought", [machines("a3"), machines(vcpu=0), machines(memory=0)])
def test_what_no_command_takes_is_told_with_its_amounts(bought):
    assert machine_commands([of_term(bought)]) == ()
    said = purchase_script((), (), (of_term(bought),), "abc")
    assert f"{bought.count('vcpu')} vCPU and {bought.count('memory')} GB of {bought.series}" in said


def test_shellcheck_has_nothing_to_say(tmp_path):
    checker = Path(sys.executable).parent / "shellcheck"
    if not checker.exists():
        pytest.skip("shellcheck is not installed")
    path = tmp_path / "buy.sh"
    path.write_text(script(), encoding="utf-8")
    done = subprocess.run([checker, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
def test_gcloud_itself_takes_the_command():
    command = machine_commands((MACHINES,))[0].text.replace("PROJECT_NEEDED", "shop")
    done = subprocess.run(
        ["gcloud", "meta", "lint-gcloud-commands", f"--command-string={command}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert '"success": true' in done.stdout, done.stdout[-500:]
