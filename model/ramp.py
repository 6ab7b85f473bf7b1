"""How much of a lever works in each month ahead: from its start it grows evenly until it works in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.horizon import HORIZON_MONTHS

if TYPE_CHECKING:
    from numpy.typing import NDArray


def ramp_share(start_month: float, months: float, horizon: int = HORIZON_MONTHS) -> NDArray[np.float64]:
    """Mean share (horizon,) of a lever's saving in each month ahead, months counted from the decision.

    The share at time t is (t − start) ÷ months, within 0..1; a month's share is its mean over the month.

    >>> ramp_share(1.0, 0.0, 3).tolist(), ramp_share(0.0, 2.0, 3).tolist()
    ([0.0, 1.0, 1.0], [0.25, 0.75, 1.0])
    """
    since = np.maximum(np.arange(horizon + 1) - start_month, 0.0)
    worked = since if months <= 0.0 else np.where(since < months, since**2 / (2.0 * months), since - months / 2.0)
    return np.diff(worked)
