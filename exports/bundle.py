"""Everything to take away from a plan: files, their manifest, and one ZIP whose bytes depend on the plan alone."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from exports.bigquery_guard import guard_files
from exports.described import DescribedRefused, unused_file
from exports.finance_files import FINANCE_WRITERS, FOLDER
from exports.gcloud import apply_script, rollback_script, verify_script
from exports.gcloud_firestore import FIELDS_FILE, fields_file
from exports.knative import knative_files
from exports.load_test import load_test_files
from exports.monitoring_json import monitoring_files
from exports.monitoring_script import monitoring_script
from exports.plan_json import plan_json
from exports.pooling import pooling_files
from exports.readme import readme
from exports.redis import redis_files
from exports.roadmap_files import roadmap_files
from exports.roadmap_tasks import roadmap_of
from exports.sql import sql_files
from exports.terraform import terraform_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from exports.described import Described
    from exports.roadmap_days import Roadmap
    from model.outcome import Outcome
    from model.plan import Plan

_SAFE_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class ExportError(ValueError):
    """An export that cannot be made, with a sentence for the user."""


@dataclass(frozen=True)
class ExportFile:
    """One file: its relative path, the kind that ``--only`` selects, its bytes."""

    path: str
    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


_Files = list[tuple[str, str]]


def _gcloud(plan: Plan) -> _Files:
    scripts = [
        ("apply.sh", apply_script(plan)),
        ("verify.sh", verify_script(plan)),
        ("rollback.sh", rollback_script(plan)),
    ]
    fields = fields_file(plan.changes)
    return [*scripts, *([(FIELDS_FILE, fields)] if fields else [])]


def _monitoring(plan: Plan) -> _Files:
    script = monitoring_script(plan)
    files = [("monitoring/monitoring.sh", script), *monitoring_files(plan)] if script else []
    return files + guard_files(plan)


_WRITERS: Final[dict[str, Callable[[Plan], _Files]]] = {
    "json": lambda plan: [("plan.json", plan_json(plan))],
    "scenario": lambda plan: [("scenario.toml", plan.scenario_toml)],
    "gcloud": _gcloud,
    "monitoring": _monitoring,
    "terraform": terraform_files,
    "knative": knative_files,
    "sql": sql_files,
    "pooling": pooling_files,
    "redis": redis_files,
    "load_test": load_test_files,
    "roadmap": lambda plan: roadmap_files(roadmap_of(plan)),
}
"""Kind → path and text of its files; none where the plan asks for nothing of the kind."""

README: Final = "readme"
KINDS: Final = (README, *_WRITERS)
"""What a plan is written as."""
ALL_KINDS: Final = (*KINDS, *FINANCE_WRITERS)
"""What ``only`` may name where an outcome is at hand."""


@dataclass(frozen=True)
class Beside:
    """What people know beside the plan: the roadmap with what they noted of it, and descriptions of live resources."""

    roadmap: Roadmap | None = None
    described: tuple[Described, ...] = ()


def export_files(
    plan: Plan, only: Sequence[str] = (), outcome: Outcome | None = None, beside: Beside | None = None
) -> list[ExportFile]:
    """The plan in every form, or in the kinds of ``only``; those for finance where the plan's ``outcome`` is given.

    ``beside`` is what people know beside the plan. Raises ExportError for a kind that there is not, and for a
    description that cannot be carried over or that the plan has no use for.
    """
    known = KINDS if outcome is None else ALL_KINDS
    unknown = [kind for kind in only if kind not in known]
    if unknown:
        raise ExportError(f"There is no export of kind {unknown[0]!r}; choose from {', '.join(known)}.")
    asked = set(only or known)
    writers = _WRITERS | _writers_of(plan, beside or Beside())
    try:
        written = {kind: write(plan) for kind, write in writers.items() if kind in asked or README in asked}
    except DescribedRefused as problem:
        raise ExportError(str(problem)) from problem
    folders = {path.partition("/")[0] for files in written.values() for path, _ in files if "/" in path}
    folders |= set() if outcome is None else {FOLDER}
    texts = {README: [("README.md", readme(plan, sorted(folders)))], **written} if README in asked else written
    of_plan = [
        ExportFile(path, kind, text.encode("utf-8", errors="replace"))
        for kind, files in texts.items()
        if kind in asked
        for path, text in files
    ]
    return of_plan if outcome is None else [*of_plan, *finance_files(outcome, asked)]


def _writers_of(plan: Plan, beside: Beside) -> dict[str, Callable[[Plan], _Files]]:
    """Kinds that are written otherwise for what people know."""
    roadmap, described = beside.roadmap, beside.described
    unused = unused_file(plan, described)
    if unused:
        raise ExportError(f"{unused} describes nothing that this plan changes: leave it out.")
    writers: dict[str, Callable[[Plan], _Files]] = {}
    if roadmap is not None:
        writers["roadmap"] = lambda _: roadmap_files(roadmap)
    if described:
        writers["terraform"] = lambda of: terraform_files(of, described)
        writers["knative"] = lambda of: knative_files(of, described)
    return writers


def finance_files(outcome: Outcome, kinds: Collection[str]) -> list[ExportFile]:
    """Workbook, tables and FOCUS rows of an outcome, in those of the kinds that are for finance."""
    writers = {kind: write for kind, write in FINANCE_WRITERS.items() if kind in kinds}
    return [ExportFile(path, kind, content) for kind, write in writers.items() for path, content in write(outcome)]


def manifest(plan: Plan, files: Iterable[ExportFile]) -> dict[str, Any]:
    """What was written, with the fingerprint of the scenario whose figures are shown."""
    return {"version": 1, "fingerprint": plan.fingerprint, "files": file_rows(files)}


def file_rows(files: Iterable[ExportFile]) -> list[dict[str, str]]:
    """What a manifest says of each file."""
    return [{"path": file.path, "kind": file.kind, "sha256": file.sha256} for file in files]


def with_manifest(plan: Plan, files: Sequence[ExportFile]) -> list[ExportFile]:
    """The files and ``manifest.json``, which lists them."""
    text = json.dumps(manifest(plan, files), indent=2) + "\n"
    return [*files, ExportFile("manifest.json", "manifest", text.encode())]


def zip_bytes(files: Iterable[ExportFile]) -> bytes:
    """A ZIP of the files, the same bytes for the same files; raises ExportError for a path that leaves the folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(files, key=lambda item: item.path):
            if not _SAFE_PATH.fullmatch(file.path):
                raise ExportError(f"{file.path!r} is not a path for an archive; use plain names below the folder.")
            entry = zipfile.ZipInfo(file.path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if file.path.endswith(".sh") else 0o100644) << 16
            archive.writestr(entry, file.content)
    return packed.getvalue()
