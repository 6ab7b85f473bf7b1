"""The palette stands once in Python and once in the theme; they are the same, in the same order."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pages.parts import palette

CONFIG = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())


def test_chart_colours_are_the_palette():
    assert CONFIG["theme"]["light"]["chartCategoricalColors"] == list(palette.LIGHT.values())
    assert CONFIG["theme"]["dark"]["chartCategoricalColors"] == list(palette.DARK.values())
    assert list(palette.LIGHT) == list(palette.DARK) == list(palette.MEANINGS)


def test_accent_and_risk_are_the_palettes():
    for name, colours in (("light", palette.LIGHT), ("dark", palette.DARK)):
        theme = CONFIG["theme"][name]
        assert theme["primaryColor"] == theme["blueColor"] == colours[palette.USAGE]
        assert theme["orangeColor"] == theme["redColor"] == colours[palette.RISK]


def test_nothing_is_told_to_anyone_and_no_traceback_to_a_page():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["runner"]["postScriptGC"] is False
