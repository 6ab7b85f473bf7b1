"""A plan's attributes laid into the body of a whole resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.hcl import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.terraform_rules import Item


def merged(body: Sequence[Item], patch: Sequence[Item]) -> list[Item]:
    """A body with the attributes and blocks of a patch; maps keep their other entries."""
    found = list(body)
    for item in patch:
        at = _place_of(found, item)
        if at is None:
            found.insert(0 if not isinstance(item, Block) else len(found), item)
        elif isinstance(item, Block):
            old = found[at]
            found[at] = Block(item.head, tuple(merged(old.body, item.body))) if isinstance(old, Block) else item
        else:
            old_value, value = found[at][1], item[1]  # type: ignore[index]
            if isinstance(old_value, dict) and isinstance(value, dict):
                value = {**old_value, **value}
            found[at] = (item[0], value)
    return found


def minimum_where_it_is(given: Sequence[Item], body: Sequence[Item]) -> tuple[Item, ...]:
    """A minimum that the service sets, not its revisions, is changed there."""
    outer = _first(body, "scaling")
    template = _first(given, "template")
    inner = _first(template.body, "scaling") if template else None
    minimum = next((item for item in inner.body if item[0] == "min_instance_count"), None) if inner else None  # type: ignore[index]
    if not (outer and template and inner and minimum and _has(outer, "min_instance_count")):
        return tuple(given)
    live = _first(_template_of(body), "scaling")
    if live and _has(live, "min_instance_count"):
        return (*given, Block(("scaling",), (minimum,)))
    rest = tuple(item for item in inner.body if item != minimum)
    scaling = (Block(("scaling",), rest),) if rest else ()
    others = tuple(item for item in template.body if item != inner)
    return (Block(("template",), (*others, *scaling)), Block(("scaling",), (minimum,)))


def _template_of(body: Sequence[Item]) -> Sequence[Item]:
    template = _first(body, "template")
    return template.body if template else ()


def _first(body: Sequence[Item], name: str) -> Block | None:
    return next((item for item in body if isinstance(item, Block) and item.head == (name,)), None)


def _has(block: Block, name: str) -> bool:
    return any(not isinstance(item, Block) and item[0] == name for item in block.body)


def _place_of(body: Sequence[Item], item: Item) -> int | None:
    """Where a body has an attribute or block; of several containers, the one with a port."""
    if not isinstance(item, Block):
        return next((i for i, each in enumerate(body) if not isinstance(each, Block) and each[0] == item[0]), None)
    places = [i for i, each in enumerate(body) if isinstance(each, Block) and each.head == item.head]
    if item.head == ("containers",):
        with_port = [i for i in places if _first(body[i].body, "ports")]  # type: ignore[union-attr]
        places = with_port or places
    return places[0] if places else None
