"""The plan of commitments on an outcome: what stands, what to buy, what could go wrong, and in which order.

Everything is planned on the usage that the scenario's levers and the existing commitments leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model import horizon
from model.commitment_ahead import unknown_ends
from model.commitment_holdings import holdings, unnamed_purchases
from model.commitment_loads import loads_of
from model.commitment_order import order_losses
from model.commitment_pool_advice import PoolQuestion
from model.commitment_pools import not_eligible, pool_title
from model.commitment_regret import Shocks
from model.commitment_risk import Money
from model.commitment_subscriptions import expiry_calendar
from model.drawing import Range
from model.forward_costs import SameOutcome
from model.levers.commitments import options
from model.money import NANOS
from model.outcome import parameters, usage_run
from model.projection import project, shortfalls
from model.uncertainty import DRAWS, SEED, Quantiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.commitment_holdings import Holding
    from model.commitment_judgement import PoolAdvice
    from model.commitment_order import OrderLoss
    from model.commitment_pools import NotEligible
    from model.commitment_subscriptions import Expiry
    from model.levers.commitment_plan import PoolPlan
    from model.outcome import Outcome
    from model.parameter import Values

    Floats = NDArray[np.float64]

_FLOOR: Final = (
    "A minimum spend of {:,.0f} a year is agreed: in years below it {:,.2f} more is paid towards it than with today's "
    "settings, over 36 months, so that much of what these purchases and the plan save is not cash."
)
_NO_POOL: Final = (
    "No row of this bill says what a commitment could cover by the hour: give Google's standard or detailed export."
)


@dataclass(frozen=True)
class Together:
    """All purchases that are judged, in currency units; the draws of the pools belong together.

    ``lock_in`` are the fees of all terms; ``saving_per_month`` is on the window, in which the bill costs
    ``bill_per_month`` with today's settings.
    """

    commit_per_hour: float
    saving_per_month: float
    npv: float
    drawn_npv: Quantiles
    probability_of_loss: float
    lock_in: float
    bill_per_month: float

    @property
    def share_of_bill(self) -> float | None:
        """What is saved of today's bill; None where it costs nothing."""
        return self.saving_per_month / self.bill_per_month if self.bill_per_month > 0.0 else None


@dataclass(frozen=True, eq=False)
class CommitmentAdvice:
    """What to say of commitments on one outcome."""

    currency: str
    pools: tuple[PoolAdvice, ...]
    together: Together
    holdings: tuple[Holding, ...]
    expiries: tuple[Expiry, ...]
    order: tuple[OrderLoss, ...]
    not_eligible: tuple[NotEligible, ...]
    shortfall_by_year: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def not_cash(self) -> float:
        """What a minimum spend takes back of the savings in 36 months."""
        return sum(self.shortfall_by_year)


class Telling:
    """Who is told how far the work is (0..1, words); any two are equal, so that what was found is remembered.

    What ``say`` raises ends the work.
    """

    def __init__(self, say: Callable[[float, str], None] | None = None) -> None:
        self.say = say or (lambda _share, _words: None)

    def __hash__(self) -> int:
        return hash(Telling)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Telling)


def advise(
    outcome: Outcome,
    shocks: Shocks | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    say: Callable[[float, str], None] | None = None,
) -> CommitmentAdvice:
    """Plan and judge the commitments of an outcome; the same input gives the same figures, and is remembered."""
    return _advised(SameOutcome(outcome), shocks or Shocks(), draws, seed, Telling(say))


