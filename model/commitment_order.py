"""What committing before right-sizing would lose: today's best commitment signed first, then the usage levers.

Two runs on the same bill with the same levers: one signs the amount that is best for today's usage, the other the
amount that is best for what the levers leave. The difference is the price of the wrong order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.commitment_ahead import bought_since_per_hour
from model.levers.commitment_plan import TERM_MONTHS
from model.levers.commitment_standing import Bought, standing
from model.levers.commitments import fill_order, options
from model.outcome import RATE_LEVER, moved_levers, parameters, usage_run

if TYPE_CHECKING:
    from model.outcome import Outcome


@dataclass(frozen=True)
class OrderLoss:
    """One pool and term, currency units a month: amounts bought first and last (discounted per hour), and savings.

    ``loss`` = saving when bought last − saving when bought first.
    """

    pool: str
    term: str
    commit_first_per_hour: float
    commit_last_per_hour: float
    saving_first: float
    saving_last: float

    @property
    def loss(self) -> float:
        """What the wrong order costs a month."""
        return self.saving_last - self.saving_first


def order_losses(outcome: Outcome) -> tuple[OrderLoss, ...]:
    """Every pool and term in which something would be bought; none where the scenario moves no usage lever."""
    bill, scenario = outcome.bill, outcome.scenario
    levers = frozenset(lever for lever in moved_levers(bill, scenario) if lever != RATE_LEVER)
    if not levers:
        return ()
    known = parameters(bill)
    today, then = scenario.values(known, frozenset()), scenario.values(known, levers)
    before, after = usage_run(bill, today).eligible, usage_run(bill, then).eligible
    last = {(plan.name, plan.term): plan for plan in options(bill, then, after)}
    found = []
    for first in options(bill, today, before):
        plan = last[first.name, first.term]
        pool = next(each for each in bill.pools if each.name == first.name)
        bought = Bought(
            first.name,
            first.commit_per_hour,
            dict(first.rates),
            fill_order(then, first.name),
            bought_since_per_hour(bill, pool, then),
        )
        saving = standing(bill, pool, bought, after.get(first.name, {})).saving if first.is_planned else 0.0
        months = len(bill.months)
        if first.is_planned or plan.is_planned:
            found.append(
                OrderLoss(
                    first.name, first.term, first.commit_per_hour, plan.commit_per_hour, saving / months,
                    plan.saving / months,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.pool, TERM_MONTHS[each.term])))
