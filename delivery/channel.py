"""A channel that messages go out on, what can go wrong, and how often it is tried again."""

from __future__ import annotations

import http.client
import time
import urllib.error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ATTEMPTS: Final = 4
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
TIMEOUT_S: Final = 10
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


class DeliveryRefused(Exception):  # noqa: N818 - a wish that cannot be met
    """A message or a channel cannot be used; the message is one sentence and never holds an address."""


class DeliveryFailed(Exception):  # noqa: N818 - told to people as a sentence
    """Nothing was delivered; a later run tries again."""


class DeliveryUnknown(Exception):  # noqa: N818 - told to people as a sentence
    """The message may have arrived and the answer was lost; it is not sent again."""


@dataclass(frozen=True)
class Message:
    """What is sent: plain text for previews, blocks for Slack, a document for machines, and a key of its own."""

    key: str
    text: str
    blocks: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the other side said: HTTP status and, where it asked for one, the wait in seconds."""

    status: int
    retry_after_s: float | None = None


class Channel(Protocol):
    """Something that posts a message once."""

    name: str

    def check(self, message: Message) -> None:
        """Raise DeliveryRefused for a message that the other side would not take."""

    def post(self, message: Message) -> Answer:
        """Post it once; raises OSError where no answer came."""


def deliver(channel: Channel, message: Message, sleep: Callable[[float], None] = time.sleep) -> int:
    """Send a message; returns the number of attempts that it took.

    Tried again, with doubled waits or as long as the other side asks: no connection, 429, and 5xx, which say that it
    was not taken. Not tried again: other refusals, and a connection that broke after the message went out.
    Raises DeliveryRefused, DeliveryFailed, DeliveryUnknown.
    """
    channel.check(message)
    wait, said = FIRST_WAIT_S, ""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = channel.post(message)
        except OSError as error:
            if not _never_left(error):
                raise DeliveryUnknown(
                    f"{channel.name} gave no answer ({_kind(error)}): the message may have arrived, so it is not sent "
                    "again."
                ) from error
            answer, said = None, f"no connection ({_kind(error)})"
        except http.client.HTTPException as error:
            raise DeliveryUnknown(
                f"{channel.name} broke off its answer: the message may have arrived, so it is not sent again."
            ) from error
        if answer is not None:
            if 200 <= answer.status < 300:
                return attempt
            said = f"HTTP {answer.status}"
            if answer.status != 429 and answer.status < 500:
                break
        if attempt < ATTEMPTS:
            asked = answer.retry_after_s if answer else None
            sleep(min(LONGEST_WAIT_S, asked if asked is not None else wait))
            wait *= 2
    raise DeliveryFailed(f"{channel.name} did not take the message ({said}): check the address in the secrets.")


def checked_address(address: str, name: str) -> str:
    """An address to post to; https, or http on this machine. Raises DeliveryRefused, which does not repeat it."""
    parts = urlsplit(address.strip())
    is_local = parts.hostname in LOCAL_HOSTS
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise DeliveryRefused(f"The address of {name} must begin with https:// (it is a secret, so it is not shown).")
    return address.strip()


def _never_left(error: OSError) -> bool:
    """Whether the connection was never made: then nothing can have arrived."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return isinstance(cause, ConnectionRefusedError) or type(cause).__name__ == "gaierror"


def _kind(error: OSError) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return type(cause).__name__ if isinstance(cause, BaseException) else "refused"
