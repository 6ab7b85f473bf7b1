"""Housekeeping: rules over rows that bill while nobody needs them; each takes a share of what earlier ones leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.lever import Effects, LeverResult, PlanChange
from model.levers.housekeeping_findings import DISPLACED, alone, counted_rules, findings, rules_of
from model.levers.housekeeping_moves import KEY, Move, idle_projects, move, rows_of
from model.levers.housekeeping_parameters import cold_data, is_applied, key_of, rule_parameters, share_of
from model.levers.housekeeping_rules import IDLE_PROJECTS
from model.monthly_kinds import PRODUCT_OF_MONTHLY_KIND

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.housekeeping_rules import Rule
    from model.parameter import Parameter, Values

__all__ = ["LEVER", "Housekeeping", "findings"]


class Housekeeping:
    """Takes the addressable share of the rows of each applied rule off the bill, and prices what comes instead."""

    key = KEY
    title = "Housekeeping"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Whether each rule with rows in this bill is applied, and what is assumed of them."""
        return [parameter for rule in rules_of(bill) for parameter in rule_parameters(rule)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to tidy."""
        if rules_of(bill):
            return ""
        return "Not in this bill: logs, objects, snapshots, disks, images, backups or addresses that a rule knows."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Usage without what the applied rules take, rule by rule in causal order."""
        moves = _moves(bill, values, effects.demand)
        skipped = [rule for rule in _applied(bill, values) if all(each.rule is not rule for each in moves)]
        return LeverResult(
            usage=tuple(change for each in moves for change in each.usage),
            new_usage=tuple(usage for each in moves for usage in each.new_usage),
            plan=tuple(_change(bill, each.rule, values) for each in moves),
            effects=effects,
            notes=(
                *(alone(bill, rule, values).refused or f"{rule.title}: {DISPLACED}" for rule in skipped),
                *(note for each in moves for note in _notes(bill, each)),
            ),
        )


def _applied(bill: Bill, values: Values) -> list[Rule]:
    return [rule for rule in rules_of(bill) if is_applied(rule, values)]


def _moves(bill: Bill, values: Values, demand: float) -> list[Move]:
    """Each rule that counts, on what those before it leave of every line."""
    left, moves = np.ones(len(bill.lines)), []
    for rule in counted_rules(bill, values):
        done = move(bill, rule, share_of(rule, values), left, cold_data(rule, values), demand)
        left = left - done.reduction
        moves.append(done)
    return moves


def _notes(bill: Bill, done: Move) -> list[str]:
    found = [f"{done.rule.title}: {done.rule.risk}"]
    if done.rule.key == IDLE_PROJECTS:
        found.append(f"{done.rule.title}: {', '.join(sorted(idle_projects(bill)))}.")
    if done.one_off > 0.0:
        found.append(
            f"{done.rule.title}: moving today's objects costs {done.one_off:,.2f} {bill.currency} once in operations, "
            "which is not in these figures: add it to finance.one_off_cost."
        )
    return found


def _change(bill: Bill, rule: Rule, values: Values) -> PlanChange:
    kind = str(bill.lines.text["kind"][rows_of(bill, rule)[0]])
    key = key_of(rule, "applied")
    return PlanChange(
        lever=KEY, product=PRODUCT_OF_MONTHLY_KIND[kind.partition(".")[0]], resource=rule.key, project="", region="",
        attribute="applied", before=False, after=True, unit="", configures="", disruption=rule.disruption,
        reason=f"{rule.action} Taken: {share_of(rule, values):.0%} of its rows; {values.by_key[key].source}.", key=key,
    )  # fmt: skip


LEVER: Final = Housekeeping()
