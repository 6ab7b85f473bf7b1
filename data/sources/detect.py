"""What a file is: a standard or detailed export, FOCUS, or something else that is refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from data.sources import focus, gcp_export
from data.sources.columns import Schema, find, find_first
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from pathlib import Path

    from data.sources.fields import Field

Kind = Literal["standard", "detailed", "focus"]

RESOURCE_COLUMNS: Final = ("resource.name", "resource.global_name", "resource")
"""What the detailed export has and the standard one lacks."""

_INVENTORY: Final = "not a bill; give it with --inventory"
_USAGE_EXPORT: Final = "and no charges; give the standard or detailed usage cost export"
_CUD_EXPORT: Final = f"is the cud_subscriptions_export, which lists commitments {_USAGE_EXPORT}"
OTHER_KINDS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("ContractCommitmentId",),
        "is a FOCUS ContractCommitment dataset, which lists contracts and no charges; give FOCUS cost and usage data",
    ),
    (("cud_product", "subscription"), _CUD_EXPORT),
    (("cud_product.id", "subscription.instance_id"), _CUD_EXPORT),
    (("list_price", "geo_taxonomy"), f"is a pricing export, which lists prices {_USAGE_EXPORT}"),
    (("spec.template", "metadata"), f"is a list of Cloud Run services, {_INVENTORY}"),
    (("databaseVersion", "settings"), f"is a list of Cloud SQL instances, {_INVENTORY}"),
    (("rateLimits", "retryConfig"), f"is a list of Cloud Tasks queues, {_INVENTORY}"),
    (("memorySizeGb", "tier"), f"is a list of Redis instances, {_INVENTORY}"),
    (("locationId", "pointInTimeRecoveryEnablement"), f"is a list of Firestore databases, {_INVENTORY}"),
)
"""Columns that tell → what it is and what to do."""


def kind_of(path: Path | str, schema: Schema) -> Kind:
    """Tell what a table of these columns is.

    Raises:
        SourceRefused: It is another kind of table, or lacks a column that every bill has.
    """
    for columns, sentence in OTHER_KINDS:
        if all(find(schema, column) for column in columns):
            raise SourceRefused(f"{path} {sentence}.")
    if not _missing(schema, focus.FIELDS):
        return "focus"
    if not _missing(schema, gcp_export.FIELDS):
        return "detailed" if find_first(schema, RESOURCE_COLUMNS) else "standard"
    raise SourceRefused(_what_is_missing(path, schema))


def _missing(schema: Schema, fields: tuple[Field, ...]) -> list[str]:
    return [field.paths[0] for field in fields if field.is_required and not find_first(schema, field.paths)]


def _what_is_missing(path: Path | str, schema: Schema) -> str:
    """Name the missing columns of the form that it comes nearest to."""
    forms = (("a Google Cloud usage cost export", gcp_export.FIELDS), ("a FOCUS file", focus.FIELDS))
    for form, fields in forms:
        missing = _missing(schema, fields)
        if len(missing) < sum(field.is_required for field in fields) - 1:
            return f"{path} looks like {form} but lacks the column {' and '.join(missing)}; export it with all columns."
    wanted = "; or ".join(
        ", ".join(field.paths[0] for field in fields if field.is_required) + f" ({form})" for form, fields in forms
    )
    return f"{path} is not a bill that can be read: it has none of the columns looked for, {wanted}."
