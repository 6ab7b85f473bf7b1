"""Finance figures of a table of flows: present value, return, payback, before tax, by one stated convention."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pyxirr
from scipy.optimize import brentq

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONVENTION: Final = (
    "Before tax. Flow 0 is paid on the day of the decision, flow k at the end of month k. Monthly rate "
    "i = (1 + r)^(1/12) − 1; NPV = Σ flow_k ÷ (1 + i)^k; IRR is (1 + i)^12 − 1 at NPV 0; payback is when the running "
    "total stays at or above zero, even within a month; ROI = Σ flows ÷ what is laid out at month 0."
)
LOWEST_RATE: Final = -0.99
HIGHEST_RATE: Final = 1e6
"""A hundred million per cent a year: beyond it flows lose all worth within a month."""
LARGEST_FLOW: Final = 1e15
"""Currency units of one month: a quadrillion, beyond which cents have no place in a float."""
_NOTHING: Final = 1e-12
_LOG_RATES: Final = np.linspace(-14.0, 14.0, 5601)
"""Logarithms of 1 + i at which the sign of the present value is looked at: i from −99.9999 % to 120 million %."""


@dataclass(frozen=True)
class Figures:
    """What a table of flows is worth; None where a figure does not exist, with the reason in its note.

    ``payback_months`` None: never pays back; 0: nothing is ever out of pocket. ``irr_note`` also warns where the rate
    exists but may not be read as a return.
    """

    npv: float
    irr_annual: float | None
    irr_note: str
    payback_months: float | None
    discounted_payback_months: float | None
    roi: float | None
    roi_note: str
    convention: str = CONVENTION


class FlowsRefused(ValueError):  # noqa: N818 - the caller's word: a table or a rate that nothing can be said of
    """Flows or a rate that cannot be judged; the sentence says why."""


def judge(flows: Sequence[float], rate_per_year: float) -> Figures:
    """Judge flows (flows[0] today, then month ends) at a yearly rate; raises FlowsRefused.

    >>> figures = judge([-100.0] + [10.0] * 12, 0.0)
    >>> figures.npv, figures.payback_months, figures.roi
    (20.0, 10.0, 0.2)
    """
    _check(flows, rate_per_year)
    rate = monthly_rate(rate_per_year)
    discounted = [flow * math.exp(-k * math.log1p(rate)) for k, flow in enumerate(flows)]
    irr, irr_note = _irr(flows)
    outlay = max(0.0, -flows[0])
    return Figures(
        npv=float(pyxirr.npv(rate, list(flows)) or 0.0),
        irr_annual=irr,
        irr_note=irr_note,
        payback_months=_payback(flows),
        discounted_payback_months=_payback(discounted),
        roi=math.fsum(flows) / outlay if outlay > 0.0 else None,
        roi_note="" if outlay > 0.0 else "not applicable: nothing is laid out at month 0",
    )


def monthly_rate(rate_per_year: float) -> float:
    """The rate a month that compounds to a rate a year: i = (1 + r)^(1/12) − 1."""
    return float(math.expm1(math.log1p(rate_per_year) / 12.0))


def _check(flows: Sequence[float], rate_per_year: float) -> None:
    if not flows:
        raise FlowsRefused("There are no flows to judge: give at least month 0.")
    wrong = next((k for k, flow in enumerate(flows) if not math.isfinite(flow)), None)
    if wrong is not None:
        raise FlowsRefused(f"The flow of month {wrong} is not a number; give an amount such as -1200.50.")
    large = next((k for k, flow in enumerate(flows) if abs(flow) > LARGEST_FLOW), None)
    if large is not None:
        raise FlowsRefused(f"The flow of month {large} is beyond {LARGEST_FLOW:,.0f}: give an amount in whole units.")
    if not LOWEST_RATE <= rate_per_year <= HIGHEST_RATE:
        raise FlowsRefused(f"A yearly rate of {rate_per_year} cannot be used; give a ratio such as 0.08 for 8 %.")


def _payback(flows: Sequence[float]) -> float | None:
    """Months until the running total stays at or above zero, interpolated within the month; None if it does not."""
    nothing = -_NOTHING * math.fsum(abs(flow) for flow in flows)
    totals = list(accumulate(flows))
    below = [k for k, total in enumerate(totals) if total < nothing]
    if not below:
        return 0.0
    last = below[-1]
    if last == len(flows) - 1:
        return None
    return last + min(1.0, -totals[last] / flows[last + 1])


def _irr(flows: Sequence[float]) -> tuple[float | None, str]:
    """Yearly internal rate of return, and what is to be said of it."""
    signs = [flow > 0.0 for flow in flows if flow]
    changes = sum(a != b for a, b in pairwise(signs))
    if not changes:
        return None, "none: the flows never change sign" if signs else "none: there are no flows"
    roots = _roots(flows)
    if not roots:
        return None, "none: the present value changes sign at no rate"
    if len(roots) > 1:
        shown = ", ".join(f"{root:.2%}" for root in roots)
        return min(roots, key=abs), f"several rates make the present value zero ({shown} a year): judge by NPV instead"
    if signs[0]:
        return roots[0], "money comes in first, so this is what it costs, not what it earns"
    if changes > 1:
        return roots[0], "the flows change sign more than once; only one rate makes the present value zero"
    return roots[0], ""


def _roots(flows: Sequence[float]) -> list[float]:
    """Every yearly rate at which the present value changes sign, the lowest first."""
    amounts = np.trim_zeros(np.asarray(flows, dtype=np.float64))
    month = np.arange(len(amounts))

    def value(log_rate: float) -> float:
        power = -log_rate * month
        return float(amounts @ np.exp(power - power.max()))

    powers = -_LOG_RATES[:, None] * month
    signs = np.sign(np.exp(powers - powers.max(axis=1, keepdims=True)) @ amounts)
    exact = _LOG_RATES[signs == 0.0]
    crossings = np.flatnonzero(signs[1:] * signs[:-1] < 0.0)
    found = [_crossing(value, float(_LOG_RATES[k]), float(_LOG_RATES[k + 1])) for k in crossings]
    yearly = (math.expm1(12.0 * log_rate) for log_rate in sorted([*found, *exact.tolist()]))
    return [rate for rate in yearly if math.isfinite(rate)]


def _crossing(value: Callable[[float], float], low: float, high: float) -> float:
    """Where a function crosses zero; an end where it is zero but for rounding."""
    at_low, at_high = value(low), value(high)
    if at_low * at_high >= 0.0:
        return low if abs(at_low) <= abs(at_high) else high
    return float(brentq(value, low, high, xtol=1e-15))
