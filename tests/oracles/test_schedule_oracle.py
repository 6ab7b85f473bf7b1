"""Scheduled queries judged by Google's discovery document, shellcheck, the real bq and the real Terraform."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from exports.scheduled import schedule_files
from exports.scheduled_sql import WatchedBill, place_of
from model.alert_rules import WatchSettings
from tests.oracles.discovery import schema_problems
from tests.oracles.google_fake import GoogleFake
from tests.oracles.test_gcloud_oracles import run, shellcheck
from tests.oracles.test_terraform_oracle import errors, needs_provider, needs_terraform, put, terraform, validated

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud")]
needs_bq = pytest.mark.skipif(
    not (shutil.which("bq") and shutil.which("openssl")),
    reason="bq or openssl is missing: what schedule.sh asks of BigQuery is NOT judged here",
)
FILES = dict(schedule_files(place_of("acme-demo.costs.export_1"), WatchSettings(), WatchedBill("USD", 1.0), 6.25))
CONFIGS = {path: json.loads(text) for path, text in FILES.items() if path.endswith(".transfer.json")}
API = ("bigquerydatatransfer.v1", "TransferConfig")


@pytest.mark.parametrize("path", CONFIGS)
def test_the_transfer_api_takes_every_configuration(path: str) -> None:
    assert schema_problems(*API, CONFIGS[path]) == []


@pytest.mark.parametrize(
    "damage",
    [{"destinationDataset": "x"}, {"schedule": 15}, {"emailPreferences": {"enable": True}}, {"params": "SELECT 1"}],
)
def test_damaged_configurations_are_refused(damage: dict[str, Any]) -> None:
    assert schema_problems(*API, next(iter(CONFIGS.values())) | damage)


def test_shellcheck_finds_nothing() -> None:
    checked = shellcheck(FILES["schedule.sh"])
    assert (checked.returncode, checked.stdout) == (0, "")


@needs_terraform
def test_terraform_would_format_nothing_otherwise(tmp_path: Path) -> None:
    folder = put(tmp_path, list(FILES.items()))
    assert terraform(folder, "fmt", "-check", "-diff").stdout == ""


@needs_provider
def test_terraform_takes_the_schedule_and_refuses_a_damaged_one(tmp_path: Path) -> None:
    folder = put(tmp_path, list(FILES.items()))
    assert errors(validated(folder)) == []
    told = folder / "scheduled.tf"
    told.write_text(told.read_text().replace("data_source_id", "data_source"))
    assert any("data_source_id" in each for each in errors(validated(folder)))


@needs_bq
def test_the_real_bq_makes_both_queries_once_and_takes_them_away(tmp_path: Path) -> None:
    with GoogleFake(tmp_path) as fake:
        for path, text in FILES.items():
            if path.endswith(".params.json"):
                (tmp_path / path).write_text(text)
        script, before = FILES["schedule.sh"], dict(fake.state)
        done = run(fake, script, "--execute")
        assert done.returncode == 0, done.stdout + done.stderr
        made = [request.body for request in fake.changes if request.path.endswith("/transferConfigs")]
        assert [each["params"] for each in made] == [config["params"] for config in CONFIGS.values()]
        assert fake.rejected == []
        assert run(fake, script, "--verify").returncode == 0
        removed = run(fake, script, "--remove", "--execute")
        assert removed.returncode == 0, removed.stdout + removed.stderr
        assert fake.state == before
