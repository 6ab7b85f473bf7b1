"""Findings: what each rule sees in the bill, what it would save alone, and whether it counts beside the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.costs import line_costs
from model.free_tier import free_tier_deltas
from model.levers.housekeeping_moves import KEY, move, rows_of
from model.levers.housekeeping_parameters import cold_data, is_applied, share_of
from model.levers.housekeeping_rules import RULES
from model.money import exact_sum
from model.repricing import price_new, reprice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill
    from model.levers.housekeeping_moves import ColdData
    from model.levers.housekeeping_rules import Effort, Rule
    from model.parameter import Disruption, Evidence, Values

DISPLACED: Final = "another rule on the same rows saves more, so this one does not count."


@dataclass(frozen=True, eq=False)
class Finding:
    """One rule on this bill. ``rows`` index the bill's lines; money is headline nanos over the window.

    ``saving_nanos`` is what the rule saves alone (None: refused, ``note`` says why). ``is_applied`` is as the scenario
    sets it; ``counts`` is False where it is not applied or refused, or another rule of its group counts instead.
    """

    rule: str
    title: str
    rows: NDArray[np.int64]
    current_nanos: int
    addressable_share: float
    saving_nanos: int | None
    is_applied: bool
    counts: bool
    action: str
    effort: Effort
    risk: str
    disruption: Disruption
    evidence: Evidence
    note: str


@dataclass(frozen=True)
class Alone:
    """A rule by itself: headline nanos saved over the window, or None with the reason."""

    saving_nanos: int | None
    refused: str = ""


def rules_of(bill: Bill) -> tuple[Rule, ...]:
    """The rules that have rows in this bill, in causal order."""
    return tuple(rule for rule in RULES if len(rows_of(bill, rule)))


def findings(bill: Bill, values: Values) -> tuple[Finding, ...]:
    """Every rule with rows in this bill, the largest saving first, those that cannot be priced last."""
    headline = line_costs(bill.lines)["headline"]
    counted = {rule.key for rule in counted_rules(bill, values)}
    found = [_finding(bill, rule, values, headline, counts=rule.key in counted) for rule in rules_of(bill)]
    return tuple(sorted(found, key=lambda each: (each.saving_nanos is None, -(each.saving_nanos or 0))))


def counted_rules(bill: Bill, values: Values) -> tuple[Rule, ...]:
    """The applied rules that count: of a group only the one that saves most alone (the first of equals)."""
    applied = [rule for rule in rules_of(bill) if is_applied(rule, values)]
    savings = {rule.key: alone(bill, rule, values).saving_nanos for rule in applied if rule.group}
    best = {_best([rule for rule in applied if rule.group == group], savings) for group in {r.group for r in applied}}
    return tuple(rule for rule in applied if not rule.group or rule.key in best)


def alone(bill: Bill, rule: Rule, values: Values) -> Alone:
    """What a rule would do if no other were applied, at today's demand."""
    return _alone(bill, rule, share_of(rule, values), cold_data(rule, values))


@lru_cache(maxsize=128)
def _alone(bill: Bill, rule: Rule, share: float, cold: ColdData) -> Alone:
    done = move(bill, rule, share, np.ones(len(bill.lines)), cold)
    if done.refused:
        return Alone(None, done.refused)
    deltas = [delta for change in done.usage for delta in reprice(bill, KEY, change)]
    deltas += [delta for usage in done.new_usage for delta in price_new(bill, KEY, usage)]
    deltas += free_tier_deltas(bill, [(KEY, change) for change in done.usage])
    return Alone(-sum(delta.costs.headline for delta in deltas))


def _best(rules: list[Rule], savings: dict[str, int | None]) -> str:
    priced = {rule.key: saving for rule in rules if (saving := savings.get(rule.key)) is not None}
    return max(priced, key=lambda key: priced[key], default="")


def _finding(bill: Bill, rule: Rule, values: Values, headline: NDArray[np.int64], *, counts: bool) -> Finding:
    done, rows, applied = alone(bill, rule, values), rows_of(bill, rule), is_applied(rule, values)
    displaced = f"{rule.title}: {DISPLACED}" if applied and not counts else ""
    return Finding(
        rule.key, rule.title, rows, exact_sum(headline[rows]), share_of(rule, values), done.saving_nanos, applied,
        counts, rule.action, rule.effort, rule.risk, rule.disruption, "modelled", done.refused or displaced,
    )  # fmt: skip
