"""Firestore: operations left by the cache, TTL, index exemptions, point-in-time recovery, storage.

Reads × (cache) × demand; writes × (1 − n·w); storage × (1 − x)(1 − n·s), and the same of what recovery keeps. TTL adds
the deletes of what expires: writes × created share × x, never free. There is no provisioned mode: what could be
committed is a rate, and belongs to commitments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.lever import Guardrail, LeverResult
from model.levers.firestore_parameters import DELETES, STORAGE, firestore_parameters, has_pitr, key_of
from model.levers.firestore_parameters import LEVER as KEY
from model.levers.firestore_usage import Factors, Refused, changes, ttl_deletes
from model.prices import unit_price

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.lever import Effects, NewUsage, UsageChange
    from model.parameter import Parameter, Values

BYTES_PER_GIB: Final = 2**30


class Firestore:
    """The Firestore lever."""

    key = KEY
    title = "Firestore"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Settings and assumptions of each database; empty where the bill has no Firestore rows."""
        return [parameter for resource in bill.of(KEY) for parameter in firestore_parameters(bill, resource)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to work on; '' when there is."""
        return "" if bill.of(KEY) else "Not in this bill: Firestore operations or storage."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Changed usage of each database; a change that is refused leaves what cache and demand do."""
        usage: list[UsageChange] = []
        fresh: list[NewUsage] = []
        guardrails: list[Guardrail] = []
        notes: list[str] = []
        for resource in bill.of(KEY):
            try:
                factors = _factors(bill, resource, values, effects)
                found = changes(bill, resource, factors, is_recovered=_wants_pitr(bill, resource, values))
                fresh += ttl_deletes(bill, resource, factors)
                notes += _notes(bill, resource, values)
            except Refused as error:
                sentence = str(error)
                guardrails.append(Guardrail("can be judged", KEY, resource.name, 0.0, 1.0, "problems", False, sentence))  # noqa: FBT003
                found = changes(bill, resource, _unmoved(effects), is_recovered=has_pitr(bill, resource))
            usage += found
        return LeverResult(usage=tuple(usage), new_usage=tuple(fresh), guardrails=tuple(guardrails), notes=tuple(notes))


def _unmoved(effects: Effects) -> Factors:
    return Factors(effects.firestore_reads * effects.demand, effects.demand, effects.demand, effects.demand)


def _wants_pitr(bill: Bill, resource: Resource, values: Values) -> bool:
    wanted = values.get(key_of(resource, "pitr_enabled"))
    return has_pitr(bill, resource) if wanted is None else bool(wanted)


def _factors(bill: Bill, resource: Resource, values: Values, effects: Effects) -> Factors:
    """The factors at the values; raises Refused where something that they need is not known."""
    plain = _unmoved(effects)
    expired = _expired_share(resource, values)
    writes, storage = (_exempted(bill, resource, values, name) for name in ("index_write_share", "index_storage_share"))
    created = values.number(key_of(resource, "created_share")) if expired else 0.0
    return Factors(
        reads=plain.reads,
        writes=plain.writes * writes,
        deletes=plain.deletes,
        storage=plain.storage * (1.0 - expired) * storage,
        ttl_deletes_per_write=plain.writes * created * expired,
    )


def _expired_share(resource: Resource, values: Values) -> float:
    key = key_of(resource, "ttl_enabled")
    if not values.is_changed(key):
        return 0.0
    if values.get(key) is not True:
        raise Refused(f"{resource.name}: what would stay without TTL is not known, so switching it off is not priced.")
    share = key_of(resource, "expired_share")
    if values.get(share) is None:
        raise Refused(f"{resource.name}: what TTL would delete is not known, so it is not priced; type {share}.")
    return values.number(share)


def _exempted(bill: Bill, resource: Resource, values: Values, name: str) -> float:
    """1 − n·share of the fields exempted beyond today's."""
    key = key_of(resource, "exempted_indexes")
    if not values.is_changed(key):
        return 1.0
    fact = bill.fact(key)
    more = values.number(key) - (float(fact.value or 0) if fact else 0.0)
    left = 1.0 - more * values.number(key_of(resource, name))
    if left < 0.0:
        raise Refused(f"{resource.name}: the exempted fields would take more than all there is; lower {name}.")
    return left


def _notes(bill: Bill, resource: Resource, values: Values) -> list[str]:
    """What the window does not show: the first deletes of TTL, and what recovery's end gives up."""
    notes = []
    if (expired := _expired_share(resource, values)) and (once := _first_deletes(bill, resource, values, expired)):
        notes.append(once)
    if has_pitr(bill, resource) and not _wants_pitr(bill, resource, values):
        notes.append(f"{resource.name}: without point-in-time recovery only the last hour can be read back.")
    return notes


def _first_deletes(bill: Bill, resource: Resource, values: Values, expired: float) -> str:
    months = len(bill.months)
    stored_gib = float(resource.hourly(STORAGE, len(bill.hours)).sum()) / months
    documents = stored_gib * BYTES_PER_GIB * expired / max(1.0, values.number(key_of(resource, "document_bytes")))
    price = unit_price(bill, DELETES, resource.region)
    if price is None or not documents:
        return ""
    about = float(f"{documents:.3g}")
    return (
        f"{resource.name}: TTL first deletes about {about:,.0f} documents that are expired already, once, for "
        f"{documents * price.on_demand:,.2f} {bill.currency}; type it as a one-off cost."
    )


LEVER = Firestore()
