"""HCL as ``terraform fmt`` would leave it: quoted text that interpolates nothing, aligned attributes, nested blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Raw:
    """An expression that is written as it is: a reference such as ``var.email``."""

    text: str


@dataclass(frozen=True)
class Block:
    """A block: its head (``resource "type" "name"`` as words), then attributes and nested blocks in order."""

    head: tuple[str, ...]
    body: tuple[tuple[str, object] | Block, ...] = ()


def text(value: str) -> str:
    r"""A quoted string; ``${`` and ``%{`` stand for themselves.

    >>> text('a "b" ${c}')
    '"a \\"b\\" $${c}"'
    """
    escaped = "".join(_ESCAPES.get(c, f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in value)
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


def written(blocks: Sequence[Block]) -> str:
    """Blocks with an empty line between them, a line feed at the end; '' without blocks."""
    return "\n".join(_block(block, 0) for block in blocks)


def _block(block: Block, depth: int) -> str:
    pad = "  " * depth
    kind, *labels = block.head
    head = " ".join([kind, *(text(label) for label in labels)])
    if not block.body:
        return f"{pad}{head} {{}}\n"
    return f"{pad}{head} {{\n{_body(block.body, depth + 1)}{pad}}}\n"


def _body(body: Sequence[tuple[str, object] | Block], depth: int) -> str:
    """Attributes in a row are aligned on their equals signs; one that spans lines starts a row of its own."""
    parts: list[str] = []
    row: list[tuple[str, str]] = []
    for item in body:
        value = "" if isinstance(item, Block) else _value(item[1], depth)
        if not isinstance(item, Block) and "\n" not in value:
            row.append((item[0], value))
            continue
        parts += _row(row, depth)
        row = []
        parts.append(_block(item, depth) if isinstance(item, Block) else f"{'  ' * depth}{item[0]} = {value}\n")
    return "".join([*parts, *_row(row, depth)])


def _row(row: list[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(name) for name, _ in row), default=0)
    return [f"{'  ' * depth}{name:<{width}} = {value}\n" for name, value in row]


def _value(value: object, depth: int) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(item, depth) for item in value) + "]"
    return _map(value, depth)  # type: ignore[arg-type]


def _map(value: Mapping[str, object], depth: int) -> str:
    if not value:
        return "{}"
    width = max(len(_key(key)) for key in value)
    lines = [f"{'  ' * (depth + 1)}{_key(key):<{width}} = {_value(item, depth + 1)}\n" for key, item in value.items()]
    return "{\n" + "".join(lines) + "  " * depth + "}"


def _key(key: str) -> str:
    return key if key.replace("_", "a").isalnum() and not key[0].isdigit() and key.isascii() else text(key)
