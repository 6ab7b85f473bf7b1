"""Where the watched bill and the model meet: costs by day, the rules of the workspace, incidents with their causes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data import watch_records
from data.daily_costs import daily_costs
from data.day_details import day_details
from data.price_book import load_query_price
from data.sources.jobs import read_jobs
from model.alert_budget import budget_incidents
from model.alert_replay import replay
from model.alert_rules import RulesRefused, WatchSettings, budget_nanos, settings_of_toml
from model.anomalies import incidents, usual_day_nanos
from model.causes import cause_window, causes
from model.daily_costs import daily_costs_of, day_number
from model.query_cost import Query, query_incidents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.workspace import Workspace
    from model.alert_replay import Replay
    from model.anomalies import Incident
    from model.causes import Cause
    from model.daily_costs import DailyCosts


@dataclass(frozen=True, eq=False)
class Watched:
    """A bill under its rules: the replay, and every incident of every rule, the newest first."""

    costs: DailyCosts
    replayed: Replay
    settings: WatchSettings
    incidents: tuple[Incident, ...]


def load_costs(workspace: Workspace, currency: str | None = None) -> DailyCosts:
    """Cost by day of the whole bill in one currency (default: the one with the largest net); raises NoBill."""
    table = daily_costs(workspace, currency)
    return daily_costs_of(table.columns, table.currency, table.conversion_rate, table.settled_until)


def watch_settings(workspace: Workspace, file: Path | None = None, budget: str | None = None) -> WatchSettings:
    """The rules of a file, else those saved in the workspace, else as declared; a budget on top.

    Raises RulesRefused.
    """
    saved = watch_records.rules_text(workspace)
    if file is not None:
        settings = settings_of_toml(_read(file), file.name)
    elif saved is not None:
        settings = settings_of_toml(saved, "the saved rules")
    else:
        settings = WatchSettings()
    return replace(settings, budget_nanos=budget_nanos(budget, "--budget")) if budget else settings


def save_settings(workspace: Workspace, settings: WatchSettings) -> None:
    """Make these the workspace's rules."""
    watch_records.save_rules(workspace, settings.to_toml())


def watch(costs: DailyCosts, settings: WatchSettings, jobs: Sequence[Path] = ()) -> Watched:
    """Judge a bill by all rules; ``jobs`` are tables of queries. Raises SourceRefused."""
    replayed = replay(costs)
    found = incidents(replayed, settings)
    for rule in settings.rules:
        if rule.method in ("budget_actual", "budget_forecast"):
            found += budget_incidents(costs, rule, settings)
        if rule.method == "query_cost":
            price = load_query_price().usd
            day = usual_day_nanos(replayed)
            found += query_incidents(_queries(jobs), rule, settings, price, costs.dollar, day)
    order = {"critical": 0, "warning": 1, "notice": 2}
    found.sort(key=lambda each: (-each.last_day, order[each.severity], -each.excess_nanos, each.rule, each.service))
    return Watched(costs, replayed, settings, tuple(found))


def causes_of(workspace: Workspace, watched: Watched, incident: Incident) -> list[Cause]:
    """What an incident's excess stands on; none for budgets and single queries."""
    if watched.settings.rule(incident.rule).method not in watched.replayed.score:
        return []
    first, last = cause_window(incident)
    return causes(incident, day_details(workspace, watched.costs.currency, incident.service, first, last))


def _queries(paths: Sequence[Path]) -> list[Query]:
    return [
        Query(day_number(job.day), job.project, job.job, job.user, job.billed_bytes)
        for path in paths
        for job in read_jobs(path)
    ]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesRefused(f"{file} is not a text that can be read; give a file of rules in TOML.") from error
