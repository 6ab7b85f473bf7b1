"""Cache: hit rate ↔ size, its own cost, Firestore reads answered by it, and query work left to the database.

M = 1 − k·h, and Firestore reads × (1 − k_f·h), both against what today's cache already answers. A cache saves through
rows only; it never earns a dollar of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from model.lever import Guardrail, LeverResult
from model.levers.cache_choice import choice_guardrails, choice_notes, choose, is_moved
from model.levers.cache_cost import cache_plan, cache_usage, pricing_problem
from model.levers.cache_effects import break_even_notes, database_effects, reads_factor, reads_usage
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
        """Cost of the caches, Firestore reads, effects on the databases, guardrails and notes at these values.

        A cache whose size cannot be had or priced changes nothing: what it saves never counts without what it costs.
        """
        result = LeverResult()
        priced: dict[Cache, CacheChoice] = {}
        for cache in caches(bill):
            if is_moved(cache, values):
                choice = choose(bill, cache, values)
                found, is_priced = _own(bill, cache, choice, values)
                result = _joined(result, found)
                priced |= {cache: choice} if is_priced else {}
        if not priced:
            return result
        factor = reads_factor(values, priced)
        return replace(
            result,
            usage=result.usage + reads_usage(bill, factor),
            effects=database_effects(bill, values, priced, effects, factor),
            notes=result.notes + break_even_notes(bill, values, priced, effects),
        )


def _own(bill: Bill, cache: Cache, choice: CacheChoice, values: Values) -> tuple[LeverResult, bool]:
    guardrails = tuple(choice_guardrails(cache, choice))
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
