"""Terms held against each other over the same 36 months: none, 1 year, 3 years, both, and rungs.

A year's commitment is renewed at its amount, or at what pays in that year where it is less. Where one commitment
covers usage of several discounts, mixes and ladders are reckoned at the mean discount.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_ladder import Ladder, Mix, Tranche, ladder, load_duration, mix
from model.commitment_load import saved_by_month, searched
from model.commitment_pools import pool_title
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_plan import TERM_MONTHS, TERM_TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.commitment_load import Future, Load, TermLoad

    Floats = NDArray[np.float64]

RUNG_MONTHS: Final = 3
SEVERAL: Final = "{}: its usage has several discounts; mix and ladder are reckoned at the mean one of each term."


@dataclass(frozen=True)
class Choice:
    """One way to buy over 36 months: its cost with what stays on-demand, and what it saves against no commitment."""

    key: str
    title: str
    cost: float
    saving: float
    npv: float


@dataclass(frozen=True, eq=False)
class Terms:
    """The ways to buy, no commitment first; the mix of years and the ladder behind two of them."""

    choices: tuple[Choice, ...]
    mix: Mix | None
    ladder: Ladder | None
    notes: tuple[str, ...]

    @property
    def best(self) -> Choice:
        """The way of highest present value; the first of several that are equal to the cent."""
        return max(self.choices, key=lambda choice: round(choice.npv, 2))


def compare_terms(
    load: Load, terms: Mapping[str, TermLoad], levels: Mapping[str, float], assumed: Future, weights: Floats
) -> Terms:
    """Hold every way to buy against the others in the future as assumed (T ≥ 36 months; ``weights`` (T,) discount).

    ``levels`` are the amounts by term, in discounted units per hour.
    """
    ahead = len(weights)
    rows = sorted({load.classes.index(key) for term in terms.values() for key in term.discounts})
    hourly = [
        load.left_at(float(assumed.demand[m]), float(load.standing[m]))[rows].sum(axis=0) * float(assumed.scale[m])
        for m in range(ahead)
    ]
    on_demand = np.array([float(hours.sum()) for hours in hourly]) / load.months
    horizon = slice(0, HORIZON_MONTHS)

    def choice(key: str, title: str, saving: Floats) -> Choice:
        total, npv = float(saving[horizon].sum()), float(weights[horizon] @ saving[horizon])
        return Choice(key, title, float(on_demand[horizon].sum()) - total, total, npv)

    choices = [choice("none", "no commitment", np.zeros(ahead))]
    for key, term in terms.items():
        saving = _renewed(term, levels[key], assumed)
        renewed = ", renewed each year" if TERM_MONTHS[key] < HORIZON_MONTHS else ""
        choices.append(choice(key, TERM_TITLES[key] + renewed, saving))
    if set(terms) != set(TERM_MONTHS):
        return Terms(tuple(choices), None, None, ())
    paid = {key: term.mean_paid for key, term in terms.items()}
    years = [np.concatenate(hourly[12 * y : 12 * y + 12]) for y in range(HORIZON_MONTHS // 12)]
    mixed = mix(years, _discount(paid["1y"]), _discount(paid["3y"]))
    choices.append(choice("mix", "3 years with 1 year on top", _mix_saving(mixed, hourly, paid, load)))
    found = _ladder(load, hourly, paid, weights)
    choices.append(choice("ladder", f"rungs every {RUNG_MONTHS} months", on_demand - found.cost))
    is_several = any(len(set(term.discounts.values())) > 1 for term in terms.values())
    return Terms(tuple(choices), mixed, found, (SEVERAL.format(pool_title(load.name)),) if is_several else ())


def _renewed(term: TermLoad, level: float, assumed: Future) -> Floats:
    """What a commitment saves by month (36,) with its renewals, each for no more than pays in its own term."""
    months = TERM_MONTHS[term.term]
    saving = saved_by_month(term, np.array([level]), assumed, HORIZON_MONTHS)[:, 0]
    for start in range(months, HORIZON_MONTHS, months):
        part = slice(start, start + months)
        if saving[part].sum() < saving[:months].sum():
            pays = searched(partial(_saved_in, term, assumed, part), level)
            saving[part] = saved_by_month(term, np.array([pays]), assumed, HORIZON_MONTHS)[part, 0]
    return saving


def _saved_in(term: TermLoad, assumed: Future, part: slice, levels: Floats) -> Floats:
    """What levels (L,) save in some of the months (L,)."""
    return np.asarray(saved_by_month(term, levels, assumed, HORIZON_MONTHS)[part].sum(axis=0), dtype=np.float64)


def _mix_saving(mixed: Mix, hourly: list[Floats], paid: Mapping[str, float], load: Load) -> Floats:
    saving = np.zeros(len(hourly))
    for month, hours in enumerate(hourly[:HORIZON_MONTHS]):
        top = mixed.one_year[month // 12]
        covered = float(np.minimum(hours, mixed.three_years + top).sum()) / load.months
        saving[month] = covered - (mixed.three_years * paid["3y"] + top * paid["1y"]) * load.hours_per_month
    return saving


def _ladder(load: Load, hourly: list[Floats], paid: Mapping[str, float], weights: Floats) -> Ladder:
    loads = [load_duration(hours, load.hours_per_month) for hours in hourly]
    tranches = [
        Tranche(start, TERM_MONTHS[key], _discount(paid[key]))
        for start in range(0, len(hourly), RUNG_MONTHS)
        for key in TERM_MONTHS
    ]
    return ladder(loads, tranches, weights)


def _discount(paid: float) -> float:
    return round(1.0 - paid, 9)
