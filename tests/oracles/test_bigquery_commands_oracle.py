"""Commands that people are told for BigQuery, in docs and in refusals, judged by gcloud's linter and our own."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from google.api_core import exceptions

from cli import cli
from data.sources.bigquery_errors import Caller, refusal_of

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
needs_gcloud = pytest.mark.skipif(
    shutil.which("gcloud") is None, reason="gcloud is missing: commands for BigQuery are NOT judged here"
)
DOCS = (Path(__file__).parents[2] / "docs" / "bigquery.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", DOCS, re.DOTALL)
LINES = [line.partition("  #")[0].strip() for line in "\n".join(BLOCKS).replace("\\\n", " ").splitlines()]
CALLER = Caller("runner", "serviceAccount:cloudlever@runner.iam.gserviceaccount.com")
TABLE = "bq://acme.export.bill"
ERRORS = [
    exceptions.Forbidden("User does not have bigquery.jobs.create permission in project runner."),
    exceptions.Forbidden("Access Denied: bigquery.readsessions.create"),
    exceptions.Forbidden("Access Denied: Table t"),
    exceptions.Forbidden("BigQuery API has not been used in project 1"),
    exceptions.Forbidden("Billing has not been enabled for this project"),
    exceptions.Forbidden("Quota exceeded: quotaExceeded"),
    exceptions.TooManyRequests("rateLimitExceeded"),
    exceptions.NotFound("Not found: Project acme"),
    exceptions.NotFound("Not found: Dataset acme:export"),
    exceptions.NotFound("Not found: Table acme:export.bill"),
    exceptions.NotFound("Dataset d was not found in location US"),
    type("DefaultCredentialsError", (Exception,), {})("none"),
]


def told(error: Exception) -> list[str]:
    """The commands of a refusal; one for reading quotes names in backticks, so the last backtick ends it."""
    sentence = str(refusal_of(error, TABLE, CALLER))
    return re.findall(r"`((?:gcloud|bq) (?:query .*'|[^`]*))`", sentence)


def lint(commands: list[str], folder: Path) -> list[bool]:
    listed = folder / "commands.json"
    listed.write_text(json.dumps([{"command_string": command} for command in commands]))
    done = subprocess.run(
        ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={listed}"],
        env={**os.environ, "CLOUDSDK_CONFIG": str(folder / "config")},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [entry["success"] for entry in json.loads(done.stdout)]


@needs_gcloud
def test_gclouds_linter_takes_what_docs_and_refusals_say_and_refuses_a_damaged_one(tmp_path: Path) -> None:
    commands = [line for line in LINES if line.startswith("gcloud ")]
    commands += [command for error in ERRORS for command in told(error) if command.startswith("gcloud ")]
    assert len(commands) >= 12
    # the linter keeps the project of a command for those after it, so what names none comes first
    named = sorted({command.replace("PROJECT", "my-project") for command in commands})
    commands = sorted(named, key=lambda each: each != "gcloud projects list")
    found = lint([*commands, "gcloud run jobs create x --imaje=y"], tmp_path)
    assert [command for command, good in zip(commands, found, strict=False) if not good] == []
    assert found[-1] is False


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:40])
def test_every_refusal_tells_a_command_that_mends_it_and_a_shell_can_read(error: Exception) -> None:
    commands = told(error)
    assert commands
    for command in commands:
        assert shlex.split(command)[0] in ("gcloud", "bq")


def test_our_own_command_takes_every_line_of_the_docs() -> None:
    lines = [line[line.index("cli.py") :] for line in LINES if "cli.py import" in line]
    assert len(lines) >= 6
    for line in lines:
        name, *arguments = shlex.split(line)[1:]
        command = cli.commands[name]
        with click.Context(command) as context:
            command.parse_args(context, list(arguments))


def test_the_grant_to_read_is_sql_that_a_shell_hands_over_whole() -> None:
    (command,) = told(exceptions.Forbidden("Access Denied: Table t"))
    assert shlex.split(command)[-1] == (
        f'GRANT `roles/bigquery.dataViewer` ON SCHEMA `acme`.`export` TO "{CALLER.member}"'
    )
