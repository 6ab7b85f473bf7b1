"""What to know of a pool beside its figures: that its usage fell, and that another way to buy would save more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_pools import pool_title
from model.commitment_regret import FALLING, saving_if
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_plan import TERM_MONTHS, TERM_TITLES, TYPED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.commitment_machines import MachinePlan
    from model.commitment_regret import RegretTable
    from model.commitment_risk import TermRisk
    from model.commitment_steps import WholePieces
    from model.commitment_trend import Trend
    from model.levers.commitment_plan import PoolPlan

_FALLEN: Final = (
    "{}: usage fell by {:.0%} from {} to {}, so the purchase is judged from the last month on, not on the window's "
    "mean: at that usage it {} {:,.2f} {} a month; should it go on falling for a year, it {} {:,.2f} over {} months. "
    "The projection and the bill's own figures still take the window."
)
_SAFE: Final = (
    "{}: usage fell by {:.0%} from {} to {}, so no more is advised, in any way to buy, than pays even if it goes on "
    "falling like that for a year, and no resource commitment of machines; wait for another bill before you sign more."
)
_SIZED: Final = (
    "{}: usage or prices are assumed to fall, so the amount is the one that is best over the term, not over the window."
)
_ENDS: Final = (
    "{}: {:.0%} of what stands ends within {} months, and what it covered is then paid at on-demand: the amount above "
    "is beside it, the rungs below also buy what it leaves."
)
_INSTEAD: Final = (
    "{}: instead, {} for {} would save {:,.2f} {} a month, where the purchase above saves {:,.2f}: weigh it before you "
    "buy; risk and regret here are of the purchase above."
)
_BY_SERIES: Final = "resource commitments of machines with a flexible one on what they leave"
SOON: Final = 12
A_CENT: Final = 0.01
"""Ways to buy that differ by less a month are the same."""


def fallen_notes(
    trend: Trend | None,
    plan: PoolPlan,
    risks: Mapping[str, TermRisk],
    regret: RegretTable | None,
    *,
    is_bought: bool,
) -> tuple[str, ...]:
    """What to know where usage has fallen within the bill; ``is_bought`` by the scenario, else it is advised."""
    if trend is None:
        return ()
    title, (first, last) = pool_title(plan.name), (_written(m) for m in (trend.highest_month, trend.last_month))
    if not is_bought:
        return (_SAFE.format(title, trend.fall, first, last),)
    saved = risks[plan.term].saving_by_month[0]
    fallen = saving_if(regret, FALLING) if regret else 0.0
    months = TERM_MONTHS.get(plan.term, HORIZON_MONTHS)
    now, then = (_verb(saved), abs(saved), plan.currency), (_verb(fallen), abs(fallen), months)
    return (_FALLEN.format(title, trend.fall, first, last, *now, *then),)


def sized_notes(plan: PoolPlan, options: Sequence[PoolPlan], trend: Trend | None) -> tuple[str, ...]:
    """A sentence where what is advised is sized by a fall that the scenario assumes."""
    is_sized = trend is None and plan in options and plan.amount == TYPED
    return (_SIZED.format(pool_title(plan.name)),) if is_sized else ()


def ending_notes(plan: PoolPlan, standing: NDArray[np.float64]) -> tuple[str, ...]:
    """A sentence where commitments that stand end within a year; ``standing`` (T,) is what is left of them."""
    within = standing[:SOON]
    if (
        plan.existing.fee_per_hour <= 0.0
        or not plan.rungs
        or float(within.min()) >= min(1.0, float(standing[0]) + 1e-9)
    ):
        return ()
    left = float(within.min()) / max(float(standing[0]), 1.0)
    return (_ENDS.format(pool_title(plan.name), 1.0 - left, int(np.argmin(within)) + 1),)


def better_instead(plan: PoolPlan, pieces: Sequence[WholePieces], machines: Sequence[MachinePlan]) -> tuple[str, ...]:
    """A sentence where what a command buys saves more than the purchase that is judged."""
    now = plan.saving / len(plan.fee_by_month)
    ways = [(each.saving, TERM_TITLES[each.term], f"{each.amount} {each.unit}s") for each in pieces]
    ways += [(each.saving, TERM_TITLES[each.term], _BY_SERIES) for each in machines if each.commitments]
    saving, term, what = max(ways, default=(0.0, "", ""))
    if saving < now + A_CENT:
        return ()
    return (_INSTEAD.format(pool_title(plan.name), what, term, saving, plan.currency, now),)


def _written(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def _verb(saving: float) -> str:
    return "saves" if saving >= 0.0 else "loses"
