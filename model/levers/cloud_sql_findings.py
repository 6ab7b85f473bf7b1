"""What is said beside a Cloud SQL change: what it gives up, how it was priced, and which rows no setting moves."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.levers.cloud_sql_connections import SQL_SERVER, engine_of
from model.levers.cloud_sql_instance import instances, total_usage
from model.levers.cloud_sql_kinds import REGIONAL, ZONAL
from model.levers.cloud_sql_target import target_of, today_of
from model.money import NANOS

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_target import Target
    from model.parameter import Values

PRODUCT: Final = "Cloud SQL"
_SHOWN: Final = 3


def notes_of(bill: Bill, instance: Instance, target: Target, values: Values) -> tuple[str, ...]:
    """Sentences on a changed or growing instance."""
    today, name = today_of(instance), instance.name
    found = []
    if target.availability == ZONAL and today.availability == REGIONAL:
        found.append(f"{name}: zonal gives up the standby; the failure of one zone stops the database.")
    if not instance.resource.has_hours:
        found.append(f"{name}: its rows span more than an hour; usage is spread evenly over them.")
    usage = total_usage(bill, instance.resource, "vcpu")
    if instance.resource.has_hours and not instance.is_aggregate and (usage > instance.tier.vcpu * 1.01).any():
        found.append(f"{name}: was larger in part of the window; every hour is scaled by the same ratio.")
    if target.tier.vcpu != today.tier.vcpu and engine_of(bill, instance) == SQL_SERVER:
        found.append(f"{name}: its SQL Server licence follows the vCPU, but has rows of its own that stay as they are.")
    if target == today and values.get(instance.key("peak_cpu_utilisation")) is None:
        found.append(f"{name}: its peak CPU is not known, so its size stays as it is when usage grows; its disk grows.")
    return tuple(found)


def untouched_note(bill: Bill, values: Values) -> tuple[str, ...]:
    """Where an instance is changed: the Cloud SQL rows that no setting moves, by SKU, in the window."""
    is_moved = any(target_of(bill, instance, values) != today_of(instance) for instance in instances(bill))
    return _untouched(bill) if is_moved else ()


@lru_cache(maxsize=8)
def _untouched(bill: Bill) -> tuple[str, ...]:
    lines = bill.lines
    rows = np.flatnonzero(
        (lines.text["product"] == PRODUCT) & (lines.text["kind"] == "") & (lines.text["fee_of"] == "")
    )
    if not len(rows):
        return ()
    amounts: dict[str, int] = {}
    for row in rows:
        sku = str(lines.text["sku"][row]) or "rows without a SKU"
        amounts[sku] = amounts.get(sku, 0) + int(lines.effective_nanos[row])
    total = sum(amounts.values()) / NANOS
    largest = sorted(amounts, key=lambda sku: (-abs(amounts[sku]), sku))
    more = f" and {len(largest) - _SHOWN} more" if len(largest) > _SHOWN else ""
    named = ", ".join(largest[:_SHOWN])
    return (f"No setting moves {total:,.2f} {bill.currency} of Cloud SQL in the window: {named}{more}.",)
