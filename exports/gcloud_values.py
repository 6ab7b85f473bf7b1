"""Parameter values as gcloud flags write them; every function raises ValueError for a value that no flag can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.parameter import Value


def whole(value: Value) -> str:
    """A whole number, negative too (-1 attempts: unlimited).

    >>> whole(20.0)
    '20'
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    return str(int(value))


def decimal(value: Value) -> str:
    """A number without a trailing zero part.

    >>> decimal(500.0), decimal(0.5)
    ('500', '0.5')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")  # noqa: TRY004 (the value is wrong, whatever its type)
    return whole(value) if value == int(value) else repr(float(value))


def cpu(vcpu: Value) -> str:
    """Cloud Run CPU: whole vCPUs, else millicores.

    >>> cpu(2), cpu(0.5)
    ('2', '500m')
    """
    if isinstance(vcpu, bool) or not isinstance(vcpu, int | float) or vcpu <= 0:
        raise ValueError(f"{vcpu!r} is not a number of vCPUs")
    return whole(vcpu) if vcpu == int(vcpu) else f"{round(vcpu * 1000)}m"


def memory(gib: Value) -> str:
    """Memory as a quantity: whole GiB as Gi, else MiB as Mi; parts of a MiB are no setting, since they would be lost.

    >>> memory(2), memory(0.5), memory(3.75)
    ('2Gi', '512Mi', '3840Mi')
    """
    text = nearest_memory(gib)
    if isinstance(gib, int | float) and gib * 1024 != round(gib * 1024):
        raise ValueError(f"{gib!r} GiB is not a whole number of MiB (the nearest is {round(gib * 1024) / 1024!r})")
    return text


def nearest_memory(gib: Value) -> str:
    """Memory as it is compared with what is live, which may hold parts of a MiB.

    >>> nearest_memory(0.4656612873077393)
    '477Mi'
    """
    if isinstance(gib, bool) or not isinstance(gib, int | float) or gib <= 0:
        raise ValueError(f"{gib!r} is not a number of GiB")
    return f"{int(gib)}Gi" if gib == int(gib) else f"{round(gib * 1024)}Mi"


def one_of(value: Value, *choices: str) -> str:
    """A choice, as it is."""
    if value not in choices:
        raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
    return str(value)


def boolean(value: Value) -> str:
    """A boolean, in lower case."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004 (as above)
    return "true" if value else "false"
