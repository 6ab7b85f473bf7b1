"""The one seam between data and model that the app and the command line share: workspace in, bill and outcome out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_data_path

from data import records
from data.bigquery_descriptions import read_description
from data.bigquery_import import import_table
from data.bill_tables import BillTables, bill_tables
from data.importing import ImportReport, import_paths
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES, SCHEME
from data.sources.demo import write_demo
from data.sources.inventory import read_inventory
from data.sources.invoices import read_invoices
from data.sources.metrics import read_metrics
from data.sources.queries import read_queries
from data.totals import currency_totals
from model.bill_build import Tables, build_bill
from model.outcome import Outcome, parameters
from model.parameter import Fact
from model.plan import LeverSaving, Plan
from model.plan_facts import plan_facts
from model.presets import Preset, presets
from model.scenario import Scenario, ScenarioError, matches
from pages.parts.price_session import add_prices, prices_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from data.bigquery_import import TableOptions
    from data.facts import Fact as FactRecord
    from data.watch import Progress
    from data.workspace import Workspace
    from model.bill import Bill, Resource
    from model.parameter import Parameter

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
WORKSPACE_VARIABLE = "CLOUDLEVER_WORKSPACE"


def default_workspace() -> Path:
    """The folder that CLOUDLEVER_WORKSPACE names, else one in the user's data folder."""
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else user_data_path("cloudlever", appauthor=False)


def load_bill(workspace: Workspace, months: Sequence[int] | None = None, currency: str | None = None) -> Bill:
    """The bill of some months (default: the last three settled) with the workspace's facts; raises NoBill."""
    tables = bill_tables(workspace, months, currency)
    bill = build_bill(_tables(tables), {}, prices_of(workspace, tables.currency))
    facts = _aligned(_model_facts(records.facts(workspace)), bill)
    return replace(bill, facts=facts)


