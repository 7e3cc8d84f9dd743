"""What the provider sends us by itself: verified, fresh, never heard before, decrypted, and put into the contract's words."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime

from chuzhi.payments.gateways.contract import Content, ForgedError, Notice
from chuzhi.payments.gateways.wechat import facts, refunds, signing, transactions
from chuzhi.payments.gateways.wechat.facts import Facts
from chuzhi.payments.gateways.wechat.trust import Trust


class Nonces:
    """Those of the last minutes. The provider signs each try with a new one, so a second use is somebody else's copy.

    Each process remembers what it heard itself; what another one heard is known there by the event, which is one event for ever.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._order: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def use(self, nonce: str) -> None:
        """Raises ForgedError when it has been used. Older ones may be forgotten: their timestamps are refused."""
        moment = time.monotonic()
        with self._lock:
            while self._order and moment - self._order[0][0] > 2 * signing.FRESH_SECONDS:
                self._seen.discard(self._order.popleft()[1])
            if nonce in self._seen:
                raise ForgedError("a message that was sent before")
            self._seen.add(nonce)
            self._order.append((moment, nonce))


class Reader:
    """Reads notices for one merchant. Keys are parsed once, so a notice costs one verification and one decryption.

    Fetching a new certificate may raise NotSentError or OutcomeUnknownError: the provider hears nothing good, and sends again.
    """

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._nonces = Nonces()

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        stamp = self._trust.check(headers, body, now=now)
        self._nonces.use(f"{stamp.serial} {stamp.nonce}")
        try:
            envelope = facts.parse(body)
            resource = facts.parse(self._trust.open(facts.part(envelope, "resource")))
        except ValueError as fault:
            raise ForgedError("not a notice") from fault
        kind = facts.text(envelope, "event_type")
        return Notice(event=facts.text(envelope, "id"), kind=kind, content=_content(kind, resource))


def _content(kind: str, resource: Facts) -> Content | None:
    match kind.partition(".")[0]:
        case "TRANSACTION" if facts.text(resource, "trade_state"):
            return transactions.told(resource)
        case "REFUND" if facts.text(resource, "refund_status"):
            return refunds.told(resource, merchant=facts.text(resource, "mchid"))
        case _:
            return None
