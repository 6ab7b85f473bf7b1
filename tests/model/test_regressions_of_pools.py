import numpy as np
from commitment_bill import axis, bill_of, pool, unchanged, values_of

from model.behaviour.existing_commitment import unused_on_demand
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


def test_a_month_that_changes_its_billing_model_has_no_invented_unused_commitment() -> None:
    """Two legacy hours, used whole, then two of the new model: used whole, and half of it."""
    covered, fee = np.array([10.0, 10.0, 10.0, 5.0]), np.full(4, 5.5)
    offset = np.array([0.0, 0.0, -5.5, -2.75])
    assert unused_on_demand(covered, fee, offset).tolist() == [0.0, 0.0, 0.0, 5.0]
    mixed = pool("compute_flexible", {"half": np.zeros(4)}, {"half": covered}, fee, offset)
    bill = bill_of(mixed, hours=axis((4,)))
    (plan,) = commitments.plan_pools(bill, values_of("compute_flexible"), unchanged(bill))
    assert plan.existing.unused_share == 5.0 / 40.0


def test_a_new_commitment_that_an_hour_leaves_unused_is_unused_whole() -> None:
    covered, fee = np.array([10.0, 0.0]), np.full(2, 5.5)
    assert unused_on_demand(covered, fee, np.array([-5.5, 0.0])).tolist() == [0.0, 10.0]


def test_less_usage_under_a_commitment_is_not_cash() -> None:
    """Legacy and new hours, covered whole; usage halves: all of what falls away is stranded in both."""
    covered, fee = np.full(4, 10.0), np.full(4, 5.5)
    offset = np.array([0.0, 0.0, -5.5, -5.5])
    mixed = pool("compute_flexible", {"half": np.zeros(4)}, {"half": covered}, fee, offset)
    bill = bill_of(mixed, hours=axis((4,)))
    after = {"compute_flexible": {"half": covered / 2}}
    (plan,) = commitments.plan_pools(bill, values_of("compute_flexible"), after)
    assert plan.existing.covered_after_per_hour == 5.0
    assert plan.stranded_by_month.sum() == 20.0
