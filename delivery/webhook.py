"""A generic webhook: the incident as JSON, with a key by which the other side can see that it had it already."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from delivery.channel import TIMEOUT_S, Answer, Message, checked_address


class WebhookChannel:
    """An address that takes JSON by POST; ``token`` goes out as a bearer token where there is one."""

    def __init__(self, address: str, token: str = "") -> None:
        self.name = "Webhook"
        self._address = checked_address(address, "the webhook")
        self._token = token

    def check(self, message: Message) -> None:
        """Everything that JSON can hold is taken."""
        json.dumps(message.document)

    def post(self, message: Message) -> Answer:
        """Post it once; raises OSError where no answer came."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json.dumps(message.document, ensure_ascii=False).encode()
        request = urllib.request.Request(self._address, body, headers, method="POST")  # noqa: S310 - checked address
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked address
                return Answer(answer.status)
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After", "")
            return Answer(error.code, float(wait) if wait.isdigit() else None)
