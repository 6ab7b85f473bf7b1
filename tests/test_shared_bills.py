"""Every shared bill end to end: totals equal what the standard library counted, or a sentence says why not."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
if not SHARED.exists():
    pytest.skip("the shared sample data is not here: nothing can be held against its totals", allow_module_level=True)
FOLDER_OF = {"nise_nested_3000": "nise_nested", "nise_nested_jsonl": "nise_nested"}
NAMES = sorted(path.stem for path in (SHARED / "expected_totals").glob("*.json"))


def run(*arguments, code=0):
    done = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_a_shared_bill_end_to_end(name, tmp_path):
    expected = json.loads((SHARED / "expected_totals" / f"{name}.json").read_text())
    folder = SHARED / FOLDER_OF.get(name, name if (SHARED / name).is_dir() else "focus")
    report = run("import", *(folder / file for file in expected["files"]), "--workspace", tmp_path)
    assert sum(source["rows_accepted"] for source in report["sources"]) == expected["rows"]
    rows = run("totals", "--by", "invoice_month", "--workspace", tmp_path)["rows"]
    assert rows
    found = {f"{row['currency']}|{row['invoice_month']}": row for row in rows}
    counted = expected["totals"]["invoice_month"]
    assert set(found) == set(counted)
    for key, row in found.items():
        assert abs(Decimal(row["cost"]) - Decimal(counted[key]["cost"])) < Decimal("1e-4"), key
    settings = run("settings", "--workspace", tmp_path)
    told = run("simulate", "--workspace", tmp_path)
    assert told["outcome"] == told["baseline"]
    assert told["levers"] == []
    for sentence in settings["not_in_this_bill"].values():
        assert "in this bill" in sentence.lower() or "import" in sentence


def test_a_list_of_contracts_is_refused(tmp_path):
    file = SHARED / "focus" / "gcp_focus_1_3_contractcommitment.csv"
    assert "ContractCommitment" in run("import", file, "--workspace", tmp_path, code=1)["error"]
    assert "import an export first" in run("simulate", "--workspace", tmp_path, code=1)["error"]
