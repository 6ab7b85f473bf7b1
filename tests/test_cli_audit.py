"""``audit``: a claims file held against the demo bill and an own one, as one document, as lines, and as a report."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from tests.command_line import document, run
from tests.workspace_copies import copy_of

if TYPE_CHECKING:
    from typing import Any

MONEY = re.compile(r"^-?\d+\.\d{9}$")
EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "samples" / "phase4_claims.toml"
HOSTILE = "<script>alert(1)</script> $(rm -rf /) =cmd()|'/C'!A0 ../.. `x` **b** 😀 \\u0000\\n| a | b"


@pytest.fixture(scope="module")
def demo(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(imported, tmp_path_factory.mktemp("audited") / "ws")


@pytest.fixture(scope="module")
def audited(demo: Path) -> dict[str, Any]:
    return document("audit", EXAMPLE, "--workspace", demo)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_audited_over_the_months_that_it_speaks_of(audited: dict[str, Any]) -> None:
    assert audited["months"] == ["202508", "202509", "202510", "202511", "202512", "202601"]
    verdicts = {each["id"]: each["verdict"] for each in audited["claims"]}
    assert {v for key, v in verdicts.items() if key.startswith("4.1-") and key != "4.1-recommendations"} == {
        "reproduced"
    }
    assert verdicts["4.2-firestore"] == verdicts["4.2-cloud-tasks"] == verdicts["4.5-roi"] == "impossible"
    assert verdicts["4.2-cloud-run"] == verdicts["4.2-cloud-sql"] == verdicts["4.3-indexes"] == "partly"
    assert verdicts["total-all-in"] == "double_counted"
    assert verdicts["4.4"] == verdicts["4.1-recommendations"] == "unverifiable"


def test_every_claim_holds_what_the_contract_names(audited: dict[str, Any]) -> None:
    for each in audited["claims"]:
        assert {"id", "verdict", "claimed", "stands", "arithmetic"} <= set(each)
        assert each["arithmetic"]
        assert all(each[name] is None or MONEY.match(each[name]) for name in ("claimed", "stands"))
        assert bool(each["needed"]) == (each["verdict"] != "reproduced")
    for each in audited["contradictions"]:
        assert {"ids", "sentence", "numbers"} <= set(each)
        assert [Decimal(number) for number in each["numbers"].values()]
    assert sum(audited["verdicts"].values()) == len(audited["claims"])


def test_what_stands_together_is_what_simulate_saves_with_those_settings(demo: Path, audited: dict[str, Any]) -> None:
    sets = [part for key, value in audited["together"]["settings"].items() for part in ("--set", f"{key}={value}")]
    simulated = document("simulate", *sets, "--months", ",".join(audited["months"]), "--workspace", demo)
    assert simulated["fingerprint"] == audited["together"]["fingerprint"]
    saved = Decimal(simulated["saving"]) / len(audited["months"])
    assert Decimal(audited["together"]["stands_per_month"]) == pytest.approx(saved, abs=Decimal("1e-8"))
    broken = [each for each in simulated["guardrails"] if each["passed"] is False]
    assert broken == []


def test_other_months_leave_six_month_costs_unverifiable(demo: Path) -> None:
    found = document("audit", EXAMPLE, "--months", "202512,202601", "--workspace", demo)
    cost = next(each for each in found["claims"] if each["id"] == "4.1-total")
    assert (cost["verdict"], cost["stands"]) == ("unverifiable", None)
    assert "audit it over those months" in cost["arithmetic"][-1]


def test_lines_say_the_same(demo: Path, audited: dict[str, Any]) -> None:
    text = run("audit", EXAMPLE, "--workspace", demo).output
    assert all(sentence in text for each in audited["claims"] for sentence in each["arithmetic"])
    assert all(each["sentence"] in text for each in audited["contradictions"])
    assert "is claimed" in text.splitlines()[0]


def test_the_report_is_written_in_each_form(demo: Path, audited: dict[str, Any], tmp_path: Path) -> None:
    texts = {}
    for suffix in ("pdf", "html", "md"):
        path = tmp_path / f"audit.{suffix}"
        run("audit", EXAMPLE, "--report", path, "--workspace", demo)
        texts[suffix] = path.read_bytes()
    pdf = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(texts["pdf"])).pages).split())
    html, markdown = texts["html"].decode(), texts["md"].decode()
    for told in (pdf, html, markdown):
        assert "What the plan says against itself" in told
        assert "What would have to be true" in told
    assert all(each["id"] in html for each in audited["claims"])
    assert "<svg" in html
    refused = run("audit", EXAMPLE, "--report", tmp_path / "audit.docx", "--workspace", demo, code=1)
    assert "--report writes .pdf, .html, .md" in refused.stderr


def test_hostile_words_stay_words(demo: Path, tmp_path: Path) -> None:
    claims = written(tmp_path, f'plan = "{HOSTILE}"\n[[claims]]\nid = "{HOSTILE}"\ntext = "{HOSTILE}"\n'
                               'saves_per_month = "1e9"\nproduct = "<b>x</b>"\n')  # fmt: skip
    for suffix in ("pdf", "html", "md"):
        path = tmp_path / f"audit.{suffix}"
        run("audit", claims, "--report", path, "--workspace", demo)
    html = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in (tmp_path / "audit.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('currency = "EUR"\n[[claims]]\nid = "a"\n', "The plan counts in EUR and the bill in USD"),
        ('[[claims]]\nid = "a"\nsaves = 1\n', "claims.toml, line 1 (a): saves is not read"),
        ("[[claims]", "is not readable as TOML"),
    ],
)
def test_what_cannot_be_audited_is_one_sentence(demo: Path, tmp_path: Path, text: str, words: str) -> None:
    claims = written(tmp_path, text)
    done = run("audit", claims, "--workspace", demo, code=1)
    assert words in done.stderr
    assert words in document("audit", claims, "--workspace", demo, code=1)["error"]


def test_help_has_an_example() -> None:
    assert "Example: cli.py audit" in run("audit", "--help").output
