"""Advised resource commitments as the settings that a scenario types: whole units, and spend on what they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.commitment_resources import resource_pools

if TYPE_CHECKING:
    from model.bill import Bill
    from model.commitment_machines import MachinePlan
    from model.commitment_resources import ResourcePool
    from model.commitment_steps import WholePieces
    from model.outcome import Outcome
    from model.parameter import Value


def machine_settings(outcome: Outcome, plan: MachinePlan) -> dict[str, Value]:
    """Units of every series and region as the plan has them, none of others; then the flexible commitment of its term.

    The flexible one is planned at its highest savings, or not bought where the plan has none.
    """
    counts = {(each.series, each.region, part.part): part.count for each in plan.commitments for part in each.parts}
    found: dict[str, Value] = {}
    for each in _of(outcome.bill, "gce_resource"):
        machines = each.machines
        key = ("", "", "") if machines is None else (machines.series, machines.region, machines.part)
        found[each.setting] = counts.get(key, 0) if each.term == plan.term else 0
    return found | _spend("compute_flexible", plan.term if plan.flexible_commit_per_hour > 0.0 else "none")


def slot_settings(outcome: Outcome, piece: WholePieces) -> dict[str, Value]:
    """Slots of one location and term, no others there, and no spend commitment on them."""
    here = [each for each in _of(outcome.bill, "bigquery_slots") if each.pool.region == piece.region]
    found: dict[str, Value] = {each.setting: piece.amount if each.term == piece.term else 0 for each in here}
    for source in {each.source for each in here}:
        found |= _spend(source, "none")
    return found


def _of(bill: Bill, pool: str) -> list[ResourcePool]:
    return [each for each in resource_pools(bill) if each.pool.pool == pool]


def _spend(pool: str, term: str) -> dict[str, Value]:
    """A term at the highest savings, whatever was typed of the pool before."""
    key = f"commitments.{pool}"
    amounts = ("covered_per_hour", "target_coverage_ratio", "target_utilisation_ratio")
    return {f"{key}.term": term, f"{key}.plan": "highest_savings", f"{key}.rungs": ""} | dict.fromkeys(
        (f"{key}.{name}" for name in amounts), None
    )
