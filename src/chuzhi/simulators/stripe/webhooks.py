"""The merchant's address for events, and how each is signed: with every secret that is still good."""

import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

from chuzhi.simulators.stage import Outgoing, Stage
from chuzhi.simulators.stripe.books import Books, Object


def new_secret() -> str:
    return f"whsec_{secrets.token_hex(16)}"


class Webhook:
    """`secrets`: the oldest first; after a roll the one before signs too, until it is dropped."""

    def __init__(self, stage: Stage, kept: list[str]) -> None:
        self.url = ""
        self.secrets = kept
        self._stage = stage
        self._told = 0

    def flush(self, books: Books) -> bool:
        """Send what has happened since. Says whether anything left."""
        with self._stage.lock:
            fresh = list(books.things["event"].values())[self._told :]
            self._told += len(fresh)
        for event in fresh if self.url else []:
            self.send(event)
        return bool(fresh and self.url)

    def send(self, event: Object) -> None:
        body = json.dumps(event, ensure_ascii=False, indent=2).encode()

        def make(forged: bool) -> tuple[Mapping[str, str], bytes]:  # noqa: FBT001 # the stage's own shape
            return {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": self._signed(body, forged=forged),
            }, body

        self._stage.tell(Outgoing(self.url, make, lambda status, _said: 200 <= status < 300))

    def _signed(self, body: bytes, *, forged: bool) -> str:
        moment = str(int(self._stage.now().timestamp()))
        keys = ["whsec_of_somebody_else"] if forged else self.secrets
        marks = [hmac.new(key.encode(), moment.encode() + b"." + body, sha256).hexdigest() for key in keys]
        return ",".join([f"t={moment}", *(f"v1={mark}" for mark in marks)])
