"""The overlay on what the real gcloud describes, sent back by the real gcloud: environment and secrets survive."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from exports.knative import knative_files
from tests.exports.sample_plans import change, plan
from tests.oracles.google_fake import GoogleFake
from tests.oracles.test_gcloud_oracles import SERVICE, asked_of, needs_gcloud

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("gcloud"), needs_gcloud]
PLAN = plan(change("cloud_run", "api", "vcpu", 2, 1), change("cloud_run", "api", "max_instances", 50, 20))
PLACE = ("--region=us-central1", "--project=demo")


def gcloud(fake: GoogleFake, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["gcloud", *words], env={**os.environ, **fake.environment()}, capture_output=True, text=True, timeout=90,
        check=False,
    )  # fmt: skip


def test_a_service_is_replaced_by_itself_with_the_plans_changes(tmp_path: Path) -> None:
    for path, text in knative_files(PLAN):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "google").mkdir()
    with GoogleFake(tmp_path / "google") as fake:
        before = json.loads(json.dumps(fake.state[SERVICE]))
        form = "json" if importlib.util.find_spec("yaml") is None else "export"
        described = gcloud(fake, "run", "services", "describe", "api", *PLACE, f"--format={form}")
        assert described.returncode == 0, described.stderr
        overlay = [sys.executable, str(tmp_path / "knative/overlay.py"), str(tmp_path / "knative/api.overlay.json")]
        done = subprocess.run(overlay, input=described.stdout, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        new = tmp_path / "new.yaml"
        new.write_text(done.stdout)
        replaced = gcloud(fake, "run", "services", "replace", str(new), *PLACE)
        assert replaced.returncode == 0, replaced.stderr
        assert fake.rejected == []
        template = "/spec/template"
        asked = asked_of(before, fake.state[SERVICE])
        assert asked.pop("/metadata/uid") is None  # the server's own
        assert asked == {
            f"{template}/metadata/annotations/autoscaling.knative.dev/maxScale": "20",
            f"{template}/spec/containers/0/resources/limits/cpu": "1",
        }
        damaged = json.loads(done.stdout)
        damaged["spec"]["template"]["spec"]["containerConcurency"] = 1
        new.write_text(json.dumps(damaged))
        assert gcloud(fake, "run", "services", "replace", str(new), *PLACE).returncode != 0
