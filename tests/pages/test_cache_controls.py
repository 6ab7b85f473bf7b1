"""The cache's controls: what follows from a target hit rate is told beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data.importing import import_paths
from data.workspace import Workspace
from pages.parts import session

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_size_that_follows_from_a_target_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_paths(Workspace(tmp_path), [ROOT / "tests" / "golden" / "tiny_service" / "bill.csv"])
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at._page_hash = calc_hash("what-if")
    at.run()
    at.session_state["what_if_lever"] = "cache"
    at.run()
    at.slider(key="control_cache.new.target_hit_ratio").set_value(70).run()
    assert not at.exception
    told = " ".join(each.value for each in at.caption)
    assert "size** follows: 0 GiB → 1 GiB" in told
    at.number_input(key="control_cache.new.size_gib").set_value(5).run()
    assert "follows: 0 GiB" not in " ".join(each.value for each in at.caption)