@lru_cache(maxsize=8)
def _advised(same: SameOutcome, shocks: Shocks, draws: int, seed: int, telling: Telling) -> CommitmentAdvice:
    outcome = same.outcome
    bill = outcome.bill
    values = outcome.scenario.values(parameters(bill))
    money = _money(values, draws, seed)
    offered = _offered(outcome, values)
    held = {holding.name: holding for holding in holdings(bill)}
    telling.say(0.05, "Running the other changes at the demand of the months ahead.")
    loads = {load.name: load for load in loads_of(outcome)}
    found, drawn = [], [np.zeros(draws)]
    for place, plan in enumerate(outcome.pools):
        telling.say(0.3 + 0.6 * place / len(outcome.pools), f"Judging {pool_title(plan.name)} over its own term.")
        judged = PoolQuestion(outcome, plan, offered[plan.name], loads.get(plan.name), money, shocks)
        found.append(judged.advice(held.get(plan.name)))
        drawn.append(judged.npv_by_draw(found[-1]))
    telling.say(0.9, "Signing first against signing last.")
    floor = values.number(horizon.MINIMUM_SPEND)
    shortfall = _shortfall_by_year(outcome, found, floor) if floor > 0.0 else ()
    notes = [*unknown_ends(bill, values), *([] if bill.pools else [_NO_POOL]), *unnamed_purchases(bill)]
    notes += [_FLOOR.format(floor, sum(shortfall))] if any(shortfall) else []
    return CommitmentAdvice(
        currency=bill.currency,
        pools=tuple(found),
        together=_together(outcome, found, np.sum(drawn, axis=0)),
        holdings=tuple(held.values()),
        expiries=expiry_calendar(bill),
        order=order_losses(outcome),
        not_eligible=not_eligible(bill),
        shortfall_by_year=shortfall,
        notes=tuple(notes),
    )


def _offered(outcome: Outcome, values: Values) -> dict[str, tuple[PoolPlan, ...]]:
    eligible = usage_run(outcome.bill, values).eligible
    found: dict[str, list[PoolPlan]] = {pool.name: [] for pool in outcome.pools}
    for option in options(outcome.bill, values, eligible, is_careful=True):
        found[option.name].append(option)
    return {name: tuple(each) for name, each in found.items()}


def _money(values: Values, draws: int, seed: int) -> Money:
    growth, price = _range(values, horizon.GROWTH), _range(values, horizon.PRICE_CHANGE)
    return Money(growth, price, values.number(horizon.DISCOUNT_RATE), draws, seed)


def _range(values: Values, key: str) -> Range:
    """A yearly ratio with its bounds, which a value beyond them widens."""
    value, chosen = values.number(key), values.by_key.get(key)
    bounds = [value, *(() if chosen is None else (chosen.low, chosen.high))]
    known = [bound for bound in bounds if bound is not None]
    return Range(key, key, min(known), value, max(known))


def _together(outcome: Outcome, found: list[PoolAdvice], npv: Floats) -> Together:
    bought = [each for each in found if each.risk is not None]
    p10, p50, p90 = (float(q) for q in np.quantile(npv, (0.1, 0.5, 0.9)))
    return Together(
        commit_per_hour=sum(each.plan.commit_per_hour for each in bought),
        saving_per_month=sum(each.plan.saving for each in bought) / len(outcome.bill.months),
        npv=sum(each.risk.npv for each in bought if each.risk),
        drawn_npv=Quantiles(p10, p50, p90),
        probability_of_loss=float((npv < 0.0).mean()),
        lock_in=sum(each.risk.lock_in for each in bought if each.risk),
        bill_per_month=outcome.baseline.total.headline / NANOS / len(outcome.bill.months),
    )


def _shortfall_by_year(outcome: Outcome, found: list[PoolAdvice], floor: float) -> tuple[float, ...]:
    """What all that is judged pays more than today's settings towards an agreed minimum, at each year's end."""
    ahead, agreed = project(outcome), np.array(floor)
    after = ahead.after_commitments.copy()
    for risk in (each.risk for each in found if each.risk and not each.is_in_scenario):
        months = min(len(after), risk.months)
        after[:months] -= np.array(risk.saving_by_month[:months])
    shortfall = shortfalls(after, agreed) - shortfalls(ahead.baseline, agreed)
    return tuple(float(shortfall[month]) for month in range(11, len(shortfall), 12))
