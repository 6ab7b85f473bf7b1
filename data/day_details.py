"""What a service's days consist of: SKU, project, resource and labels, for the cause of an unusual day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from data.allocation import make_detail
from data.daily_costs import GROUP_SQL, USAGE
from data.load_reader import open_loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from data.workspace import Workspace

KEY_SQL: Final = {
    "sku": "coalesce(sku.sku, sku.sku_id, '')",
    "project": "coalesce(project, '')",
    "resource": "coalesce(resource, '')",
}
_SERVICE: Final = "coalesce(nullif(sku.product, ''), sku.service, '')"
_DAYS: Final = "epoch(day)::BIGINT // 86400 BETWEEN $first AND $last"

DETAIL_SQL: Final = f"""
SELECT {{key}} AS key, epoch(day)::BIGINT // 86400 AS day,
  CAST(sum(effective_nanos) - sum(credit_promotion_nanos) AS BIGINT) AS nanos
FROM detail LEFT JOIN sku USING (sku_key)
WHERE currency = $currency AND ($service = '' OR {_SERVICE} = $service) AND {_DAYS} AND {GROUP_SQL} = '{USAGE}'
GROUP BY ALL ORDER BY ALL
"""

LABEL_SQL: Final = f"""
SELECT label_key || '=' || coalesce(label_value, '') AS key, epoch(day)::BIGINT // 86400 AS day,
  CAST(sum(effective_nanos) AS BIGINT) AS nanos
FROM labels LEFT JOIN sku USING (sku_key)
WHERE currency = $currency AND ($service = '' OR {_SERVICE} = $service) AND {_DAYS}
GROUP BY ALL ORDER BY ALL
"""
"""A row with two labels stands under both: labels are compared, never added."""


def day_details(
    workspace: Workspace, currency: str, service: str, first_day: int, last_day: int
) -> Mapping[str, dict[str, NDArray[np.generic]]]:
    """Columns ``key``, ``day`` (days since 1970, Pacific), ``nanos`` for each of sku, project, resource, label.

    ``service`` '' is the whole bill. Amounts are those that alert rules watch; empty where nothing is loaded.
    """
    given: dict[str, Any] = {"currency": currency, "service": service, "first": first_day, "last": last_day}
    with open_loads(workspace) as connection:
        if connection is None:
            return {}
        make_detail(connection)
        found = {
            name: dict(connection.execute(DETAIL_SQL.format(key=key), given).fetchnumpy())
            for name, key in KEY_SQL.items()
        }
        return {**found, "label": dict(connection.execute(LABEL_SQL, given).fetchnumpy())}
