from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from exports.bigquery_guard import guard_files
from tests.exports.sample_plans import plan, whole_plan
from tests.exports.shell_runs import Shell

if TYPE_CHECKING:
    from pathlib import Path

OVERRIDE = "services/bigquery.googleapis.com/projects/1/consumerOverrides/Cg1"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def script() -> str:
    return dict(guard_files(whole_plan()))["monitoring/bigquery_guard.sh"]


def test_the_cap_is_three_usual_days_in_mebibytes(shell: Shell, script: str) -> None:
    dry = shell.run(script)
    assert (dry.returncode, shell.calls) == (0, [])
    done = shell.run(script, "--execute")
    assert done.returncode == 0, done.stderr
    first, second = (call for call in shell.calls if "update" in call)
    assert "--value=1572864" in first
    assert "--consumer=projects/demo" in first
    assert "--consumer=projects/o'brien $(touch pwned)" in second
    assert "--value=1024" in second
    assert not (shell.folder / "pwned").exists()


def test_a_query_may_cost_a_hundred_at_the_dearest_own_price() -> None:
    settings = dict(guard_files(whole_plan()))["monitoring/bigqueryrc"]
    most = re.search(r"^--maximum_bytes_billed=(\d+)$", settings, re.MULTILINE)
    assert most is not None
    assert int(most[1]) == 16 * 2**40
    assert guard_files(plan()) == []


@pytest.mark.parametrize("value", ["5", "1572864", "209715200"])
def test_a_cap_that_is_there_already_is_left_alone(shell: Shell, script: str, value: str) -> None:
    shell.fake_lists(f"{OVERRIDE}|{value}")
    done = shell.run(script, "--execute")
    assert (done.returncode, [call for call in shell.calls if "update" in call]) == (0, [])
    assert f"a cap of {value} MiB is there already" in done.stdout


def test_verify_tells_and_only_the_plans_own_cap_is_removed(shell: Shell, script: str) -> None:
    assert shell.run(script, "--verify").returncode == 3
    shell.fake_lists(f"{OVERRIDE}|1024")
    assert shell.run(script, "--verify").returncode == 0
    done = shell.run(script, "--remove", "--execute")
    assert "not this plan's: left alone" in done.stdout
    (deleted,) = [call for call in shell.calls if "delete" in call]
    assert "--override-id=Cg1" in deleted
    assert "--consumer=projects/o'brien $(touch pwned)" in deleted
