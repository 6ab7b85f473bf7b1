"""What a bill's services and SKUs are called where ids alone do not tell: for queries over the export itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.load_reader import open_loads

if TYPE_CHECKING:
    from data.workspace import Workspace

SKUS_SQL: Final = """
SELECT DISTINCT skus.service_id, skus.sku_id, coalesce(sku.service, '') AS service,
  coalesce(nullif(sku.product, ''), sku.service, '') AS name, sku.fee_of <> '' AS is_fee
FROM skus JOIN sku USING (sku_key)
WHERE provider = 'Google Cloud' AND skus.service_id IS NOT NULL AND skus.sku_id IS NOT NULL
ORDER BY ALL
"""


@dataclass(frozen=True)
class SkuNames:
    """``services``: (id, newest name); ``skus``: (service id, SKU id, name, is fee) that need a line of their own."""

    services: tuple[tuple[str, str], ...]
    skus: tuple[tuple[str, str, str, bool], ...]


def sku_names(workspace: Workspace) -> SkuNames:
    """Names of all services, and of the SKUs that stand under another name or are commitment fees."""
    with open_loads(workspace) as connection:
        rows = [] if connection is None else connection.execute(SKUS_SQL).fetchall()
    services = dict.fromkeys((str(service_id), str(service)) for service_id, _, service, _, _ in rows if service)
    skus = [
        (str(service_id), str(sku_id), str(name), bool(is_fee))
        for service_id, sku_id, service, name, is_fee in rows
        if is_fee or name != service
    ]
    return SkuNames(tuple(services), tuple(skus))
