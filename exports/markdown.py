"""Text in Markdown: data that cannot start markup."""

from __future__ import annotations

from exports.shell import shown


def cell(text: str, length: int = 300) -> str:
    r"""Text as one cell of a Markdown table, where it cannot start markup.

    >>> cell("a|b `c` <i>")
    'a\\|b \\`c\\` \\<i\\>'
    """
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!~&" else c for c in shown(text, length))
