"""Read replicas of the bill that a scenario deletes, since their primary gets fewer of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.lever import Guardrail
from model.levers.cloud_sql_instance import LEVER, instances
from model.scenario import ScenarioError

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.cloud_sql_instance import Instance
    from model.parameter import Values
    from model.scenario import Scenario


def removed_replicas(bill: Bill, values: Values) -> frozenset[Instance]:
    """Instances of the bill that go; the last by name go first."""
    removed: list[Instance] = []
    for primary in instances(bill):
        fewer = _fewer(primary, values)
        removed += _replicas_of(bill, primary)[-fewer:] if fewer else []
    return frozenset(removed)


def unknown_replicas(bill: Bill, values: Values) -> tuple[Guardrail, ...]:
    """A failed limit for each primary that would lose more replicas than the inventory names in this bill."""
    found = ((each, _fewer(each, values), len(_replicas_of(bill, each))) for each in instances(bill))
    return tuple(_unknown(primary, fewer, known) for primary, fewer, known in found if known < fewer)


def refuse_changes_of_removed(bill: Bill, scenario: Scenario, values: Values) -> None:
    """Raise ScenarioError where a scenario sets something of a replica that it deletes; ``*`` means those that stay."""
    for name in sorted(instance.name for instance in removed_replicas(bill, values)):
        key = next((key for key in scenario.settings if key.rpartition(".")[0] == f"{LEVER}.{name}"), None)
        if key is None:
            continue
        primary = bill.fact(f"{LEVER}.{name}.replica_of")
        replicas = f"{LEVER}.{primary.value if primary else ''}.replicas"
        raise ScenarioError(
            f"{replicas} = {values.number(replicas):g} deletes {name}, so {key} cannot be set too: take one of them "
            "out."
        )


def _fewer(primary: Instance, values: Values) -> int:
    """How many replicas fewer than today a primary gets; 0 where its setting stays."""
    key = primary.key("replicas")
    return max(0, primary.replica_count - round(values.number(key))) if values.is_changed(key) else 0


def _replicas_of(bill: Bill, primary: Instance) -> list[Instance]:
    facts = {each: bill.fact(each.key("replica_of")) for each in instances(bill)}
    found = (each for each, fact in facts.items() if fact is not None and fact.value == primary.name)
    return sorted(found, key=lambda each: each.name)


def _unknown(primary: Instance, fewer: int, found: int) -> Guardrail:
    return Guardrail(
        "replicas", LEVER, primary.name, float(fewer), float(found), "instances", passed=False,
        sentence=f"{primary.name}: {fewer} replicas would go but the inventory names {found} in this bill; a replica's "
        "cost is in its own rows, so the others are not priced.",
    )  # fmt: skip
