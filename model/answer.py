"""The answer that a page opens with: what a month costs now and then, the share saved, and which limits break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from model.cents import in_steps, step_nanos
from model.costs import Costs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.lever import Guardrail
    from model.outcome import Outcome
    from model.parameter import Evidence
    from model.repricing import Delta

K = TypeVar("K")
_CERTAINTY: tuple[Evidence, ...] = ("measured", "modelled", "asserted")


@dataclass(frozen=True)
class Answer:
    """Headline amounts a month (nanos), the share saved (0..1, None on an empty bill) and the limits by verdict."""

    before_per_month_nanos: int
    after_per_month_nanos: int
    saving_share: float | None
    is_changed: bool
    evidence: Evidence
    broken: tuple[Guardrail, ...]
    unjudged: tuple[Guardrail, ...]
    kept: tuple[Guardrail, ...]

    @property
    def saving_per_month_nanos(self) -> int:
        """Before − after."""
        return self.before_per_month_nanos - self.after_per_month_nanos


@dataclass(frozen=True)
class Moved(Generic[K]):
    """One key's headline amount before and after, nanos over the window."""

    key: K
    before_nanos: int
    after_nanos: int

    @property
    def change_nanos(self) -> int:
        """After − before: negative for a saving."""
        return self.after_nanos - self.before_nanos


@dataclass(frozen=True)
class Origin:
    """Where a part of the change comes from: its amount (nanos over the window) and why it may be believed."""

    lever: str
    product: str
    project: str
    resource: str
    kind: str
    change_nanos: int
    evidence: Evidence
    formula: str
    price_source: str


def answer(outcome: Outcome) -> Answer:
    """The outcome in one look; the evidence is the weakest among its parts.

    A month = window ÷ number of invoice months, to the nearest cent (or unit, where a currency has no cents): what is
    shown of it then subtracts to the saving that is shown.
    """
    count, step = len(outcome.bill.months), step_nanos(outcome.bill.currency)
    before, after = outcome.baseline.total.headline, outcome.result.total.headline
    judged: dict[bool | None, list[Guardrail]] = {True: [], False: [], None: []}
    for guardrail in outcome.guardrails:
        judged[guardrail.passed].append(guardrail)
    return Answer(
        before_per_month_nanos=in_steps(before, count, step),
        after_per_month_nanos=in_steps(after, count, step),
        saving_share=(before - after) / before if before > 0 else None,
        is_changed=bool(outcome.levers or outcome.changes or outcome.deltas),
        evidence=weakest(delta.evidence for delta in outcome.deltas),
        broken=tuple(judged[False]),
        unjudged=tuple(judged[None]),
        kept=tuple(judged[True]),
    )


def weakest(marks: Iterable[Evidence]) -> Evidence:
    """The weakest of some evidence; measured where there is none.

    >>> weakest(["measured", "modelled"])
    'modelled'
    """
    found = set(marks)
    return next((mark for mark in reversed(_CERTAINTY) if mark in found), "measured")


def moved(before: Mapping[K, Costs], after: Mapping[K, Costs]) -> tuple[Moved[K], ...]:
    """Headline amounts before and after by key, the largest change first, then the largest amount.

    Keys of only one side count as zero on the other.
    """
    rows = [Moved(key, _headline(before, key), _headline(after, key)) for key in {**before, **after}]
    return tuple(sorted(rows, key=lambda row: (-abs(row.change_nanos), -abs(row.before_nanos), str(row.key))))


def origins(changes: Iterable[tuple[int, Delta]]) -> tuple[Origin, ...]:
    """What changes (sign, change of cost) are made of, months and lines added up, the largest first.

    The amounts sum to the signed sum of the headline changes; what adds up to nothing is left out.
    """
    sums: dict[Delta, int] = {}
    for sign, delta in changes:
        key = replace(delta, month_index=0, region="", costs=Costs())
        sums[key] = sums.get(key, 0) + sign * delta.costs.headline
    found = [
        Origin(d.lever, d.product, d.project, d.resource, d.kind, amount, d.evidence, d.formula, d.price_source)
        for d, amount in sums.items()
        if amount
    ]
    return tuple(sorted(found, key=lambda row: -abs(row.change_nanos)))


def _headline(costs: Mapping[K, Costs], key: K) -> int:
    return costs[key].headline if key in costs else 0
