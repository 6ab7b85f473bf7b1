"""Bills of other providers, alone and beside Google Cloud: totals hold them, levers say that they are not theirs."""

from dataclasses import replace

import pytest

from model.outcome import missing
from model.providers import only_others, other_providers, others_note
from tests.model.monthly_bills import Row, make_bill


def lines_of(*providers):
    bill = make_bill(*(Row("", 5.0) for _ in providers))
    months = len(bill.lines) // len(providers)
    for place, provider in enumerate(providers):
        bill.lines.text["provider"][place * months : (place + 1) * months] = provider
    return bill


@pytest.mark.parametrize("names", [("Google Cloud",), ("Google",), ("",), ("Google Cloud", "")])
def test_google_cloud_goes_without_saying(names):
    bill = lines_of(*names)
    assert other_providers(bill.lines) == ()
    assert others_note(bill.lines, "USD") == ()
    assert only_others(bill.lines) == ""


def test_a_bill_of_others_is_told_by_every_lever():
    bill = lines_of("AWS", "Microsoft", "Oracle")
    sentences = missing(bill)
    assert len(sentences) == 7
    assert {*sentences.values()} == {"No Google Cloud in this bill: it is of AWS, Microsoft and Oracle."}


def test_what_is_of_others_beside_google_is_named_with_its_amount():
    bill = lines_of("Google Cloud", "AWS")
    amount = int(bill.lines.effective_nanos[bill.lines.text["provider"] == "AWS"].sum()) / 1e9
    assert amount > 0.0
    assert others_note(bill.lines, "USD") == (
        f"{amount:,.2f} USD of the window is of AWS: in every total, moved by no lever.",
    )
    assert only_others(bill.lines) == ""
    assert all(sentence.startswith("Not in this bill: ") for sentence in missing(bill).values())
    assert others_note(replace(bill.lines, effective_nanos=bill.lines.effective_nanos * 0), "EUR")[0].startswith(
        "0.00 EUR"
    )
