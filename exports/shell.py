"""Text for shell scripts: quoting of data and of what is shown."""

from __future__ import annotations

import shlex
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def quoted(words: Iterable[str]) -> str:
    r"""Words as one shell command line; every word is data, whatever it holds.

    >>> quoted(["say", "it's $(here)"])
    'say \'it\'"\'"\'s $(here)\''
    """
    return " ".join(shlex.quote(word) for word in words)


def shown(text: str, length: int = 300) -> str:
    r"""Text for people: control characters become spaces and very long text is cut, with the cut marked.

    >>> shown("a\nb\x1b[31m")
    'a b [31m'
    """
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text[:length])
    return clean if len(text) <= length else f"{clean}… ({len(text)} characters)"
