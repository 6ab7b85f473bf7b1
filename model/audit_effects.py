"""What the model says of claims that name settings: each alone, and beside the claims that it is added to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from model.audit_base import product_named
from model.audit_limits import Kept, explicit, within_limits
from model.audit_settings import refused, settings_of
from model.outcome import evaluate, remembered_run
from model.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill
    from model.claims import Claim, ClaimedPlan
    from model.lever import Guardrail
    from model.parameter import Value

NOTHING: Final = Kept({}, 0, 0)


@dataclass(frozen=True)
class Effect:
    """What a claim's settings save over the window, in nanos: alone, and as the next one of the total that adds it.

    ``written`` are all its settings, a key for each resource; ``kept`` is what of them breaks no limit, ``supported``
    the limits that it breaks alone and not as a part of its total (or of the plan). ``beside_nanos`` equals the saving
    alone where nothing stands ``before`` the claim in its ``total`` ('' where none adds it). ``is_found``: it names a
    term only, so that the best commitments of that term were taken. ``refused``: why nothing can be priced;
    ``is_impossible`` where no such setting or value exists, not only not here.
    """

    kept: Kept = NOTHING
    written: Mapping[str, Value] = field(default_factory=dict)
    supported: tuple[Guardrail, ...] = ()
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
    settings = {claim.id: settings_of(bill, claim) for claim in plan.claims.values()}
    alone = {claim_id: _alone(bill, each) for claim_id, each in settings.items() if each}
    held = {claim_id: _held(bill, plan, claim_id, alone) for claim_id in alone}
    measured = {claim_id: _measured(bill, plan, claim_id, held) for claim_id in held}
    return {claim_id: _beside(bill, plan, claim_id, measured) for claim_id in measured}


def joint(bill: Bill, ids: Iterable[str], effects: Mapping[str, Effect], within: Iterable[str] = ()) -> Kept:
    """Claims together, each with what it keeps, within the limits by themselves or as a part of others (``within``)."""
    settings = _united(effects, ids)
    own = within_limits(bill, settings) if settings else NOTHING
    around = _united(effects, within)
    if not own.left or not around:
        return own
    whole = within_limits(bill, {**around, **settings})
    left = tuple(key for key in settings if key in whole.left)
    kept = {key: value for key, value in settings.items() if key not in left}
    saving = saving_of(bill, kept)
    return (
        Kept(kept, saving, own.written_nanos, whole.broken if left else (), left) if saving > own.saving_nanos else own
    )


def is_priced(effect: Effect | None) -> bool:
    """Whether the model could price a claim."""
    return effect is not None and effect.refused is None


def _alone(bill: Bill, settings: Mapping[str, Value]) -> Effect:
    """A claim by itself, within the limits."""
    try:
        written = explicit(bill, Scenario("Claims", dict(settings)))
        return Effect(within_limits(bill, settings), written)
    except ScenarioError as error:
        refusal = refused(bill, settings, str(error))
        return Effect(refused=refusal.sentence, is_impossible=refusal.is_impossible)


def _held(bill: Bill, plan: ClaimedPlan, claim_id: str, alone: Mapping[str, Effect]) -> Effect:
    """What a claim keeps: alone, or as a part of what it belongs to where that lets it keep more.

    A smaller database may break a limit alone and none once its queries are tuned.
    """
    effect = alone[claim_id]
    if not effect.kept.left:
        return effect
    total = largest_total(plan, claim_id)
    others = [each for each in (plan.leaves(total) if total else plan.claims) if is_priced(alone.get(each))]
    settings = {key: value for each in (*others, claim_id) for key, value in alone[each].written.items()}
    whole = within_limits(bill, settings)
    left = tuple(key for key in effect.written if key in whole.left)
    kept = {key: value for key, value in effect.written.items() if key not in left}
    saving = saving_of(bill, kept)
    if saving <= effect.kept.saving_nanos:
        return effect
    levers = {(key.partition(".")[0], key.partition(".")[2].rpartition(".")[0]) for key in left}
    broken = tuple(each for each in whole.broken if (each.lever, each.resource) in levers) if left else ()
    return replace(
        effect,
        kept=Kept(kept, saving, effect.kept.written_nanos, broken, left),
        supported=effect.kept.broken,
        total=total,
    )


def _measured(bill: Bill, plan: ClaimedPlan, claim_id: str, held: Mapping[str, Effect]) -> Effect:
    """The savings of a claim as written and as kept, on its own product where others save by the same settings."""
    effect, claim = held[claim_id], plan.claims[claim_id]
    if effect.refused is not None:
        return effect
    kept = effect.kept
    found = replace(
        effect, written_nanos=kept.written_nanos, alone_nanos=kept.saving_nanos, beside_nanos=kept.saving_nanos,
        is_found=not claim.settings,
    )  # fmt: skip
    if not _is_shared(plan, claim):
        return found
    alone, written = (_saving_on(bill, each, claim.product) for each in (kept.settings, effect.written))
    return replace(found, alone_nanos=alone, written_nanos=written, beside_nanos=alone, measured_on=claim.product)


def saving_of(bill: Bill, settings: Mapping[str, Value]) -> int:
    """What settings save over the window, in nanos, whatever they break."""
    return remembered_run(bill, Scenario("Claims", dict(settings))).saving_nanos if settings else 0


def largest_total(plan: ClaimedPlan, claim_id: str) -> str:
    """The total that counts all that a claim counts and most beside; '' where none does."""
    own = set(plan.leaves(claim_id))
    totals = [(len(plan.leaves(c.id)), c.id) for c in plan.claims.values()
              if c.sum_of and not c.of and own <= set(plan.leaves(c.id))]  # fmt: skip
    return max(totals, key=lambda each: each[0])[1] if totals else ""


def _is_shared(plan: ClaimedPlan, claim: Claim) -> bool:
    """Whether claims on other products save by the very same settings: then each is measured on its own product."""
    others = [each for each in plan.claims.values() if each.id != claim.id and each.settings == claim.settings]
    return bool(claim.product and claim.settings and others) and all(
        each.product and each.product.casefold() != claim.product.casefold() for each in others
    )


def _saving_on(bill: Bill, settings: Mapping[str, Value], product: str) -> int:
    outcome, named = evaluate(bill, Scenario("Claims", dict(settings))), product_named(bill, product)
    return -sum(delta.costs.headline for delta in outcome.deltas if delta.product == named)


def _beside(bill: Bill, plan: ClaimedPlan, claim_id: str, alone: Mapping[str, Effect]) -> Effect:
    """The same effect with what it adds to the claims before it in the largest total that counts it.

    A claim of no total is held beside the earlier ones that set some of the same, whoever adds them.
    """
    effect = alone[claim_id]
    if effect.refused is not None or effect.measured_on:
        return effect
    total = largest_total(plan, claim_id)
    leaves = plan.leaves(total) if total else tuple(plan.claims)
    if claim_id not in leaves:
        return effect  # a total with settings of its own
    before = [leaf for leaf in leaves[: leaves.index(claim_id)] if is_priced(alone.get(leaf))]
    if not total:
        before = [each for each in before if _sets_the_same(plan, alone, each, claim_id)]
    if not before:
        return effect
    with_it, without = (saving_of(bill, _united(alone, ids)) for ids in ([*before, claim_id], before))
    return replace(effect, beside_nanos=with_it - without, before=tuple(before), total=total)


def _united(effects: Mapping[str, Effect], ids: Iterable[str]) -> dict[str, Value]:
    """What claims keep, together; of a key that several set the later value counts."""
    return {
        key: value for each in ids if is_priced(effects.get(each)) for key, value in effects[each].kept.settings.items()
    }


def _sets_the_same(plan: ClaimedPlan, alone: Mapping[str, Effect], other: str, claim_id: str) -> bool:
    """Whether two claims set some keys alike and none differently; not where one says the other for another period."""
    first, second = alone[other].kept.settings, alone[claim_id].kept.settings
    shared = set(first) & set(second)
    is_restated = first == second and plan.claims[other].headline != plan.claims[claim_id].headline
    return bool(shared) and all(first[key] == second[key] for key in shared) and not is_restated
