"""Cache: hit rate ↔ size, its own cost, and what it leaves to others of query work and Firestore reads.

M = Σ w (a/b)(1 − k h), and Firestore reads × (1 − k_f h), both against what today's cache already answers. A cache
saves through rows only; it never earns a dollar of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from model.lever import Guardrail, LeverResult
from model.levers.cache_choice import choice_guardrails, choice_notes, choose, is_moved
from model.levers.cache_cost import cache_plan, cache_usage, pricing_problem
from model.levers.cache_effects import break_even_notes, effects_of, work_notes
from model.levers.cache_instance import LEVER as KEY
from model.levers.cache_instance import caches
from model.levers.cache_parameters import cache_parameters

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.levers.cache_choice import CacheChoice
    from model.levers.cache_instance import Cache
    from model.parameter import Parameter, Values


class CacheLever:
    """The cache lever."""

    key = KEY
    title = "Cache"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Settings and assumptions of each cache; empty where the bill has nothing to cache."""
        return [parameter for cache in caches(bill) for parameter in cache_parameters(bill, cache)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to work on; '' when there is."""
        return "" if caches(bill) else "Not in this bill: a cache, Cloud SQL, or Firestore reads to put a cache before."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Cost of the caches, effects on databases and Firestore reads, guardrails and notes at these values.

        A cache whose size cannot be had or priced changes nothing: what it saves never counts without what it costs.
        """
        result = LeverResult()
        moved: dict[Cache, CacheChoice] = {}
        for cache in caches(bill):
            is_asked = is_moved(cache, values)
            if not is_asked and (cache.resource is None or effects.demand == 1.0):
                continue
            choice = choose(bill, cache, values, effects.demand)
            found, is_priced = _own(bill, cache, choice, values) if is_asked else (LeverResult(), True)
            result = _joined(result, found)
            moved |= {cache: choice} if is_priced else {}
        after = effects_of(bill, values, effects, moved)
        asked = {cache: choice for cache, choice in moved.items() if is_moved(cache, values)}
        return replace(
            result,
            effects=None if after is effects else after,
            notes=result.notes + (work_notes(after) if asked else ()),
            remarks=(partial(break_even_notes, bill, values, asked, effects),) if asked else (),
        )


def _own(bill: Bill, cache: Cache, choice: CacheChoice, values: Values) -> tuple[LeverResult, bool]:
    guardrails = tuple(choice_guardrails(cache, choice, values))
    problem = pricing_problem(bill, cache, choice) if choice.is_allowed else ""
    if problem:
        guardrails += (Guardrail("can be priced", KEY, cache.name, 0.0, 1.0, "problems", False, problem),)  # noqa: FBT003
    if problem or not choice.is_allowed:
        return LeverResult(guardrails=guardrails), False
    result = replace(
        cache_usage(bill, cache, choice),
        guardrails=guardrails,
        plan=cache_plan(cache, choice, values),
        notes=choice_notes(bill, cache, choice),
    )
    return result, True


def _joined(first: LeverResult, second: LeverResult) -> LeverResult:
    return replace(
        first,
        usage=first.usage + second.usage,
        new_usage=first.new_usage + second.new_usage,
        guardrails=first.guardrails + second.guardrails,
        plan=first.plan + second.plan,
        notes=first.notes + second.notes,
    )


LEVER = CacheLever()
