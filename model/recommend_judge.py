"""One candidate plan judged: what it is worth, which limits it breaks, how near it comes to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Final, Self

from model.recommend_value import Worth

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    from model.bill import Bill
    from model.lever import Guardrail
    from model.parameter import Value
    from model.recommend_pricing import LimitKey, Quote
    from model.scenario import Scenario

    Settings = Mapping[str, Value]

_SAME: Final = 1e-9
_ENDLESS: Final = 1e6


class Cancelled(Exception):  # noqa: N818
    """The search was asked to stop."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit that a plan brings nearer than today: the share of it in use, or that it is no longer judged.

    ``can_widen`` is False for what is a yes or no, or follows from the plan itself (a hit rate to reach).
    """

    limit: LimitKey
    share: float
    is_broken: bool
    is_unjudged: bool = False
    can_widen: bool = False


@dataclass(frozen=True, slots=True)
class Priced:
    """A plan priced: NPV in the bill's currency, saving in nanos over the window, and what it does to the limits.

    ``levels`` has the share of every limit that is spoken of, nearer or not; None where it is a yes or no.
    """

    npv: float
    saving_nanos: int
    findings: tuple[Finding, ...]
    levels: Mapping[LimitKey, float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """A priced plan under an appetite for risk.

    ``risk`` is the largest share of a limit among those that the plan brings nearer than today; 0 where it brings none
    nearer. ``problems`` are limits broken, or no longer judged; ``excess`` says by how much, to find the way back.
    """

    settings: Settings
    npv: float
    saving_nanos: int
    risk: float
    problems: frozenset[LimitKey]
    excess: float

    @property
    def rank(self) -> tuple[float, float, int, float]:
        """The higher the better: no problem, then NPV, then fewer changes, then less risk."""
        return -self.excess, self.npv, -len(self.settings), -self.risk


class Judge:
    """Judges plans on one bill under one set of assumptions; each is priced once, whatever the appetite.

    ``share_of_limit`` is how much of a limit a plan may use up. ``unjudged`` tells limits that plans made unknown.
    """

    def __init__(
        self, bill: Bill, start: Scenario, share_of_limit: float = 1.0, cancel: threading.Event | None = None
    ) -> None:
        self.bill = bill
        self.start = start
        self.share_of_limit = share_of_limit
        self.points: dict[frozenset[tuple[str, Value]], Point] = {}
        self.priced: dict[frozenset[tuple[str, Value]], Priced] = {}
        self.unjudged: dict[LimitKey, str] = {}
        self.on_evaluation: Callable[[int], None] = lambda _: None
        self._cancel = cancel
        self._relaxed: dict[LimitKey, float] = {}
        self._worth = Worth(bill, start)
        self._today = {demand: self._quote({}, demand).limits for demand in self._worth.demands}

    def scenario(self, settings: Settings) -> Scenario:
        """The plan as a scenario: these settings under the assumptions of the start."""
        return replace(self.start, settings=dict(settings))

    def within(self, share_of_limit: float) -> Self:
        """The same judge for another share of the limits."""
        return self._other(share_of_limit=share_of_limit)

    def relaxing(self, limit: LimitKey, factor: float) -> Self:
        """The same judge with one limit further away, by a factor (inf: no limit)."""
        return self._other(_relaxed={**self._relaxed, limit: factor})

    def _other(self, **changed: object) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__, points={}, **changed)
        return other

    def judge(self, settings: Settings) -> Point:
        """The plan's worth and limits, with commitments as signed on today's demand; raises Cancelled."""
        key = frozenset(settings.items())
        if key not in self.points:
            self.points[key] = self._judged(settings, self._price_once(settings, key))
        return self.points[key]

    def _price_once(self, settings: Settings, key: frozenset[tuple[str, Value]] | None = None) -> Priced:
        key = frozenset(settings.items()) if key is None else key
        if key not in self.priced:
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled
            self.priced[key] = self._price(settings)
            self.on_evaluation(len(self.priced))
        return self.priced[key]

    def touched(self, settings: Settings) -> frozenset[LimitKey]:
        """Limits that a plan moves against today, nearer or away."""
        today, after = (self._price_once(each).levels for each in ({}, settings))
        nothing = object()
        return frozenset(key for key in {**today, **after} if today.get(key, nothing) != after.get(key, nothing))

    def nearest(self, settings: Settings, limits: frozenset[LimitKey]) -> float:
        """The largest share in use of some limits that a plan brings nearer; 0 where it brings none nearer."""
        return max((each.share for each in self._price_once(settings).findings if each.limit in limits), default=0.0)

    def can_widen(self, settings: Settings, limit: LimitKey) -> bool:
        """Whether a limit that a plan brings nearer is an amount that could be larger."""
        return any(each.limit == limit and each.can_widen for each in self._price_once(settings).findings)

    def _judged(self, settings: Settings, priced: Priced) -> Point:
        excess = {finding.limit: self._excess(finding) for finding in priced.findings}
        return Point(
            settings=settings,
            npv=priced.npv,
            saving_nanos=priced.saving_nanos,
            risk=max((finding.share for finding in priced.findings), default=0.0),
            problems=frozenset(limit for limit, by in excess.items() if by),
            excess=sum(excess.values()),
        )

    def _excess(self, finding: Finding) -> float:
        """0 within the limit; beyond it 1 and the part above the allowed share."""
        factor = self._relaxed.get(finding.limit, 1.0)
        if not finding.share:
            return 1.0 if (finding.is_broken or finding.is_unjudged) and factor == 1.0 else 0.0
        allowed = factor * self.share_of_limit
        is_broken = finding.is_broken and (factor == 1.0 or finding.share > factor)
        if not is_broken and finding.share <= allowed * (1.0 + _SAME):
            return 0.0
        return 1.0 + max(0.0, min(finding.share, _ENDLESS) / allowed - 1.0)

    def _quote(self, settings: Settings, demand: float) -> Quote:
        return self._worth.pricing.quote(self.scenario(settings), demand)

    def _price(self, settings: Settings) -> Priced:
        quotes = {1.0: self._quote(settings, 1.0)}
        signed = {key: amount for pool in quotes[1.0].pools if pool.term != "none"
                  for key, amount in pool.signed.items()}  # fmt: skip
        quotes |= {d: self._quote({**settings, **signed}, d) for d in self._worth.demands if d != 1.0}
        worst: dict[LimitKey, Finding] = {}
        for demand, quote in quotes.items():
            for finding in self._findings(demand, quote):
                known = worst.get(finding.limit)
                if known is None or finding.share >= known.share:
                    worst[finding.limit] = finding
        npv = self._worth.npv(quotes) if settings else 0.0
        levels = {key: guardrail.share_of_limit for quote in quotes.values() for key, guardrail in quote.limits.items()}
        return Priced(npv, quotes[1.0].saving_nanos, tuple(worst.values()), levels)

    def _findings(self, demand: float, quote: Quote) -> Iterator[Finding]:
        today = self._today[demand]
        for key, guardrail in quote.limits.items():
            before, share = today.get(key), guardrail.share_of_limit
            if guardrail.passed is None:
                if before is None or before.passed is not None:
                    self.unjudged[key] = guardrail.sentence
                    yield Finding(key, 0.0, is_broken=False, is_unjudged=True)
            elif share is None:
                if guardrail.passed is False and not _is_broken_alike(guardrail, before):
                    yield Finding(key, 0.0, is_broken=True)
            elif _is_worse(share, before):
                yield Finding(key, share, guardrail.passed is False, can_widen=not guardrail.is_floor)


def _is_broken_alike(guardrail: Guardrail, today: Guardrail | None) -> bool:
    """Whether today breaks a yes or no in the same way: the plan made nothing of it worse."""
    return today is not None and today.passed is False and guardrail.value == today.value


def _is_worse(share: float, today: Guardrail | None) -> bool:
    """Whether a limit is nearer than today; one that today does not speak of counts as nearer."""
    before = None if today is None else today.share_of_limit
    return share > 0.0 and (before is None or share > (before if before < inf else 0.0) * (1.0 + _SAME))
