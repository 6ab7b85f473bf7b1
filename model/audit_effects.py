"""What the model says of claims that name settings: each alone, and beside the claims that it is added to."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.audit_base import is_of_product, product_named
from model.audit_limits import Kept, explicit, within_limits
from model.outcome import evaluate, missing, parameters
from model.scenario import Scenario, ScenarioError, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill, Pool
    from model.claims import Claim, ClaimedPlan
    from model.parameter import Value

NOTHING: Final = Kept({}, 0, 0)


@dataclass(frozen=True)
class Effect:
    """What a claim's settings save over the window, in nanos: alone, and as the next one of the total that adds it.

    ``kept``: what of them breaks no limit. ``beside_nanos`` equals the saving alone where nothing stands ``before`` the
    claim in its ``total`` ('' where none adds it).
    ``is_found``: the claim names a term only, so that the best commitments of that term were taken. ``refused``: why
    nothing can be priced; ``is_impossible`` where no such setting or value exists, not only not here.
    """

    kept: Kept = NOTHING
    written_nanos: int = 0
    alone_nanos: int = 0
    beside_nanos: int = 0
    total: str = ""
    before: tuple[str, ...] = ()
    measured_on: str = ""
    is_found: bool = False
    refused: str | None = None
    is_impossible: bool = False


def effects_of(bill: Bill, plan: ClaimedPlan) -> dict[str, Effect]:
    """The effect of every claim that names settings, or a commitment's term."""
    alone = {}
    for claim in plan.claims.values():
        settings = settings_of(bill, claim)
        if settings:
            alone[claim.id] = _alone(bill, plan, claim, settings)
    return {claim_id: _beside(bill, plan, claim_id, alone) for claim_id in alone}


def settings_of(bill: Bill, claim: Claim) -> Mapping[str, Value]:
    """What a claim sets; of a commitment that names its term only: that term in every pool of its product."""
    if claim.settings or not claim.term or claim.of or claim.sum_of:
        return claim.settings
    pools = [pool for pool in bill.pools if _covers(bill, pool, claim.product)]
    return {f"commitments.{pool.name}.term": claim.term for pool in pools}


def joint(bill: Bill, ids: Iterable[str], effects: Mapping[str, Effect]) -> Kept:
    """Claims together, each with what it keeps; of a key that several set the later value counts."""
    settings: dict[str, Value] = {}
    for claim_id in ids:
        effect = effects.get(claim_id)
        if effect is not None and effect.refused is None:
            settings.update(effect.kept.settings)
    return within_limits(bill, settings) if settings else NOTHING


def is_priced(effect: Effect | None) -> bool:
    """Whether the model could price a claim."""
    return effect is not None and effect.refused is None


def _covers(bill: Bill, pool: Pool, product: str) -> bool:
    """Whether a pool holds usage of a product."""
    if not product:
        return True
    mine, text = is_of_product(bill, product), bill.lines.text
    if mine is None:
        return False
    inside = mine & (text["pool"] == pool.pool)
    return bool((inside & (text["region"] == pool.region) if pool.region else inside).any())


def _alone(bill: Bill, plan: ClaimedPlan, claim: Claim, settings: Mapping[str, Value]) -> Effect:
    try:
        kept = within_limits(bill, settings)
    except ScenarioError as error:
        return _refused(bill, settings, str(error))
    found = Effect(kept, kept.written_nanos, kept.saving_nanos, kept.saving_nanos, is_found=not claim.settings)
    if not _is_shared(plan, claim):
        return found
    as_written = explicit(bill, Scenario("Claims", dict(settings)))
    alone, written = (_saving_on(bill, each, claim.product) for each in (kept.settings, as_written))
    return replace(found, alone_nanos=alone, written_nanos=written, beside_nanos=alone, measured_on=claim.product)


def _is_shared(plan: ClaimedPlan, claim: Claim) -> bool:
    """Whether claims on other products save by the very same settings: then each is measured on its own product."""
    others = [each for each in plan.claims.values() if each.id != claim.id and each.settings == claim.settings]
    return bool(claim.product and claim.settings and others) and all(
        each.product and each.product.casefold() != claim.product.casefold() for each in others
    )


def _saving_on(bill: Bill, settings: Mapping[str, Value], product: str) -> int:
    outcome, named = evaluate(bill, Scenario("Claims", dict(settings))), product_named(bill, product)
    return -sum(delta.costs.headline for delta in outcome.deltas if delta.product == named)


def _refused(bill: Bill, settings: Mapping[str, Value], sentence: str) -> Effect:
    """Impossible where the product is here and has no such setting or value; unverifiable where it is not here."""
    found = (_unknown(bill, key, sentence) for key in settings)
    return next((each for each in found if each is not None), Effect(refused=sentence, is_impossible=True))


def _unknown(bill: Bill, key: str, sentence: str) -> Effect | None:
    """Why a key is no setting of this bill; None where it is one."""
    lever, name = key.partition(".")[0], key.rpartition(".")[2]
    kinds = {each.kind for each in parameters(bill) if matches(key, each.key)}
    if "setting" in kinds:
        return None
    if kinds:
        return Effect(refused=f"{key} is an {min(kinds)}, not something that is set: whether it is so no bill tells.")
    names = sorted({each.name for each in parameters(bill) if each.lever == lever})
    if not names:
        return Effect(refused=missing(bill).get(lever, f"{key}: this bill has nothing of that kind to change."))
    if name in names:
        return Effect(refused=sentence)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.3) or names[:4]
    told = f"{key}: there is no setting {name} that could save anything; there is {', '.join(close)}."
    return Effect(refused=told, is_impossible=True)


def _beside(bill: Bill, plan: ClaimedPlan, claim_id: str, alone: Mapping[str, Effect]) -> Effect:
    """The same effect with what it adds to the claims before it in the largest total that counts it.

    A claim of no total is held beside the earlier ones that set some of the same, whoever adds them.
    """
    effect = alone[claim_id]
    if effect.refused is not None or effect.measured_on:
        return effect
    totals = [(len(plan.leaves(c.id)), c.id) for c in plan.claims.values()
              if c.sum_of and not c.of and claim_id in plan.leaves(c.id)]  # fmt: skip
    total = max(totals, key=lambda each: each[0])[1] if totals else ""
    leaves = plan.leaves(total) if total else tuple(plan.claims)
    before = [leaf for leaf in leaves[: leaves.index(claim_id)] if is_priced(alone.get(leaf))]
    if not total:
        before = [each for each in before if _sets_the_same(plan, alone, each, claim_id)]
    if not before:
        return effect
    with_it, without = (joint(bill, ids, alone).saving_nanos for ids in ([*before, claim_id], before))
    return replace(effect, beside_nanos=with_it - without, before=tuple(before), total=total)


def _sets_the_same(plan: ClaimedPlan, alone: Mapping[str, Effect], other: str, claim_id: str) -> bool:
    """Whether two claims set some keys alike and none differently; not where one says the other for another period."""
    first, second = alone[other].kept.settings, alone[claim_id].kept.settings
    shared = set(first) & set(second)
    is_restated = first == second and plan.claims[other].headline != plan.claims[claim_id].headline
    return bool(shared) and all(first[key] == second[key] for key in shared) and not is_restated
