"""What of today's commitments stands in the months ahead: from the subscriptions export, or typed.

No bill tells when a commitment ends. Without an export or a typed end they are taken as renewed, which is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_pools import pool_title
from model.commitment_rates import own_discounts
from model.commitment_subscriptions import held_commitments
from model.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.parameter import Values

_UNKNOWN_END: Final = (
    "The bill does not tell when the commitments of {} end: give cud_subscriptions_export, or type it."
)


def held_parameters(bill: Bill, pool: Pool, most: float) -> list[Parameter]:
    """What stands in a pool and for how long, typed where neither bill nor export tells it."""
    key = f"commitments.{pool.name}"
    listed = [held for held in held_commitments(bill) if held.pool == pool.name and held.state == "active"]
    left = max((held.months_left for held in listed), default=None)
    return [
        Parameter(
            f"{key}.held_commit_per_hour", "Commitments that stand", f"{bill.currency}/h", "assumption",
            round(_fee_per_hour(bill, pool), 6), "fees of the bill per hour", "measured",
            "Discounted units per hour, with what was bought after this bill; new ones are planned beside it.",
            minimum=0.0, maximum=max(most, 1.0),
        ),
        Parameter(
            f"{key}.held_months_left", "Months until they end", "months", "assumption",
            None if left is None else round(max(0.0, left), 1),
            "not known: taken as renewed" if left is None else listed[0].source, "measured",
            "Counted from the end of this bill; plans for later months then count on them no more.",
            minimum=0.0, maximum=120.0,
        ),
    ]  # fmt: skip


def standing_share(bill: Bill, pool: Pool, values: Values, months: int) -> NDArray[np.float64]:
    """What of today's commitments of a pool stands in each month ahead (months,): 1 is what the bill shows.

    Above 1 where more was bought since. Typed values win; else each commitment of the export until its own end, to the
    nearest month; without either they are taken as renewed.
    """
    key = f"commitments.{pool.name}"
    ahead = np.arange(1, months + 1) - 0.5
    billed = _fee_per_hour(bill, pool)
    typed = values.number(f"{key}.held_commit_per_hour", billed)
    size = typed / billed if values.is_changed(f"{key}.held_commit_per_hour") and billed > 0.0 else 1.0
    left = values.get(f"{key}.held_months_left")
    listed = [held for held in held_commitments(bill) if held.pool == pool.name and held.months_left > 0.0]
    if listed and not values.is_changed(f"{key}.held_months_left"):
        amounts = np.array([held.amount_per_hour for held in listed])
        lives = np.array([[held.months_left] for held in listed]) >= ahead
        return np.asarray(size * (amounts @ lives) / max(float(amounts.sum()), 1e-12), dtype=np.float64)
    return np.where(ahead <= (np.inf if left is None else float(left)), size, 0.0)


def bought_since_per_hour(bill: Bill, pool: Pool, values: Values) -> float:
    """What commitments cover that are typed for a pool that pays no fee in this bill, in on-demand units per hour.

    At the smallest 1-year discount of the pool, since the term of what was bought is not typed.
    """
    key = f"commitments.{pool.name}.held_commit_per_hour"
    if not values.is_changed(key) or _fee_per_hour(bill, pool) > 0.0:
        return 0.0
    discounts = own_discounts(bill, pool, {*pool.eligible, *pool.covered}, "1y")
    return values.number(key) / (1.0 - min(discounts.values(), default=0.0))


def unknown_ends(bill: Bill, values: Values) -> tuple[str, ...]:
    """A sentence for every pool that pays fees without an end."""
    return tuple(
        _UNKNOWN_END.format(pool_title(pool.name))
        for pool in bill.pools
        if _fee_per_hour(bill, pool) > 0.0 and values.get(f"commitments.{pool.name}.held_months_left") is None
    )


def _fee_per_hour(bill: Bill, pool: Pool) -> float:
    return float(pool.fee.sum()) / max(1, int(bill.hours.is_calendar.sum()))
