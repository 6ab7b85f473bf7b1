"""What a commitment plan reports beside its figures: existing commitments, break-even, sources and caveats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import paid_ratio
from model.behaviour.existing_commitment import is_legacy
from model.commitment_pools import class_in_book, class_titles, pool_title
from model.commitment_rates import (
    LIST,
    export_fact,
    is_below_list,
    is_dearer,
    kept_after_sustained_use,
    share_of_list,
)
from model.commitment_trend import trend_of
from model.lever import Guardrail
from model.levers.commitment_plan import TERM_MONTHS, TERM_TITLES, ExistingCommitment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.bill import Bill, Pool
    from model.levers.commitment_parts import Part
    from model.levers.commitment_rungs import PlannedRung
    from model.levers.pool_hours import PoolUsage
    from model.levers.pool_planning import Purchase

SHORT_WINDOW_HOURS: Final = 28 * 24
FALLING_MONTHS: Final = 12
"""How long a fall of usage is feared to go on."""
TIE: Final = 1e-9


def existing_commitment(bill: Bill, pool: Pool, usage: PoolUsage) -> ExistingCommitment:
    """Existing commitments of a pool before and after the levers."""
    if not pool.fee.any() and not usage.covered_before.any():
        return ExistingCommitment(0.0, 0.0, 0.0, None)
    hours = max(1, int(bill.hours.is_calendar.sum()))
    covered, unused = float(usage.covered_before.sum()), float(usage.unused_before.sum())
    fee, offset = float(pool.fee.sum()), float(pool.offset.sum())
    by_capacity = unused / (covered + unused) if unused > 0.0 else None
    has_legacy = bool((is_legacy(usage.covered_before.sum(axis=0), pool.offset) & (pool.fee > 0.0)).any())
    unused_share = 1.0 + offset / fee if offset < 0.0 < fee and not has_legacy else by_capacity
    return ExistingCommitment(covered / hours, float(usage.covered_after.sum()) / hours, fee / hours, unused_share)


def discount_source(bill: Bill, classes: tuple[str, ...], term: str) -> str:
    """Where the discounts come from: the account's price export, else the book with date and confidence."""
    own = [fact.source for key in classes if (fact := export_fact(bill, key, term)) is not None]
    if own:
        return "; ".join(dict.fromkeys(own))
    known = dict.fromkeys(map(class_in_book, classes))
    books = [bill.prices.discounts[key] for key in known if key in bill.prices.discounts]
    return "; ".join(dict.fromkeys(f"{b.source}, read {b.as_of}, {b.confidence}" for b in books))


def utilisation_guardrail(pool: Pool, utilisation: float, break_even: float) -> Guardrail:
    """Used below 1 − d a commitment costs more than on-demand."""
    title = pool_title(pool.name)
    passed = utilisation >= break_even
    verdict = "saves" if passed else "loses money"
    return Guardrail(
        name="commitment_utilisation",
        lever="commitments",
        resource=pool.name,
        limit=break_even,
        value=utilisation,
        unit="ratio",
        passed=passed,
        sentence=f"{title}: a commitment used {utilisation:.1%} that breaks even at {break_even:.1%} {verdict}.",
        is_floor=True,
    )


def falling_guardrail(bill: Bill, pool: Pool, usage: PoolUsage, part: Part, break_even: float) -> tuple[Guardrail, ...]:
    """Where usage has fallen within the bill: what is used over the term, should it go on falling for a year.

    Used below 1 − d it loses money. Month k ahead is last month ÷ window × (1 + pace)^min(k, 12) of the window's hours.
    """
    trend = trend_of(bill, usage)
    if trend is None:
        return ()
    months = np.minimum(np.arange(1, TERM_MONTHS[part.term] + 1), FALLING_MONTHS)
    left = trend.last_share * (1.0 + trend.per_month) ** months
    asked = np.array([paid_ratio(d) for d in part.offer.discounts]) @ part.offer.hours
    used = float(np.minimum(part.level, left[:, None] * asked).mean()) / part.level
    passed = used >= break_even * (1.0 - TIE)
    verdict = "it still saves" if passed else "it loses money"
    told = f"{used:.1%} over its term and breaks even at {break_even:.1%}: {verdict}."
    sentence = (
        f"{pool_title(pool.name)}: usage fell by {trend.fall:.0%} within this bill; should it go on falling for a "
        f"year, a commitment of {TERM_TITLES[part.term]} is used {told}"
    )
    return (
        Guardrail(
            "commitment_if_falling", "commitments", pool.name, break_even, used, "ratio", passed=passed,
            sentence=sentence, is_floor=True,
        ),
    )  # fmt: skip


