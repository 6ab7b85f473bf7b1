"""What the command line prints: documents for machines, lines for people, progress on stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from data import records
from data.bill_months import NoBill
from exports.bundle import ExportError, zip_bytes
from model.money import as_text
from model.plan import BASIS
from model.scenario import ScenarioError
from pages.parts.earlier_export import remove_earlier
from pages.parts.session import scenario_of_file
from pages.parts.wording import money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from data.importing import ImportReport
    from data.reconcile import Check
    from data.totals import TotalRow
    from data.watch import Progress
    from data.workspace import Workspace
    from exports.bundle import ExportFile
    from model.outcome import Outcome
    from model.scenario import Scenario

SECONDS_BETWEEN_LINES = 0.5


def progress_line() -> Callable[[Progress], None]:
    """A callback that writes file, share and rows a second to stderr, twice a second at most."""
    last = [time.monotonic()]

    def write(progress: Progress) -> None:
        now = time.monotonic()
        if now - last[0] < SECONDS_BETWEEN_LINES:
            return
        last[0] = now
        share, rate = f"{progress.fraction:.0%}", f"{progress.rows_per_second:,.0f} rows/s"
        print(f"{progress.path}: {progress.step} {share}, {rate}", file=sys.stderr)

    return write


def import_document(report: ImportReport) -> dict[str, Any]:
    """The JSON of ``import``."""
    fields = ("path", "kind", "rows_read", "rows_accepted", "rows_quarantined", "already_loaded", "refused")
    document: dict[str, Any] = {
        "version": 1,
        "sources": [{name: getattr(source, name) for name in fields} for source in report.sources],
        "totals": {
            total.currency: {
                "cost": as_text(total.cost_nanos), "credits": as_text(total.credits_nanos),
                "net": as_text(total.net_nanos),
            }
            for total in report.totals
        },
    }  # fmt: skip
    if report.refused:
        document["error"] = " ".join(source.refused or "" for source in report.refused)
    return document


def import_lines(report: ImportReport) -> list[str]:
    """What became of each file, and what the workspace adds up to."""
    lines = [
        f"{source.path}: already loaded, counts once."
        if source.already_loaded
        else f"{source.path}: {source.kind}, {source.rows_accepted:,} rows"
        + (f", {source.rows_quarantined:,} set aside" if source.rows_quarantined else "")
        for source in report.sources
        if source.refused is None
    ]
    return lines + [f"Total {t.currency}: cost {money(t.cost_nanos, t.currency)}, credits "
                    f"{money(t.credits_nanos, t.currency)}, net {money(t.net_nanos, t.currency)}"
                    for t in report.totals]  # fmt: skip


def total_document(row: TotalRow) -> dict[str, Any]:
    """One row of ``totals``."""
    return {
        **row.keys, "currency": row.currency, "cost": as_text(row.cost_nanos), "credits": as_text(row.credits_nanos),
        "net": as_text(row.net_nanos), "list": as_text(row.list_nanos), "on_demand": as_text(row.on_demand_nanos),
        "effective": as_text(row.effective_nanos),
    }  # fmt: skip


def check_document(check: Check) -> dict[str, Any]:
    """One check of ``reconcile``; amounts as text, None where there is nothing to hold against."""
    return {
        "name": check.name, "expected": _text(check.expected), "actual": _text(check.actual),
        "residual": _text(check.residual), "passed": check.passed, "currency": check.currency,
        "sentence": check.sentence, "parts": {name: str(amount) for name, amount in check.parts},
    }  # fmt: skip


def settings_lines(document: dict[str, Any]) -> list[str]:
    """One line a parameter, then what this bill has no rows for."""
    rows = [
        {"key": p["key"], "current": p["current"], "unit": p["unit"], "kind": p["kind"], "from": p["default_from"]}
        for p in document["parameters"]
    ]
    return table(rows) + [f"{key}: {sentence}" for key, sentence in document["not_in_this_bill"].items()]


def outcome_lines(outcome: Outcome) -> list[str]:
    """The answer, the levers, and what speaks against it."""
    currency = outcome.bill.currency
    before, after = outcome.baseline.total.headline, outcome.result.total.headline
    months = f"{outcome.bill.months[0]} to {outcome.bill.months[-1]}"
    broken = [guardrail.sentence for guardrail in outcome.guardrails if guardrail.passed is False]
    return [
        f"{outcome.scenario.name} ({outcome.scenario.fingerprint}), {months}, {BASIS}:",
        f"  now {money(before, currency)}, then {money(after, currency)}: {_saving(before - after, currency)}",
        *(f"  {item.title}: alone {money(item.alone_nanos, currency)}, in sequence "
          f"{money(item.in_sequence_nanos, currency)}" for item in outcome.levers),
        f"  interaction {money(outcome.interaction_nanos, currency)}",
        *(f"  limit: {sentence}" for sentence in broken),
        *(f"  note: {note}" for note in outcome.notes),
    ]  # fmt: skip


def _saving(nanos: int, currency: str) -> str:
    return f"saves {money(nanos, currency)}" if nanos >= 0 else f"costs {money(-nanos, currency)} more"


def scenarios(
    workspace: Workspace, action: str, name: str | None, file: Path | None
) -> tuple[dict[str, Any], list[str]]:
    """Do one action on the saved scenarios; raises ScenarioError."""
    if action == "save":
        if file is None:
            raise ScenarioError("scenarios save needs --scenario FILE.")
        scenario = scenario_of_file(file)
        saved = scenario.renamed(name) if name else scenario
        records.save_scenario(workspace, saved.name, saved.to_toml(), saved.fingerprint)
        return {"version": 1, "saved": saved.name, "fingerprint": saved.fingerprint}, [f"Saved {saved.name}."]
    found = records.scenarios(workspace)
    if action == "list":
        rows = [{"name": s.name, "fingerprint": s.fingerprint, "saved_at": s.saved_at} for s in found]
        return {"version": 1, "scenarios": rows}, table(rows)
    if name is None:
        raise ScenarioError(f"scenarios {action} needs the name of a saved scenario; `scenarios list` shows them.")
    chosen = next((each for each in found if each.name == name), None)
    if chosen is None:
        raise ScenarioError(f"There is no saved scenario {name!r}; `cli.py scenarios list` shows what there is.")
    if action == "delete":
        records.delete_scenario(workspace, chosen.name)
        return {"version": 1, "deleted": chosen.name}, [f"Deleted {chosen.name}; an earlier save can be restored."]
    return {"version": 1, "name": chosen.name, "toml": chosen.toml}, chosen.toml.splitlines()


def write_files(files: Sequence[ExportFile], target: Path) -> None:
    """Write exported files into a folder, or into one ZIP where the target ends in .zip; raises ExportError."""
    try:
        _write(files, target)
    except OSError as error:
        raise ExportError(f"{target} cannot be written ({error.strerror}); give another --out.") from error


def write_file(content: bytes, target: Path, option: str) -> None:
    """Write one file; raises ExportError, which names the option."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        raise ExportError(f"{target} cannot be written ({error.strerror}); give another {option}.") from error


def write_scenario(scenario: Scenario, target: Path) -> None:
    """Write a scenario file; raises ExportError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(scenario.to_toml(), encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{target} cannot be written ({error.strerror}); give another --out.") from error


def _write(files: Sequence[ExportFile], target: Path) -> None:
    """Scripts become executable."""
    if target.suffix == ".zip":
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(zip_bytes(files))
        return
    remove_earlier(target, files)
    for file in files:
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        if path.suffix == ".sh":
            path.chmod(0o755)


def months_of(text: str | None) -> tuple[int, ...] | None:
    """202511,202512 → months; None for the default. Raises NoBill with a sentence for what is no month."""
    if not text:
        return None
    parts = [part.strip().replace("-", "") for part in text.split(",") if part.strip()]
    wrong = next((part for part in parts if not (len(part) == 6 and part.isdigit())), None)
    if wrong is not None:
        raise NoBill(f"--months {text}: {wrong!r} is not a month; write them as 202511,202512.")
    return tuple(sorted({int(part) for part in parts}))


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Rows as aligned text columns."""
    if not rows:
        return ["nothing"]
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cell(value: Any) -> str:
    return "—" if value is None else str(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
