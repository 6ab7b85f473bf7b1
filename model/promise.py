"""A promise: a scenario as it was approved, with what was expected of each month; nothing of it changes afterwards.

What is expected without the plan, and what the plan saves, come from the projection of the outcome: 36 months ahead at
the growth, prices and ramps that the scenario assumes. A saving is promised by the lever whose usage rows carry it
(query tuning saves through rows of Cloud SQL and Cloud Run), since only rows can be compared later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from model.growth import paid_for_use
from model.horizon import HORIZON_MONTHS
from model.ledger_usage import touched
from model.money import to_nanos
from model.outcome import RATE_LEVER, moved_levers, parameters, title_of
from model.projection import project, ramp_share_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill
    from model.outcome import Outcome
    from model.parameter import Fact
    from model.projection import Projection

LEAST_SHARE: Final = 0.2
"""Below this share of their absolute sum, savings and losses of levers cancel too much to be scaled by their sum."""


class LedgerRefused(ValueError):  # noqa: N818 - the word that reports use
    """What the ledger cannot take, in one sentence that says why and what to do."""


@dataclass(frozen=True)
class Promise:
    """A scenario frozen on the bill of ``months``; amounts are integer nanos on the headline basis.

    ``ahead`` are the calendar months that follow (36,); ``expected_without`` is what each would cost without the plan,
    ``expected_price`` the part of it that assumed price changes make; ``promised[lever]`` what the plan saves in each.
    ``shown`` is the saving of the window by moved lever in causal order, as it was approved. ``moves`` names the
    resources and pools whose rows the plan moves, ``pools`` its commitments. ``facts`` are what the settings stood at.
    """

    name: str
    fingerprint: str
    scenario_toml: str
    currency: str
    months: tuple[int, ...]
    snapshot: str
    is_demo: bool
    baseline_nanos: int
    ahead: tuple[int, ...]
    expected_without: tuple[int, ...]
    expected_price: tuple[int, ...]
    promised: Mapping[str, tuple[int, ...]]
    shown: tuple[tuple[str, int], ...] = ()
    broken_limits: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def baseline_month_nanos(self) -> int:
        """The mean month of the approved bill."""
        return round(self.baseline_nanos / len(self.months))

    def titles(self) -> dict[str, str]:
        """The levers that promise something, for people."""
        return {lever: title_of(lever) for lever in self.promised}


def promise(outcome: Outcome) -> Promise:
    """Freeze an outcome; raises LedgerRefused when its scenario moves no setting."""
    bill, scenario = outcome.bill, outcome.scenario
    if not moved_levers(bill, scenario):
        raise LedgerRefused(
            f"{scenario.name} moves no setting of this bill, so it promises nothing: move one, save it, and approve it."
        )
    projection = project(outcome)
    return Promise(
        name=scenario.name,
        fingerprint=scenario.fingerprint,
        scenario_toml=scenario.to_toml(),
        currency=bill.currency,
        months=bill.months,
        snapshot=bill.snapshot,
        is_demo=bill.is_demo,
        baseline_nanos=outcome.baseline.total.headline,
        ahead=projection.months,
        expected_without=tuple(to_nanos(float(amount)) for amount in projection.baseline),
        expected_price=_expected_price(bill, projection),
        promised=_promised(outcome, projection),
        shown=tuple((lever.lever, lever.in_sequence_nanos) for lever in outcome.levers),
        broken_limits=tuple(each.sentence for each in outcome.guardrails if each.passed is False),
        moves=_moves(outcome),
        pools=_pools(outcome),
        facts=dict(bill.facts),
    )


def _moves(outcome: Outcome) -> tuple[str, ...]:
    keys = touched(outcome.bill, outcome.scenario)
    return (*dict.fromkeys(f"{key.lever}.{key.resource or key.kind}" for key in keys), *_pools(outcome))


def _pools(outcome: Outcome) -> tuple[str, ...]:
    names = sorted({delta.resource for delta in outcome.deltas if delta.lever == RATE_LEVER})
    return tuple(f"{RATE_LEVER}.{name}" for name in names)


def refuse_overlap(new: Promise, others: Iterable[Promise]) -> None:
    """Raise LedgerRefused where another promise counts savings on the same rows: they would count twice."""
    for other in others:
        twice = sorted(set(new.moves) & set(other.moves))
        if other.currency == new.currency and twice:
            raise LedgerRefused(
                f"{new.name} moves {', '.join(twice)}, which {other.name} promises already, so savings would count "
                f"twice: withdraw {other.name} first, or leave these settings out."
            )


def _expected_price(bill: Bill, projection: Projection) -> tuple[int, ...]:
    a_month = paid_for_use(bill) / len(bill.months)
    assumed = zip(projection.demand.tolist(), projection.prices.tolist(), strict=True)
    return tuple(round(a_month * demand * (price - 1.0)) for demand, price in assumed)


def _promised(outcome: Outcome, projection: Projection) -> dict[str, tuple[int, ...]]:
    """Savings of each month by lever; they add up to the projection's saving to the nano."""
    values = outcome.scenario.values(parameters(outcome.bill))
    owned: dict[str, int] = {}
    for delta in outcome.deltas:
        if delta.costs.headline:
            owned[delta.lever] = owned.get(delta.lever, 0) - delta.costs.headline
    has_rates = RATE_LEVER in owned
    owned.pop(RATE_LEVER, None)
    ramps = {lever: ramp_share_of(values, lever) for lever in owned}
    by_month: list[dict[str, int]] = []
    usage = (projection.baseline - projection.after_usage).tolist()
    for k, (of_usage, of_all) in enumerate(zip(usage, projection.saving.tolist(), strict=True)):
        weights = {lever: amount * float(ramps[lever][k]) / len(outcome.bill.months) for lever, amount in owned.items()}
        parts = shared(to_nanos(of_usage), weights)
        if has_rates or not parts:
            parts[RATE_LEVER] = to_nanos(of_all) - sum(parts.values())
        by_month.append(parts)
    levers = dict.fromkeys(lever for parts in by_month for lever in parts)
    return {lever: tuple(parts.get(lever, 0) for parts in by_month) for lever in levers}


def shared(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A total split in the ratio of signed weights, to the nano; the largest takes what rounding leaves.

    Weights that nearly cancel are taken as they are, so that a small sum makes no large parts.

    >>> shared(100, {"a": 3.0, "b": -1.0})
    {'a': 150, 'b': -50}
    >>> shared(0, {"a": 3.0, "b": -3.0})
    {'a': 3, 'b': -3}
    """
    if not weights:
        return {}
    whole = sum(weights.values())
    is_scaled = abs(whole) > LEAST_SHARE * sum(abs(weight) for weight in weights.values())
    parts = {key: round(total * weight / whole if is_scaled else weight) for key, weight in weights.items()}
    largest = max(parts, key=lambda key: abs(parts[key]))
    parts[largest] += total - sum(parts.values())
    return parts


def place_of(found: Promise, month: int) -> int:
    """The place of a calendar month in ``ahead``; raises LedgerRefused beyond the 36 months."""
    if month not in found.ahead:
        raise LedgerRefused(
            f"{found.name} was promised for the {HORIZON_MONTHS} months from {found.ahead[0]} on; {month} is not one."
        )
    return found.ahead.index(month)
