"""Statements written anew from what was parsed, so that nothing but one query ever reaches a database's prompt."""

from __future__ import annotations

import re
from typing import Any, Final

_PARAMETER: Final = re.compile(r"\?")


class StatementRefusedError(ValueError):
    """A text that is not one query that reads, with a sentence."""


def one_query(text: str) -> Any:
    """The parsed query; parameters are ``$1``, ``$2`` … (``?`` are numbered). Raises StatementRefusedError."""
    import sqlglot  # noqa: PLC0415 (slow to import, and only needed here)
    from sqlglot import expressions as e  # noqa: PLC0415

    count = 0

    def numbered(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    if "$" not in text:
        text = _PARAMETER.sub(numbered, text)
    try:
        found = [statement for statement in sqlglot.parse(text, dialect="postgres") if statement is not None]
    except sqlglot.errors.SqlglotError as error:
        raise StatementRefusedError("cannot be read as SQL") from error
    if len(found) != 1:
        raise StatementRefusedError("is not one statement")
    if not isinstance(found[0], e.Query) or any(found[0].find_all(e.Insert, e.Update, e.Delete, e.Into, e.Command)):
        raise StatementRefusedError("does more than read")
    return found[0]


def parameter_count(query: Any) -> int:
    """The highest number of a parameter; 0 without any."""
    from sqlglot import expressions as e  # noqa: PLC0415

    numbers = [int(parameter.name) for parameter in query.find_all(e.Parameter) if parameter.name.isdigit()]
    return max(numbers, default=0)


def postgresql(query: Any) -> str:
    """The query in one line of PostgreSQL."""
    return str(query.sql(dialect="postgres", comments=False))


def mysql(query: Any, prefix: str) -> str:
    """The query in one line of MySQL; parameter n is the variable ``@prefix_n``."""
    from sqlglot import expressions as e  # noqa: PLC0415

    def named(node: Any) -> Any:
        return e.Parameter(this=e.Var(this=f"{prefix}_{node.name}")) if isinstance(node, e.Parameter) else node

    return str(query.transform(named).sql(dialect="mysql", comments=False))


def comment(text: str) -> str:
    """Text for one line of comment: control characters and line ends become spaces."""
    return "".join(" " if ord(c) < 32 or c in "\x7f\x85\u2028\u2029" else c for c in text)[:300]
