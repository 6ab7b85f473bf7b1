"""What a claim sets, and why settings that cannot be priced cannot."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.audit_base import is_of_product
from model.outcome import missing, parameters
from model.scenario import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.bill import Bill, Pool
    from model.claims import Claim
    from model.parameter import Value


@dataclass(frozen=True)
class Refusal:
    """Why settings cannot be priced; ``is_impossible`` where no such setting or value exists, not only not here."""

    sentence: str
    is_impossible: bool = False


def settings_of(bill: Bill, claim: Claim) -> Mapping[str, Value]:
    """What a claim sets; of a commitment that names its term only: that term in every pool of its product."""
    if claim.settings or not claim.term or claim.of or claim.sum_of:
        return claim.settings
    pools = [pool for pool in bill.pools if _covers(bill, pool, claim.product)]
    return {f"commitments.{pool.name}.term": claim.term for pool in pools}


def refused(bill: Bill, settings: Mapping[str, Value], sentence: str) -> Refusal:
    """Impossible where the product is here and has no such setting or value; unverifiable where it is not here.

    ``sentence`` is what the scenario said of them.
    """
    found = (_unknown(bill, key, sentence) for key in settings)
    return next((each for each in found if each is not None), Refusal(sentence, is_impossible=True))


def _covers(bill: Bill, pool: Pool, product: str) -> bool:
    """Whether a pool holds usage of a product."""
    if not product:
        return True
    mine, text = is_of_product(bill, product), bill.lines.text
    if mine is None:
        return False
    inside = mine & (text["pool"] == pool.pool)
    return bool((inside & (text["region"] == pool.region) if pool.region else inside).any())


def _unknown(bill: Bill, key: str, sentence: str) -> Refusal | None:
    """Why a key is no setting of this bill; None where it is one."""
    lever, name = key.partition(".")[0], key.rpartition(".")[2]
    kinds = {each.kind for each in parameters(bill) if matches(key, each.key)}
    if "setting" in kinds:
        return None
    if kinds:
        return Refusal(f"{key} is an {min(kinds)}, not something that is set: whether it is so no bill tells.")
    names = sorted({each.name for each in parameters(bill) if each.lever == lever})
    if not names:
        return Refusal(missing(bill).get(lever, f"{key}: this bill has nothing of that kind to change."))
    if name in names:
        return Refusal(sentence)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.3) or names[:4]
    told = f"{key}: there is no setting {name} that could save anything; there is {', '.join(close)}."
    return Refusal(told, is_impossible=True)
