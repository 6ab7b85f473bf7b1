"""Flow tables: read with gaps as zero, refused by line and column."""

from pathlib import Path

import pytest

from data.sources.flows import parse_flows, read_flows
from data.sources.refusal import SourceRefused


def test_rows_come_in_any_order_and_gaps_are_zero() -> None:
    assert parse_flows("\ufeffamount, month\n60,3\n\n-100.5,0\n".removeprefix("\ufeff"), "f.csv") == [-100.5, 0, 0, 60]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("line 1", "month")),
        ("month,value\n0,1\n", ("line 1", "amount")),
        ("month,amount\n", ("no flows",)),
        ("month,amount\n0,-5\n1,abc\n", ("line 3", "column amount", "'abc'")),
        ("month,amount\n0,-5\n1,\n", ("line 3", "column amount")),
        ("month,amount\n0,nan\n", ("line 2", "column amount")),
        ("month,amount\n-1,5\n", ("line 2", "column month", "'-1'")),
        ("month,amount\n1.5,5\n", ("line 2", "column month")),
        ("month,amount\n9999,5\n", ("line 2", "column month")),
        ("month,amount\n0,1\n2,1\n2,3\n", ("line 4", "column month", "twice")),
        ("month,amount\n0\n", ("line 2", "column amount")),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SourceRefused) as refused:
        parse_flows(text, "f.csv")
    assert all(word in str(refused.value) for word in ("f.csv", *words))


def test_a_file_with_a_byte_order_mark_is_read_and_one_that_is_no_text_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "flows.csv", tmp_path / "other.csv"
    good.write_bytes(b"\xef\xbb\xbfmonth,amount\r\n0,-1\r\n1,2\r\n")
    bad.write_bytes(b"\xff\xfe\x00")
    assert read_flows(good) == [-1.0, 2.0]
    with pytest.raises(SourceRefused, match=r"other\.csv"):
        read_flows(bad)
