"""The palette: one meaning, one colour, in light and dark; charts name the meaning, the theme gives the colour."""

from __future__ import annotations

from typing import Final

CURRENT: Final = "Current bill"
USAGE: Final = "After usage levers"
COMMITMENTS: Final = "After commitments"
RISK: Final = "Risk or loss"
INTERACTION: Final = "Interaction"
ANOMALY: Final = "Anomaly"

LIGHT: Final = {
    CURRENT: "#5B6770",
    USAGE: "#0072B2",
    COMMITMENTS: "#00805E",
    RISK: "#C44E00",
    INTERACTION: "#7B5EA7",
    ANOMALY: "#B0487F",
}
DARK: Final = {
    CURRENT: "#9AA5AE",
    USAGE: "#56B4E9",
    COMMITMENTS: "#2CC295",
    RISK: "#FF8A3D",
    INTERACTION: "#B79AE0",
    ANOMALY: "#F090C0",
}
MEANINGS: Final = tuple(LIGHT)
"""The domain of every chart's colour scale: the theme's categorical colours stand in this order."""

INK: Final = {"light": "#1F2933", "dark": "#E6EAED"}
"""The theme's text colour, for words inside charts that no meaning colours: Vega-Lite does not take it by itself."""

BROKEN_MARK: Final = "▲"
KEPT_MARK: Final = "●"
UNJUDGED_MARK: Final = "◇"
"""Shapes beside the colours, so that no verdict is told by colour alone."""
