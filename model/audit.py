"""A plan's claims held against bill and model, claim by claim, with the sums.

reproduced: the bill or the model gives at least 95 % of a saving, or a cost within 1 %. partly: less, with what stands
without breaking a limit. double_counted: it stands alone, not beside the claims that it is added to. impossible: more
than there is to save, a setting that does not exist, nothing left within the limits, or figures that contradict each
other. unverifiable: nothing here can tell, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from model.audit_base import per_months
from model.audit_costs import judge_cost
from model.audit_effects import effects_of, is_priced, joint
from model.audit_eligibility import ineligible
from model.audit_figures import judge_figures
from model.audit_needed import needed
from model.audit_savings import judge_saving
from model.audit_verdict import VERDICTS, AuditedClaim, Desk, in_nanos
from model.claim_contradictions import contradictions
from model.claims import COST, SAVES, ClaimsRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.audit_effects import Effect
    from model.audit_limits import Kept
    from model.audit_verdict import Verdict
    from model.bill import Bill
    from model.claim_contradiction import Contradiction
    from model.claims import Claim, ClaimedPlan


@dataclass(frozen=True)
class Audit:
    """The whole plan audited on one bill.

    ``together``: everything that could be priced and breaks no limit, repriced once, never a sum of claims.
    ``alternatives``: keys that several claims set differently; the last one counts there. ``left``: keys that single
    claims set and that break a limit.
    """

    plan: ClaimedPlan
    bill: Bill
    claims: tuple[AuditedClaim, ...]
    contradictions: tuple[Contradiction, ...]
    together: Kept
    alternatives: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def claimed_per_month_nanos(self) -> int:
        """All savings that the plan claims, each dollar once, a month."""
        return in_nanos(self.plan.claimed_once())

    @property
    def claimed_by_verdict(self) -> tuple[tuple[Verdict, int], ...]:
        """What single claims say they save a month, by verdict, in nanos; () where that is not all that is claimed."""
        single = [each for each in self.claims if not each.claim.sum_of and not each.claim.of]
        amounts = [(each.verdict, each.claim.over(SAVES, 1)) for each in single]
        sums = {
            verdict: in_nanos(sum((a.value for v, a in amounts if a and v == verdict), Decimal(0)))
            for verdict in VERDICTS
        }
        return tuple(sums.items()) if sum(sums.values()) == self.claimed_per_month_nanos else ()

    @property
    def stands_per_month_nanos(self) -> int:
        """What stands of it together, a month at the window's mean."""
        return per_months(self.together.saving_nanos, 1, self.bill)

    @property
    def left_as_today(self) -> tuple[str, ...]:
        """Keys that claims set and that stay as today, since a limit would break."""
        return tuple(dict.fromkeys([*self.left, *self.together.left]))

    def count(self, verdict: Verdict) -> int:
        """How many claims have a verdict."""
        return sum(each.verdict == verdict for each in self.claims)


def audit(bill: Bill, plan: ClaimedPlan) -> Audit:
    """Hold every claim against the bill; raises ClaimsRefused where the plan counts in another currency."""
    if plan.currency and plan.currency != bill.currency:
        raise ClaimsRefused(
            f"The plan counts in {plan.currency} and the bill in {bill.currency}: choose the bill in {plan.currency}, "
            f"or write the claims in {bill.currency}."
        )
    plan = replace(plan, currency=bill.currency)
    found = (*contradictions(plan), *ineligible(bill, plan))
    desk = Desk(bill, plan, effects_of(bill, plan), {})
    for claim in plan.claims.values():
        _judge(desk, claim, found)
    listed = tuple(replace(each, needed=needed(desk, each)) for each in (desk.judged[name] for name in plan.claims))
    leaves = [claim.id for claim in plan.claims.values() if is_priced(desk.effects.get(claim.id))]
    together = joint(bill, leaves, desk.effects)
    effects = [desk.effects[leaf] for leaf in leaves]
    left = tuple(key for effect in effects for key in effect.kept.left if key not in together.settings)
    return Audit(plan, bill, listed, found, together, _alternatives(effects), left)


def _alternatives(effects: Iterable[Effect]) -> tuple[str, ...]:
    values: dict[str, set[object]] = {}
    for effect in effects:
        for key, value in effect.kept.settings.items():
            values.setdefault(key, set()).add(value)
    return tuple(key for key, found in values.items() if len(found) > 1)


def _judge(desk: Desk, claim: Claim, found: tuple[Contradiction, ...]) -> None:
    if claim.id in desk.judged:
        return
    for other in (*claim.sum_of, *((claim.of,) if claim.of else ())):
        _judge(desk, desk.plan.claims[other], found)
    for leaf in desk.plan.leaves(claim.id):
        if leaf != claim.id:
            _judge(desk, desk.plan.claims[leaf], found)
    own = [each for each in found if each.ids[0] == claim.id]
    desk.judged[claim.id] = _contradicted(_judged(desk, claim), own)


def _judged(desk: Desk, claim: Claim) -> AuditedClaim:
    kind, months = claim.headline or ("", 1)
    stated = claim.amounts.get((kind, months))
    blank = AuditedClaim(claim, "unverifiable", None if stated is None else in_nanos(stated.value), None, months, ())
    if kind == SAVES:
        return judge_saving(desk, blank)
    if kind == COST:
        parent = desk.plan.claims.get(claim.of)
        of_saving = parent is not None and (parent.headline or ("",))[0] != COST
        line = f"What {claim.of} costs is no line of today's bill."
        return replace(blank, arithmetic=(line,)) if of_saving else judge_cost(desk, blank)
    return judge_figures(desk, blank)


def _contradicted(judged: AuditedClaim, own: list[Contradiction]) -> AuditedClaim:
    """What contradicts a claim outweighs a kinder verdict."""
    if not own:
        return judged
    rules, verdict = {each.rule for each in own}, judged.verdict
    if "twice" in rules and verdict != "impossible":
        verdict = "double_counted"
    elif rules & {"base", "payback"}:
        verdict = "impossible"
    elif verdict == "reproduced":
        verdict = "partly"
    elif verdict == "unverifiable" and rules != {"count"}:
        verdict = "impossible"
    told = () if "payback" in rules else judged.arithmetic
    return replace(judged, verdict=verdict, arithmetic=(*told, *(each.sentence for each in own)))
