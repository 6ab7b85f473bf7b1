"""The gcloud commands that list what the inventory reads, for the projects and regions of the bill."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pages.parts.data_state import FactMatch

LINES_PER_COMMAND: Final = 6
LIST_COMMANDS: Final = {
    "Cloud Run": ("run_services", "gcloud run services list", ""),
    "Cloud SQL": ("sql_instances", "gcloud sql instances list", ""),
    "Cloud Tasks": ("tasks_queues", "gcloud tasks queues list", "--location"),
    "Memorystore for Redis": ("redis_instances", "gcloud redis instances list", "--region"),
    "Firestore": ("firestore_databases", "gcloud firestore databases list", ""),
}
"""Product → file that its list is written to, the command, and the flag that it needs for a region."""


def list_commands(match: FactMatch) -> dict[str, str]:
    """Product → the commands that list it, a line per project (and region) of the bill, ready to paste."""
    projects, regions = match.projects or ("PROJECT_ID",), match.regions or ("REGION",)
    commands = {}
    for product, (stem, command, flag) in LIST_COMMANDS.items():
        places = [(p, r) for p in projects for r in (regions if flag else ("",))]
        shown = [_list_command(stem, command, flag, place, alone=len(places) == 1) for place in places]
        more = len(shown) - LINES_PER_COMMAND
        tail = [f"# … and so on: {more} more of the bill's projects and regions"] if more > 0 else []
        commands[product] = "\n".join(shown[:LINES_PER_COMMAND] + tail)
    return commands


def _list_command(stem: str, command: str, flag: str, place: tuple[str, str], *, alone: bool) -> str:
    project, region = place
    where = f" --project={shlex.quote(project)}" + (f" {flag}={shlex.quote(region)}" if flag else "")
    file = stem if alone else "_".join(part for part in (stem, project, region) if part)
    return f"{command}{where} --format=json > {shlex.quote(file + '.json')}"