_AMOUNTS: Final = (
    ("covered_per_hour", "the typed amount"),
    ("target_coverage_ratio", "the share to cover"),
    ("target_utilisation_ratio", "the share that finds usage"),
)
"""What may say how much to buy; the first that is given counts."""


def without_term(pool: Pool, purchase: Purchase) -> str:
    """A sentence where an amount is given that no term makes a purchase; '' where none is."""
    given = [name for name, _ in _AMOUNTS if getattr(purchase, name) is not None]
    if not given:
        return ""
    said = dict(_AMOUNTS)[given[0]]
    return (
        f"{pool_title(pool.name)}: {said} is given without a term, so nothing is bought: choose 1 or 3 years "
        f"(commitments.{pool.name}.term)."
    )


def _overruled(pool: Pool, purchase: Purchase) -> tuple[str, ...]:
    """A sentence where several things say how much to buy: which one counts."""
    title = pool_title(pool.name)
    given = [title for name, title in _AMOUNTS if getattr(purchase, name) is not None]
    if purchase.rungs:
        given = ["rungs", *([f"the term of {TERM_TITLES[purchase.term]}"] if purchase.term != "none" else []), *given]
    if len(given) < 2:
        return ()
    return (f"{title}: {given[0]} {'count' if purchase.rungs else 'counts'}, not {' or '.join(given[1:])}.",)


def rungs_notes(bill: Bill, pool: Pool, purchase: Purchase, dropped: Sequence[PlannedRung]) -> tuple[str, ...]:
    """What is assumed of rungs: that they end, and which began before the months ahead."""
    title = pool_title(pool.name)
    last = bill.months[-1]
    past = [f"{rung.start_month // 100}-{rung.start_month % 100:02d}" for rung in dropped]
    said = [
        (
            f"{title}: the window is judged with the rungs that start in the month after it; later ones count from "
            "their month on in the months ahead. None is renewed."
        )
    ]
    if past:
        said.append(
            f"{title}: rungs of {', '.join(past)} began in the bill's time (to {last // 100}-{last % 100:02d}) and "
            "are not bought again: take them out, or type them under held_commit_per_hour."
        )
    return tuple(said if len(dropped) < len(purchase.rungs) else said[1:])


def notes(
    bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, term: str, known: frozenset[str]
) -> tuple[str, ...]:
    """What a reader must know: classes without a rate, a short window, prices below list, what was overruled."""
    title, price_base, hour_count = pool_title(pool.name), purchase.price_base, usage.hours.shape[1]
    missing = [key for k, key in enumerate(usage.classes) if key not in known and usage.left[k].any()]
    dearer = [key for key in missing if is_dearer(bill, pool, key, term, price_base)]
    unknown = [key for key in missing if key not in dearer]
    lines = {
        f"{title}: the rate of {class_titles(unknown)} for {TERM_TITLES[term]} is unknown, so it stays "
        "on-demand.": bool(unknown),
        f"{title}: {class_titles(dearer)} costs less now than a commitment of {TERM_TITLES[term]} would ask for it"
        f"{_why_dearer(bill, pool, dearer)}, so it is taken to stay as it is; should Google apply the commitment to "
        "it all the same, less is saved.": bool(dearer),
        f"{title}: judged on {hour_count} hours only; a term of {TERM_MONTHS[term]} months needs more "
        "history.": hour_count < SHORT_WINDOW_HOURS,
        f"{title}: this bill pays {share_of_list(bill, pool):.1%} of list, and commitment prices are taken as off "
        "list; ask what they are for you, and set price_base if your contract lowers them too.": (
            is_below_list(bill, pool) and price_base == LIST and export_fact(bill, usage.classes[0], term) is None
        ),
    }
    return (*(sentence for sentence, holds in lines.items() if holds), *_overruled(pool, purchase))


def _why_dearer(bill: Bill, pool: Pool, classes: Sequence[str]) -> str:
    """What brings the own price of some classes below that of a commitment."""
    sustained = any(kept_after_sustained_use(bill, pool, key) < 1.0 for key in classes)
    return " (after its sustained-use discount, which covered usage does not earn)" if sustained else ""


def nothing_offered(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, term: str) -> str:
    """Why a term has no rate for a pool: it is dearer than what is paid, or not known."""
    title = pool_title(pool.name)
    dearer = [key for key in usage.classes if is_dearer(bill, pool, key, term, purchase.price_base)]
    if not dearer:
        return f"The rate of {title} for {TERM_TITLES[term]} is unknown: not planned. Add it to the price book."
    paid = share_of_list(bill, pool) * kept_after_sustained_use(bill, pool)
    sustained = ", after sustained use" if kept_after_sustained_use(bill, pool) < 1.0 else ""
    return (
        f"A commitment of {TERM_TITLES[term]} of {title} costs more than you pay: its price is off list, and "
        f"you pay {paid:.1%} of list{sustained}."
    )
