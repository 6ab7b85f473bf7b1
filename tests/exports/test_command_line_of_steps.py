"""What guides print as the command of a step is what the dry run of ``apply.sh`` prints."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from exports.gcloud import apply_script, command_line, steps_of
from tests.exports.sample_plans import BY_HAND, EVERYTHING, change, plan
from tests.exports.shell_runs import Shell
from tests.exports.test_gcloud_scripts import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

MORE = (
    change("cloud_sql", "half", "vcpu", 8, 4),
    change("cloud_sql", "other-half", "memory_gib", 32.0, 13.0),
    change("cloud_sql", "plus", "vcpu", 8, 4),
    change("cloud_sql", "plus", "edition", "enterprise", "enterprise_plus"),
    change("cloud_sql", "main-replica-1", "replica_of", "", "main"),
    change("cloud_sql", "old", "replica_of", "main", ""),
    change("cloud_run", "worker", "min_instances", 5, 1),
    change("cache", "there", "size_gib", 5, 2),
)


def printed_by_the_dry_run(changes: tuple, folder: Path) -> list[list[str]]:
    done = Shell(folder).run(apply_script(plan(*changes)))
    assert done.returncode == 0, done.stderr
    lines = [re.sub(r"^ *(online|restart|migration|one_way): ", "", line) for line in done.stdout.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("gcloud ")]


def told(changes: tuple) -> list[list[str]]:
    return [shlex.split(line) for step in steps_of(changes)[0] if (line := command_line(step))]


def test_every_command_told_is_printed_by_the_dry_run(tmp_path: Path) -> None:
    changes = (*EVERYTHING, *MORE, *BY_HAND)
    printed = printed_by_the_dry_run(changes, tmp_path)
    assert len(printed) == 12
    assert told(changes) == printed


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_a_hostile_name_stays_one_word(name: str, tmp_path: Path) -> None:
    changes = (change("cloud_run", name, "max_instances", 50, 20, project=name, region=name),)
    assert told(changes) == printed_by_the_dry_run(changes, tmp_path)


def test_fields_that_people_name_have_no_command_of_their_own() -> None:
    assert told((change("firestore", "(default)", "ttl_enabled", False, True),)) == []
