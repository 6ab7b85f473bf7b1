"""Running exported scripts in bash with a gcloud on PATH that records its words and answers from a folder."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FAKE_GCLOUD = """#!/usr/bin/env bash
here="$(dirname "$0")"
for word in "$@"; do printf '%s\\0' "$word" >>"$here/calls"; done
printf '\\1\\0' >>"$here/calls"
case "$*" in
  *"logging read"*)
    for log in "$here"/log-*; do case "$*" in *"${log##*/log-}"*) cat "$log" ;; esac; done ;;
  *" list "*) [ ! -e "$here/listed" ] || cat "$here/listed" ;;
  *value*latestCreated*) cat "$here/newest" ;;
  *describe*)
    [ ! -e "$here/error" ] || { cat "$here/error" >&2; exit 1; }
    cat "$here/live" ;;
  *) [ ! -e "$here/refuse" ] || { echo 'ERROR: refused' >&2; exit 1; } ;;
esac
"""


@dataclass
class Shell:
    """A folder with a recording gcloud; ``live`` is what each describe answers."""

    folder: Path

    def __post_init__(self) -> None:
        fake = self.folder / "bin" / "gcloud"
        fake.parent.mkdir()
        fake.write_text(_FAKE_GCLOUD)
        fake.chmod(0o755)
        self.answer("")

    def answer(self, line: str) -> None:
        (self.folder / "bin" / "live").write_text(line + "\n")

    def make_newest(self, revision: str) -> None:
        """The revision that an update makes."""
        (self.folder / "bin" / "newest").write_text(revision + "\n")

    def fake_lists(self, name: str) -> None:
        """The name that every listing finds."""
        (self.folder / "bin" / "listed").write_text(name + "\n")

    def log_requests(self, revision: str, *requests: tuple[int, str]) -> None:
        """What the request log holds of a revision: status and latency as gcloud prints it."""
        lines = "".join(f"{status}|{latency}\n" for status, latency in requests)
        (self.folder / "bin" / f"log-{revision}").write_text(lines)

    def say_error(self, text: str) -> None:
        (self.folder / "bin" / "error").write_text(text)

    def refuse(self) -> None:
        (self.folder / "bin" / "refuse").touch()

    def run(
        self, script: str, *options: str, stdin: str = "", name: str = "script.sh"
    ) -> subprocess.CompletedProcess[str]:
        path = self.folder / name
        path.write_text(script, encoding="utf-8")
        environment = {**os.environ, "CLOUDLEVER_WATCH_S": "0", "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", str(path), *options],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def calls(self) -> list[list[str]]:
        recorded = self.folder / "bin" / "calls"
        text = recorded.read_bytes().decode() if recorded.exists() else ""
        return [call.split("\0")[:-1] for call in text.split("\1\0")[:-1]]

    @property
    def changes(self) -> list[list[str]]:
        return [call for call in self.calls if "describe" not in call and call[0] != "logging"]