def import_demo(
    workspace: Workspace,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> ImportReport:
    """Generate the demo bill with its inventory, metrics, queries and invoices below the workspace, and import it."""
    files = write_demo(workspace.folder / "demo")
    report = import_paths(workspace, [files.bill], on_progress, cancel, is_demo=True)
    add_inventory(workspace, files.inventory)
    add_metrics(workspace, [files.metrics])
    add_queries(workspace, [files.queries])
    add_invoices(workspace, [files.invoice])
    return report


def add_inventory(workspace: Workspace, paths: Iterable[Path]) -> list[FactRecord]:
    """Read inventories into the workspace's facts; raises SourceRefused."""
    found = read_inventory(paths)
    records.save_facts(workspace, found)
    return found


def add_metrics(workspace: Workspace, paths: Iterable[Path]) -> list[FactRecord]:
    """Read metrics into the workspace's facts; raises SourceRefused."""
    known = records.facts(workspace)
    vcpu = {key.split(".", 1)[1].rsplit(".", 1)[0]: float(f.value) for key, f in known.items() if _is_vcpu(key)}
    found = read_metrics(paths, vcpu)
    records.save_facts(workspace, found)
    return found


def add_queries(workspace: Workspace, paths: Iterable[Path]) -> list[FactRecord]:
    """Read queries into the workspace's facts, in place of those read before; raises SourceRefused."""
    return records.replace_facts(workspace, "queries.", read_queries(paths))


def add_commitments(
    workspace: Workspace, sources: Iterable[Path | str], maximum_bytes: int = DEFAULT_MAXIMUM_BYTES
) -> list[FactRecord]:
    """Read standing commitments of files and tables, in place of those read before; raises SourceRefused."""
    return records.replace_facts(workspace, "commitments.", read_description("commitments", sources, maximum_bytes))


def import_sources(
    workspace: Workspace,
    paths: Sequence[str],
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    options: TableOptions | None = None,
) -> ImportReport:
    """Add files, folders, globs and tables (bq://PROJECT.DATASET.TABLE); raises as ``import_paths``."""
    tables = [path for path in paths if path.startswith(SCHEME)]
    files = [path for path in paths if not path.startswith(SCHEME)]
    report = import_paths(workspace, files, on_progress, cancel) if files else ImportReport((), ())
    if not tables:
        return report
    added = tuple(import_table(workspace, uri, options, on_progress, cancel) for uri in tables)
    return ImportReport((*report.sources, *added), tuple(currency_totals(workspace)))


DESCRIPTIONS: Final[dict[str, Callable[[Workspace, Any], list[FactRecord]]]] = {
    "inventory": add_inventory,
    "metrics": add_metrics,
    "queries": add_queries,
    "commitments": add_commitments,
    "prices": add_prices,
}
"""What describes a bill, by the option of ``import`` that reads it; in this order, since metrics ask the inventory."""


def add_invoices(workspace: Workspace, paths: Iterable[Path]) -> None:
    """Read invoice totals into the workspace; raises SourceRefused."""
    records.save_invoices(workspace, [total for path in paths for total in read_invoices(path)])


def find_scenario(workspace: Workspace, name_or_file: str | None, settings: Iterable[str], bill: Bill) -> Scenario:
    """The scenario of a file or a saved name with KEY=VALUE settings on top; raises ScenarioError."""
    scenario = _read_scenario(workspace, name_or_file)
    kinds = {parameter.key: parameter for parameter in parameters(bill)}
    for item in settings:
        key, separator, text = item.partition("=")
        if not separator:
            raise ScenarioError(f"--set {item} needs KEY=VALUE, as --set cloud_run.api.min_instances=1.")
        scenario = _put(scenario, key.strip(), text.strip(), kinds)
    is_unnamed = scenario.name == Scenario().name and scenario.fingerprint != Scenario().fingerprint
    return scenario.renamed("Typed settings") if is_unnamed else scenario


def scenario_of_file(path: Path) -> Scenario:
    """The scenario that a file holds; raises ScenarioError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path} is not a text that can be read; give a scenario in TOML.") from error
    return Scenario.from_toml(text, str(path))


def presets_of(bill: Bill) -> tuple[Preset, ...]:
    """What is offered for a bill: today, levels to search for, and the "Phase 4" plan as far as it fits."""
    text = (SAMPLES / "phase4_scenario.toml").read_text(encoding="utf-8")
    return presets(bill, [("phase4", Scenario.from_toml(text, "the Phase 4 plan"))])


def plan_of(outcome: Outcome) -> Plan:
    """The plan that an outcome's scenario configures: what every export is made of."""
    savings = (LeverSaving(i.lever, i.title, i.alone_nanos, i.in_sequence_nanos) for i in outcome.levers)
    return Plan(
        scenario_name=outcome.scenario.name,
        fingerprint=outcome.scenario.fingerprint,
        snapshot=outcome.bill.snapshot,
        scenario_toml=outcome.scenario.to_toml(),
        currency=outcome.bill.currency,
        months=outcome.bill.months,
        is_demo=outcome.bill.is_demo,
        baseline_nanos=outcome.baseline.total.headline,
        outcome_nanos=outcome.result.total.headline,
        savings=tuple(savings),
        interaction_nanos=outcome.interaction_nanos,
        guardrails=outcome.guardrails,
        notes=outcome.notes,
        **vars(plan_facts(outcome)),
    )


def _tables(tables: BillTables) -> Tables:
    notes = []
    if tables.other_currencies:
        others = ", ".join(tables.other_currencies)
        notes.append(f"This bill also has charges in {others}; currencies are never added, so they are shown apart.")
    return Tables(
        currency=tables.currency,
        months=tables.months,
        lines=tables.lines,
        hourly=tables.hourly,
        pools=tables.pools,
        snapshot=tables.snapshot,
        conversion_rate=tables.conversion_rate,
        is_demo=tables.is_demo,
        notes=tuple(notes),
        codes=tables.codes,
        kinds_without_hours=tables.kinds_without_hours,
        pools_without_hours=tables.pools_without_hours,
        one_offs=tables.one_offs,
    )


def _model_facts(found: Mapping[str, FactRecord]) -> dict[str, Fact]:
    return {key: Fact(each.value, each.evidence, each.source) for key, each in found.items()}


def _aligned(facts: dict[str, Fact], bill: Bill) -> dict[str, Fact]:
    """Facts under the names that this bill gives its resources (either side may qualify a name alone)."""
    known = {key.rpartition(".")[0] for key in facts}
    aligned = dict(facts)
    for resource in (each for group in bill.resources.values() for each in group):
        own = f"{resource.lever}.{resource.name}"
        other = next((name for name in _other_names(resource, facts) if name in known), None)
        if own not in known and other is not None:
            aligned |= {own + key[len(other) :]: fact for key, fact in facts.items() if key.startswith(other + ".")}
    return aligned


def _other_names(resource: Resource, facts: Mapping[str, Fact]) -> list[str]:
    short = f"{resource.lever}.{resource.name.partition('@')[0]}"
    region = facts.get(f"{short}.region")
    names = [f"{short}@{resource.region}", f"{short}@{resource.region}@{resource.project}"]
    return [*names, short] if region is not None and region.value == resource.region else names


def _is_vcpu(key: str) -> bool:
    return key.startswith("cloud_run.") and key.endswith(".vcpu")


def _read_scenario(workspace: Workspace, name_or_file: str | None) -> Scenario:
    if name_or_file is None:
        return Scenario()
    path = Path(name_or_file)
    if path.is_file():
        return scenario_of_file(path)
    saved = records.scenario(workspace, name_or_file)
    if saved is None:
        raise ScenarioError(
            f"{name_or_file} is neither a file nor a saved scenario; `cli.py scenarios list` shows what is saved."
        )
    return Scenario.from_toml(saved.toml, f"the saved scenario {name_or_file!r}")


def _put(scenario: Scenario, key: str, text: str, known: Mapping[str, Parameter]) -> Scenario:
    found = next((parameter for parameter in known.values() if matches(key, parameter.key)), None)
    value = _value(text)
    if found is not None and found.kind == "assumption":
        return scenario.with_assumption(key, value)
    return scenario.with_setting(key, value)


def _value(text: str) -> float | int | bool | str:
    lowered = text.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
