"""Claims on what something saves, held against the repriced bill."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.audit_base import amount_text, commitment_base, most_to_save, no_product_sentence, per_months
from model.audit_effects import is_priced, joint, largest_total
from model.audit_verdict import is_enough
from model.claim_figures import percent_text
from model.claims import SAVES, TERMS, span
from model.commitment_pools import pool_title
from model.money import as_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.audit_effects import Effect
    from model.audit_verdict import AuditedClaim, Desk, Verdict
    from model.bill import Bill
    from model.claims import Claim
    from model.lever import Guardrail

MOST_LIMITS: Final = 3


def judge_saving(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """A saving: a total, the same dollars in other words, or one of its own."""
    claim = open_claim.claim
    if claim.sum_of:
        return _sum(desk, open_claim)
    if claim.of:
        return _restated(desk, open_claim)
    effect = desk.effects.get(claim.id)
    if effect is None:
        return _unpriced(desk, open_claim)
    if effect.refused is not None:
        verdict: Verdict = "impossible" if effect.is_impossible else "unverifiable"
        stands = 0 if effect.is_impossible else None
        told = (*open_claim.arithmetic, effect.refused)
        return replace(open_claim, verdict=verdict, stands_nanos=stands, arithmetic=told)
    return _repriced(desk, open_claim, effect)


def ceiling(bill: Bill, claim: Claim, months: int) -> tuple[int | None, str]:
    """The most that a claim can save over so many months, in nanos, and the sentence of it; None where nothing tells.

    A commitment: Σ discount × on-demand over what it may cover (discounts that are not known count as the claimed one).
    A product: what it costs; all else: what the whole bill costs.
    """
    most = most_to_save(bill, claim.product)
    if most is None:
        return None, no_product_sentence(bill, claim.product)
    if not claim.term:
        amount = per_months(most, months, bill)
        what = f"All of {claim.product}" if claim.product else "The whole bill"
        return amount, f"{what} costs {amount_text(amount, bill.currency)} {span(months)}: no more can be saved on it."
    stated = claim.figures.get("reduction")
    base = commitment_base(bill, claim.term, claim.product, float(stated.high) if stated else 1.0)
    most_nanos, eligible = (per_months(each, months, bill) for each in (base.most_nanos, base.eligible_nanos))
    money = [amount_text(each, bill.currency) for each in (eligible, most_nanos)]
    return most_nanos, (
        f"A commitment of {TERMS[claim.term]} months can cover {money[0]} {span(months)}, and at its discounts saves "
        f"{money[1]} at most, if every hour were covered and none unused."
    )


def _unpriced(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """No settings: never more than the bill holds; below that nothing can tell."""
    most, why = ceiling(desk.bill, open_claim.claim, open_claim.months)
    claimed = open_claim.claimed_nanos or 0
    told = (*open_claim.arithmetic, why)
    if claimed < 0:
        line = "It takes away what its total would count twice; the joint repricing of the total holds that already."
        return replace(open_claim, arithmetic=(*open_claim.arithmetic, line))
    if most is not None and claimed > most:
        return replace(open_claim, verdict="impossible", stands_nanos=0 if most == 0 else None, arithmetic=told)
    share = ""
    if most:
        of = open_claim.claim.product or "the bill"
        share = f"It claims {percent_text(as_decimal(claimed) / as_decimal(most))} of {of}, and"
    return replace(open_claim, arithmetic=(*told, f"{share or 'It'} names no settings that could be repriced.".strip()))


def _repriced(desk: Desk, open_claim: AuditedClaim, effect: Effect) -> AuditedClaim:
    bill, claim, months = desk.bill, open_claim.claim, open_claim.months
    alone, beside, written = (
        per_months(each, months, bill) for each in (effect.alone_nanos, effect.beside_nanos, effect.written_nanos)
    )
    claimed, stands = open_claim.claimed_nanos or 0, min(alone, beside)
    lines = [
        *open_claim.arithmetic,
        *_found(effect, claim, bill),
        _saves_line(effect, claim, (written, claimed), bill, months),
    ]
    lines += _limit_lines(effect, alone, bill, months)
    if beside != alone:
        money = amount_text(beside, bill.currency)
        others = f"the claims before it in {effect.total}" if effect.total else ", ".join(effect.before)
        why = "" if effect.total else " They set some of the same; who only says it again says so with 'of'."
        lines.append(f"Beside {others} it adds {money} {span(months)}.{why}")
    if is_enough(stands, claimed):
        return replace(open_claim, verdict="reproduced", stands_nanos=stands, arithmetic=tuple(lines))
    most, why = ceiling(bill, claim, months)
    if most is not None and claimed > most:
        return replace(open_claim, verdict="impossible", stands_nanos=stands, arithmetic=(*lines, why))
    verdict: Verdict = "double_counted" if is_enough(alone, claimed) else "partly" if stands > 0 else "impossible"
    return replace(open_claim, verdict=verdict, stands_nanos=stands, arithmetic=tuple(lines))


def _found(effect: Effect, claim: Claim, bill: Bill) -> list[str]:
    if not effect.is_found:
        return []
    keys = effect.kept.settings
    pools = [pool_title(pool.name) for pool in bill.pools if f"commitments.{pool.name}.term" in keys]
    told = ", ".join(dict.fromkeys(pools)) or "none"
    return [f"It names no amounts to commit: the best of {TERMS[claim.term]} months are taken (pools: {told})."]


def _saves_line(effect: Effect, claim: Claim, amounts: tuple[int, int], bill: Bill, months: int) -> str:
    written, claimed = (amount_text(each, bill.currency) for each in amounts)
    on = f" on {effect.measured_on}" if effect.measured_on else ""
    as_written = "as written " if effect.kept.left else ""
    what = f"{claimed} claimed" if claim.over(SAVES, 1) is not None or claim.amounts else f"{claimed} that it speaks of"
    return f"Repriced {as_written}it saves {written} {span(months)}{on}, of {what}."


def _limit_lines(effect: Effect, alone: int, bill: Bill, months: int) -> list[str]:
    lines = []
    if effect.supported:
        whole = effect.total or "the whole plan"
        lines.append(
            f"Alone it breaks {_broken_words(effect.supported)} Beside the other claims of {whole} it keeps more."
        )
    if effect.kept.left:
        stands = f"{amount_text(alone, bill.currency)} {span(months)}"
        if effect.kept.broken:
            lines.append(f"That breaks {_broken_words(effect.kept.broken)}")
        lines.append(f"With {left_words(effect.kept.left)} as today, {stands} stands.")
    return lines


def _broken_words(broken: tuple[Guardrail, ...]) -> str:
    count = f"{len(broken)} limits" if len(broken) > 1 else "a limit"
    more = f" (and {len(broken) - MOST_LIMITS} more)" if len(broken) > MOST_LIMITS else ""
    return f"{count}: {' '.join(each.sentence for each in broken[:MOST_LIMITS])}{more}"


def left_words(keys: Iterable[str]) -> str:
    """Keys by name with their resources.

    >>> left_words(["cloud_run.api.vcpu", "cloud_run.web.vcpu", "tasks.q.max_attempts"])
    'vcpu (api, web) and max_attempts (q)'
    """
    by_name: dict[str, list[str]] = {}
    for key in keys:
        by_name.setdefault(key.rpartition(".")[2], []).append(key.partition(".")[2].rpartition(".")[0])
    told = [f"{name} ({', '.join(resources)})" for name, resources in by_name.items()]
    return " and ".join(each for each in (", ".join(told[:-1]), *told[-1:]) if each)


def _sum(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """A total: what its parts save together, repriced once."""
    bill, claim, months, claimed = desk.bill, open_claim.claim, open_claim.months, open_claim.claimed_nanos or 0
    leaves = desk.plan.leaves(claim.id)
    known = [leaf for leaf in leaves if is_priced(desk.effects.get(leaf))]
    if not known and is_priced(desk.effects.get(claim.id)):
        known = [claim.id]
    unknown = [leaf for leaf in leaves if desk.judged[leaf].verdict == "unverifiable" and not _is_allowance(desk, leaf)]
    lines = [f"{part}: {_standing(desk.judged[part], bill)}." for part in dict.fromkeys(claim.sum_of)]
    whole = largest_total(desk.plan, claim.id)
    together = joint(bill, known, desk.effects, within=desk.plan.leaves(whole) if whole else ())
    stands = per_months(together.saving_nanos, months, bill)
    apart = sum(per_months(desk.effects[leaf].alone_nanos, months, bill) for leaf in known)
    if known:
        lines.append(
            f"All that can be repriced, together and once: {amount_text(stands, bill.currency)} {span(months)}."
        )
    if together.left:
        lines.append(f"Together they break {_broken_words(together.broken)}")
        lines.append(f"So {left_words(together.left)} are left as today in it.")
    most, why = ceiling(bill, claim, months)
    if most is not None and claimed > most:
        return replace(
            open_claim, verdict="impossible", stands_nanos=stands if known else None, arithmetic=(*lines, why)
        )
    if not known:
        verdict: Verdict = "unverifiable" if unknown else "impossible"
        return replace(open_claim, verdict=verdict, stands_nanos=None if unknown else 0, arithmetic=tuple(lines))
    if is_enough(stands, claimed):
        verdict = "reproduced"
    elif is_enough(apart, claimed):
        verdict = "double_counted"
        lines.append(f"One by one they add up to {amount_text(apart, bill.currency)}: the same dollars counted again.")
    else:
        verdict = "partly" if stands > 0 else "unverifiable" if unknown else "impossible"
    return replace(open_claim, verdict=verdict, stands_nanos=stands, arithmetic=tuple(lines))


def _is_allowance(desk: Desk, leaf: str) -> bool:
    """Whether a claim takes away what its total would count twice."""
    saves = desk.plan.claims[leaf].over(SAVES, 1)
    return saves is not None and saves.value < 0 and leaf not in desk.effects


def _standing(part: AuditedClaim, bill: Bill) -> str:
    words = part.verdict.replace("_", " ")
    if part.stands_nanos is None:
        return words
    return f"{words}, {amount_text(part.stands_nanos, bill.currency)} {span(part.months)} stands"


def _restated(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """The same dollars in other words: what stands of the other claim, over this one's months."""
    parent, months = desk.judged[open_claim.claim.of], open_claim.months
    if parent.stands_nanos is None or parent.claim.headline is None:
        return replace(open_claim, verdict=parent.verdict, arithmetic=(f"The same dollars as {parent.claim.id}.",))
    stands = per_months(parent.stands_nanos * len(desk.bill.months), months, desk.bill) // parent.months
    money = amount_text(stands, desk.bill.currency)
    line = f"The same dollars as {parent.claim.id}, {span(months)} at today's usage: {money} stands."
    verdict = parent.verdict
    if parent.verdict in ("reproduced", "partly"):
        verdict = "reproduced" if is_enough(stands, open_claim.claimed_nanos or 0) else "partly"
    return replace(open_claim, verdict=verdict, stands_nanos=stands, arithmetic=(line,))
