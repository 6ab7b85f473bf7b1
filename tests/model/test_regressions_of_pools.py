import numpy as np
from commitment_bill import axis, bill_of, pool, unchanged, values_of

from model.bill import Pool
from model.levers import commitments


def test_fees_of_resource_commitments_alone_offer_nothing_and_break_nothing() -> None:
    """Commitments for machines bill a fee in a pool that holds no usage to commit on."""
    usage = pool("compute_flexible", {"half": [1.0, 2.0, 3.0]})
    fees = Pool("gce_resource", "gce_resource", "us-central1", {}, {}, np.full(3, 0.63), np.zeros(3))
    bill = bill_of(usage, fees, hours=axis((3,)))
    values = values_of("compute_flexible", term="1y")
    assert {parameter.key.split(".")[1] for parameter in commitments.parameters(bill)} == {"compute_flexible"}
    assert [plan.name for plan in commitments.plan_pools(bill, values, unchanged(bill))] == ["compute_flexible"]
    assert {plan.name for plan in commitments.options(bill, values, unchanged(bill))} == {"compute_flexible"}
