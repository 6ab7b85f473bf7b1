"""Which channels there are, by secrets alone: environment variables or Streamlit's secrets, never a file of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from delivery.slack import SlackChannel
from delivery.webhook import WebhookChannel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from delivery.channel import Channel

SLACK_ADDRESS: Final = "CLOUDLEVER_SLACK_WEBHOOK_URL"
WEBHOOK_ADDRESS: Final = "CLOUDLEVER_WEBHOOK_URL"
WEBHOOK_TOKEN: Final = "CLOUDLEVER_WEBHOOK_TOKEN"  # noqa: S105 - the name of a variable
NAMES: Final = (SLACK_ADDRESS, WEBHOOK_ADDRESS, WEBHOOK_TOKEN)


def channels(secrets: Mapping[str, str]) -> list[Channel]:
    """The channels whose secrets are given; raises DeliveryRefused for an address that cannot be used."""
    found: list[Channel] = []
    if secrets.get(SLACK_ADDRESS):
        found.append(SlackChannel(secrets[SLACK_ADDRESS]))
    if secrets.get(WEBHOOK_ADDRESS):
        found.append(WebhookChannel(secrets[WEBHOOK_ADDRESS], secrets.get(WEBHOOK_TOKEN, "")))
    return found
