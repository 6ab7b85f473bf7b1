"""The roadmap of a plan with what people noted of it in the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data import roadmap_records
from exports.roadmap_days import Kept
from exports.roadmap_tasks import roadmap_of

if TYPE_CHECKING:
    from data.workspace import Workspace
    from exports.roadmap_days import Roadmap
    from model.plan import Plan


def roadmap(workspace: Workspace, plan: Plan) -> Roadmap:
    """The plan's tasks with their days, owners and checks."""
    noted = roadmap_records.tasks(workspace, plan.fingerprint)
    kept = {key: Kept(each.is_done, each.owner, each.start) for key, each in noted.items()}
    return roadmap_of(plan, roadmap_records.first_day(workspace, plan.fingerprint), kept)
