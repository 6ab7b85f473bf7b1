"""Slack: Block Kit by an incoming webhook, through the official SDK and its own validation."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from delivery.channel import TIMEOUT_S, Answer, DeliveryRefused, checked_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from delivery.channel import Message

MOST_BLOCKS: Final = 50


class SlackChannel:
    """An incoming webhook of Slack."""

    def __init__(self, address: str) -> None:
        self.name = "Slack"
        self._address = checked_address(address, "Slack")

    def check(self, message: Message) -> None:
        """Raise DeliveryRefused for blocks that Slack would not take."""
        problem = block_problem(message.blocks)
        if problem:
            raise DeliveryRefused(f"Slack would not take this message: {problem}.")

    def post(self, message: Message) -> Answer:
        """Post it once; raises OSError where no answer came."""
        from slack_sdk.webhook import WebhookClient  # noqa: PLC0415 - only who sends pays for it

        client = WebhookClient(self._address, timeout=TIMEOUT_S, retry_handlers=[])
        answer = client.send(text=message.text, blocks=[dict(block) for block in message.blocks])
        wait = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after")
        return Answer(answer.status_code, float(wait) if wait and str(wait).isdigit() else None)


def block_problem(blocks: Sequence[Mapping[str, Any]]) -> str:
    """What Slack would refuse, '' where nothing is.

    The SDK's validation, and what it lets through: unknown fields and blocks, more than 50 blocks, a header that is
    not plain text, an action_id that stands twice.
    """
    from slack_sdk.errors import SlackObjectFormationError  # noqa: PLC0415 - as above
    from slack_sdk.models.blocks import Block  # noqa: PLC0415 - as above

    if not 1 <= len(blocks) <= MOST_BLOCKS:
        return f"{len(blocks)} blocks, where 1 to {MOST_BLOCKS} are taken"
    raw = [dict(block) for block in blocks]
    for number, (block, parsed) in enumerate(zip(raw, Block.parse_all(deepcopy(raw)), strict=True), 1):
        if parsed is None:
            return f"block {number} is of an unknown type"
        try:
            parsed.validate_json()
        except SlackObjectFormationError as error:
            return f"block {number}: {error}"
        unknown = set(block) - set(parsed.to_dict())
        if unknown:
            return f"block {number} has unknown fields: {', '.join(sorted(unknown))}"
        if block["type"] == "header" and block["text"].get("type") != "plain_text":
            return f"block {number}: a header is plain text"
    elements = [element for block in raw for element in block.get("elements", ())]
    actions = [element["action_id"] for element in elements if "action_id" in element]
    return "an action_id stands twice" if len(actions) != len(set(actions)) else ""
