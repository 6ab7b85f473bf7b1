"""Claimed against what stands: two bars for the whole plan, then for each saving that it claims."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from model.money import as_decimal
from pages.parts import palette
from pages.parts.audit_words import TITLES, charted, per_month
from pages.parts.charts import COLOUR, MONEY_AXIS, TOOLTIP
from pages.parts.wording import headline_money, money

if TYPE_CHECKING:
    from model.audit import Audit
    from model.audit_verdict import AuditedClaim, Verdict

MOST_BARS: Final = 12
WHOLE: Final = "The whole plan"
PALE: Final = 0.3
AXIS: Final = {"labelLimit": 220, "ticks": False, "labelFontSize": 13, "labelPadding": 8}
COLOURS: Final[dict[Verdict, str]] = {
    "reproduced": palette.COMMITMENTS, "partly": palette.USAGE, "double_counted": palette.INTERACTION,
    "impossible": palette.RISK, "unverifiable": palette.CURRENT,
}  # fmt: skip


@lru_cache
def standing_spec(currency: str) -> dict[str, Any]:
    """A pale dashed bar of what is claimed, a full one of what stands in it, and both in words beside."""
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": AXIS}
    x = {"type": "quantitative", "title": f"{currency} a month", "axis": MONEY_AXIS}
    claimed = {
        "mark": {"type": "bar", "fillOpacity": PALE, "strokeDash": [4, 3], "strokeWidth": 1, "height": {"band": 0.78}},
        "encoding": {"x": {"field": "claimed", **x}, "color": COLOUR,
                     "stroke": {**COLOUR, "scale": {"domain": list(palette.MEANINGS)}}},
    }  # fmt: skip
    stands = {
        "mark": {"type": "bar", "height": {"band": 0.42}, "cornerRadiusEnd": 2},
        "encoding": {"x": {"field": "stands", **x}, "color": COLOUR},
    }
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "fontSize": 13},
        "encoding": {"x": {"field": "end", **x}, "text": {"field": "label"}, "color": COLOUR},
    }
    room = {"left": 5, "right": 150, "top": 5, "bottom": 5}
    layers = [claimed, stands, labels]
    return {"height": {"step": 34}, "padding": room, "encoding": {"y": y, "tooltip": TOOLTIP}, "layer": layers}


def standing_rows(audit: Audit) -> list[dict[str, Any]]:
    """The whole plan first, then its largest savings; unknown stands without a full bar."""
    whole = _row(
        WHOLE, audit.claimed_per_month_nanos, audit.stands_per_month_nanos, palette.CURRENT, audit.bill.currency, ""
    )
    found = charted(audit)
    return [whole, *(_claim_row(each, audit.bill.currency) for each in found[:MOST_BARS])] if found else []


def standing_words(audit: Audit) -> str:
    """The chart in sentences."""
    return " ".join(row["words"] for row in standing_rows(audit))


def _claim_row(audited: AuditedClaim, currency: str) -> dict[str, Any]:
    stands = None if audited.stands_nanos is None else per_month(audited.stands_nanos, audited.months)
    claimed = per_month(audited.claimed_nanos, audited.months)
    meaning, verdict = COLOURS[audited.verdict], TITLES[audited.verdict]
    return _row(audited.claim.id, claimed, stands, meaning, currency, verdict)


def _row(title: str, claimed: int, stands: int | None, meaning: str, currency: str, verdict: str) -> dict[str, Any]:
    shown = "?" if stands is None else headline_money(stands, currency)
    told = "what stands is not known" if stands is None else f"{money(stands, currency)} stands"
    ended = f" ({verdict})" if verdict else ""
    return {
        "title": title,
        "claimed": float(as_decimal(claimed)),
        "stands": None if stands is None else float(as_decimal(stands)),
        "end": float(as_decimal(max(claimed, stands or 0, 0))),
        "label": f"{shown} of {headline_money(claimed, currency)}" + (f", {verdict}" if verdict else " stands"),
        "meaning": meaning,
        "words": f"{title}: of {money(claimed, currency)} a month claimed, {told}{ended}.",
    }
