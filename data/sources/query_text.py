"""Query texts without what they were asked with: literals and comments go before anything is kept."""

from __future__ import annotations

import hashlib
import re
from typing import Final

LONGEST_TEXT: Final = 120
LONGEST_NAME: Final = 60
_NAME: Final = re.compile(r"[A-Za-z_][\w\-:/ ]*")
_SQL_WORDS: Final = re.compile(
    r"^\s*(?:\(|with|select|insert|update|delete|merge|replace|call|exec|copy|create|alter|drop|truncate|begin|commit|"
    r"rollback|start|set|show|explain|vacuum|analyze|grant|revoke|lock|prepare|execute|declare|fetch|close|table|"
    r"values|do|savepoint|release|listen|notify|refresh|reindex|discard|reset|comment)\b",
    re.IGNORECASE,
)
_READS: Final = re.compile(r"^\s*(?:\(|select|with|table|values|show)\b|^\s*\(", re.IGNORECASE)
_WRITES: Final = re.compile(r"\b(?:insert|update|delete|merge|truncate|copy)\b|\bselect\b.*\binto\b", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"""
    (?P<comment> /\*.*?(?:\*/|\Z) | --[^\n]* )
    | (?P<literal>
        \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)
        | \b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
        | (?:\b[bBxXnN]|\b[uU]&)?'(?:[^'\\]|'')*(?:'|\\.*\Z|\Z)  # a backslash may escape: then nothing after is kept
    )
    | (?P<before> (?:[=<>(,]|\b(?:like|by|password))\s* )?
        (?P<quoted> "(?:[^"\\]|"")*(?:"|\\.*\Z|\Z) ) (?P<dot> \s*\. )?
    """,
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
"""One pass from the left, so that no comment is seen in a literal and no literal in a comment."""
_IDENTIFIER: Final = re.compile(r'"[A-Za-z_][\w$]*"')
_PARAMETER: Final = re.compile(r"\$\d+|:\w+|%s")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?(?:0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)")
_LIST: Final = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")


def is_sql(text: str) -> bool:
    """Whether a text is a statement, rather than a name that somebody gave to a query.

    >>> is_sql("SELECT 1"), is_sql("user_by_email")
    (True, False)
    """
    return _SQL_WORDS.match(text) is not None or _NAME.fullmatch(text.strip()) is None


def normalised(text: str) -> str:
    r"""A statement in one line with ``?`` for every literal and parameter; a literal that does not end takes the rest.

    >>> normalised("SELECT * FROM users -- by 'x'\n WHERE email = 'a@b.de' AND id IN (1, 2, 3)")
    'SELECT * FROM users WHERE email = ? AND id IN (?)'
    """
    text = _TOKEN.sub(_kept, text)
    text = _NUMBER.sub("?", _PARAMETER.sub("?", text))
    return _LIST.sub("(?)", " ".join(text.split()))


def _kept(token: re.Match[str]) -> str:
    """What stays of a token: nothing of a comment, ``?`` of a literal, a quoted identifier as it is.

    MySQL writes strings in double quotes too: after an operator and before no dot they count as such.
    """
    if token["comment"] is not None:
        return " "
    if token["literal"] is not None:
        return "?"
    before, quoted, dot = token["before"] or "", token["quoted"], token["dot"] or ""
    is_identifier = _IDENTIFIER.fullmatch(quoted) is not None and (not before or bool(dot))
    return f"{before}{quoted if is_identifier else '?'}{dot}"


def shown(text: str) -> str:
    """What is kept of a query for people: its name, or its normalised text, cut to a length that a line holds."""
    whole = normalised(text) if is_sql(text) else " ".join(text.split())
    return whole if len(whole) <= LONGEST_TEXT else whole[: LONGEST_TEXT - 1] + "…"


def query_id(text: str, number: str = "") -> str:
    """A key-safe id that stays the same: the given queryid, else the name in key letters, else a hash of the text.

    >>> query_id("user by e-mail"), query_id("SELECT 1", "-42"), query_id("SELECT 1") == query_id("select  2")
    ('user_by_e-mail', 'q-42', True)
    """
    if number:
        return f"q{number}"
    if not is_sql(text):
        return re.sub(r"[^A-Za-z0-9_\-]+", "_", text.strip())[:LONGEST_NAME].strip("_") or "q"
    return "q" + hashlib.sha256(normalised(text).casefold().encode()).hexdigest()[:8]


def is_write(text: str) -> bool | None:
    """Whether a statement changes data or locks rows, so that no cache can answer it; None for a mere name.

    >>> is_write("SELECT a FROM t"), is_write("SELECT a FROM t FOR UPDATE"), is_write("orders")
    (False, True, None)
    """
    if not is_sql(text):
        return None
    plain = normalised(text)
    return _READS.match(plain) is None or _WRITES.search(plain) is not None
