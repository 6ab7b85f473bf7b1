"""A plan's claims: what somebody says that a change saves or that something costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from model.claim_figures import Stated, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.parameter import Value

SAVES, BASELINE, RESULT, COST = "saves", "baseline", "result", "cost"
KINDS: Final = (SAVES, BASELINE, RESULT, COST)
TERMS: Final[Mapping[str, int]] = {"1y": 12, "3y": 36}
SPANS: Final[Mapping[int, str]] = {1: "a month", 12: "a year", 36: "in three years"}


class ClaimsRefused(ValueError):  # noqa: N818 - as sources are refused, so are claims
    """Claims that cannot be audited, with a sentence that says what, where and how to mend it."""


def span(months: int) -> str:
    """A period in words.

    >>> span(12), span(6)
    ('a year', 'in 6 months')
    """
    return SPANS.get(months, f"in {months} months")


@dataclass(frozen=True)
class Claim:
    """One claim. ``amounts`` are money by (kind, months that they cover), ``figures`` everything else that is a number.

    ``sum_of``: it is the total of these. ``of``: it says the same dollars as another, in other words. ``growth``: what
    the plan says that amounts grow by a year. ``place``: where it stands in its file.
    """

    id: str
    text: str = ""
    product: str = ""
    term: str = ""
    count: int | None = None
    items: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    of: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    amounts: Mapping[tuple[str, int], Stated] = field(default_factory=dict)
    figures: Mapping[str, Stated] = field(default_factory=dict)
    growth: Decimal = Decimal(0)
    place: str = ""

    def over(self, kind: str, months: int) -> Stated | None:
        """An amount over so many months: as stated, else scaled from the shortest period; None where none is stated."""
        if (kind, months) in self.amounts:
            return self.amounts[kind, months]
        stated = sorted(each for of_kind, each in self.amounts if of_kind == kind)
        return self.amounts[kind, stated[0]].times(self.periods(stated[0], months)) if stated else None

    def periods(self, start: int, months: int) -> Stated:
        """How many times an amount over ``start`` months goes into one over ``months``.

        With growth g a year the months weigh (1 + g)^(m/12), or (1 + g)^year, or not at all: the ends are the
        conventions that differ most.
        """
        if not self.growth:
            ratio = Decimal(months) / start
            return Stated(ratio, ratio, ratio)
        rate = float(1 + self.growth)
        weights = [
            [rate ** (m / 12) for m in range(max(months, start))],
            [rate ** ((m + 1) / 12) for m in range(max(months, start))],
            [rate ** (m // 12) for m in range(max(months, start))],
        ]
        found = [sum(each[:months]) / sum(each[:start]) for each in weights]
        plain = months / start
        low, high = (Decimal(str(round(each, 9))) for each in (min(*found, plain), max(*found, plain)))
        return Stated(low, Decimal(str(round(found[0], 9))), high)

    @property
    def headline(self) -> tuple[str, int] | None:
        """What the claim is about: its saving before its cost, over the shortest period stated."""
        found = sorted((KINDS.index(kind), months) for kind, months in self.amounts if kind in (SAVES, COST))
        return (KINDS[found[0][0]], found[0][1]) if found else None


@dataclass(frozen=True)
class ClaimedPlan:
    """All claims of a plan by id, in its order; money in one currency ('' where it names none)."""

    name: str
    currency: str
    claims: Mapping[str, Claim]

    def counts(self, claim_id: str) -> Counter[str]:
        """The claims whose dollars a claim counts, and how often it counts them, in its order."""
        return self._counts[claim_id]

    def leaves(self, claim_id: str) -> tuple[str, ...]:
        """The claims whose dollars a claim counts, each once, in its order."""
        return tuple(self._counts[claim_id])

    @cached_property
    def _counts(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for claim_id in self.claims:
            self._count(claim_id, found)
        return found

    def _count(self, claim_id: str, found: dict[str, Counter[str]]) -> Counter[str]:
        if claim_id not in found:
            claim, counted = self.claims[claim_id], Counter[str]()
            for part in claim.sum_of or ((claim.of,) if claim.of else ()):
                counted.update(self._count(part, found))
            found[claim_id] = counted if claim.sum_of or claim.of else Counter({claim_id: 1})
        return found[claim_id]

    def amount(self, claim_id: str, kind: str, months: int) -> Stated | None:
        """A claim's amount over so many months: its own, else the sum of its parts; None where one says nothing."""
        claim = self.claims[claim_id]
        own = claim.over(kind, months)
        if own is not None or not claim.sum_of:
            return own
        parts = [self.claims[part].over(kind, months) for part in claim.sum_of]
        known = [part for part in parts if part is not None]
        return total(known) if len(known) == len(parts) else None

    def claimed_once(self, months: int = 1) -> Decimal:
        """All savings that the plan claims over so many months, each dollar once.

        Σ over the claims that are neither totals nor restated; a total stands for its parts where they say no amounts.
        """
        totals = [each for each in self.claims.values() if self._stands_for_parts(each)]
        held = {each.id: frozenset(self.leaves(each.id)) for each in totals}
        counted: list[str] = []
        for each in sorted(totals, key=lambda claim: -len(held[claim.id])):
            if not any(held[each.id] & held[other] for other in counted):
                counted.append(each.id)
        within = {leaf for each in counted for leaf in held[each]}
        counted += [c.id for c in self.claims.values() if not c.sum_of and not c.of and c.id not in within]
        found = (self.claims[each].over(SAVES, months) for each in counted)
        return sum((each.value for each in found if each is not None), Decimal(0))

    def _stands_for_parts(self, claim: Claim) -> bool:
        says_all = all(self.claims[leaf].over(SAVES, 1) is not None for leaf in self.leaves(claim.id))
        return bool(claim.sum_of) and claim.over(SAVES, 1) is not None and not says_all
