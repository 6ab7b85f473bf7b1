"""Requests that find every wanted instance full, and go to one more.

Wanted instances hold N = n·m requests at once, m each. Requests that come while all N are held go to an instance beyond
them, which starts for the first and stays warm for the next (facts §6.1). Erlang's loss formula tells their share at
a = λS requests in flight. They come in clumps, with variance ÷ mean Z = 1 − aB + a ÷ (N + 1 − a + aB) (Riordan), so
their number is taken as negative binomial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import gammaincc, gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_TINY: Final = 1e-300
_LEAST_CLUMPING: Final = 1e-9


def overflow_share(offered: Floats, slots: Floats) -> Floats:
    """Erlang's B(a, N) (…): share of requests that find N ``slots`` taken at ``offered`` a; 0 where none come.

    >>> round(float(overflow_share(np.array([1.2]), np.array([2.0]))[0]), 6)
    0.246575
    """
    log_full = slots * np.log(np.maximum(offered, _TINY)) - offered - gammaln(slots + 1.0)
    share: Floats = np.exp(log_full) / np.maximum(gammaincc(slots + 1.0, offered), _TINY)
    return np.minimum(share, 1.0)


def overflow_busy(offered: Floats, slots: Floats, share: Floats) -> Floats:
    """Share of time that an instance beyond holds any (…): 1 − Z^(−aB ÷ (Z − 1)), never more than aB."""
    mean = offered * share
    clumping = np.maximum(offered / (slots + 1.0 - offered + mean) - mean, _LEAST_CLUMPING)
    busy: Floats = -np.expm1(-mean * np.log1p(clumping) / clumping)
    return busy
