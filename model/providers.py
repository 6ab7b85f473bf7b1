"""Whose charges a bill holds: levers move Google Cloud's, those of other providers stand in the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.costs import NOT_IN_HEADLINE
from model.money import NANOS

if TYPE_CHECKING:
    from model.bill import Lines

GOOGLE: Final = "google"
"""In the name of the provider, as its exports and views write it; a bill without providers is Google's own export."""


def other_providers(lines: Lines) -> tuple[str, ...]:
    """Providers of a bill's lines that are not Google Cloud, by name."""
    return tuple(sorted({name for name in map(str, np.unique(lines.text["provider"].astype(str))) if _is_other(name)}))


def only_others(lines: Lines) -> str:
    """Why no lever works on a bill of other providers; '' where Google Cloud is among them."""
    names = set(map(str, np.unique(lines.text["provider"].astype(str))))
    others = other_providers(lines)
    return f"No Google Cloud in this bill: it is of {_listed(others)}." if others and len(others) == len(names) else ""


def others_note(lines: Lines, currency: str) -> tuple[str, ...]:
    """What the window holds of other providers, on the headline basis before promotions."""
    others = other_providers(lines)
    if not others:
        return ()
    counted = np.isin(lines.text["provider"].astype(str), others)
    counted &= ~np.isin(lines.text["charge_class"], NOT_IN_HEADLINE)
    amount = int(lines.effective_nanos[counted].sum()) / NANOS
    return (f"{amount:,.2f} {currency} of the window is of {_listed(others)}: in every total, moved by no lever.",)


def _is_other(name: str) -> bool:
    return bool(name) and GOOGLE not in name.lower()


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
