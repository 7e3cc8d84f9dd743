"""Deliveries: each signed with the store's secret, each attempt after the first a redelivery under a new name."""

import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from chuzhi.simulators.stage import Outgoing, Stage

Make = Callable[[bool], tuple[Mapping[str, str], bytes]]


class Webhook:
    def __init__(self, stage: Stage, secret: str) -> None:
        self.url, self.secret = "", secret
        self.told: list[dict[str, Any]] = []
        self._stage = stage
        self._sent = 0

    def tell(self, kind: str, invoice: Mapping[str, Any], **more: Any) -> None:
        self.told.append(
            {
                "type": kind,
                "timestamp": int(self._stage.now().timestamp()),
                "storeId": invoice["storeId"],
                "invoiceId": invoice["id"],
            }
            | {"metadata": dict(invoice["metadata"]), "webhookId": "webhook1"}
            | json.loads(json.dumps(more))
        )

    def flush(self) -> bool:
        with self._stage.lock:
            fresh = list(enumerate(self.told))[self._sent :]
            self._sent = len(self.told)
        for place, event in fresh if self.url else []:
            self._stage.tell(Outgoing(self.url, self._maker(place, event), lambda status, _said: 200 <= status < 300))
        return bool(fresh and self.url)

    def again(self, kind: str) -> int:
        """Everything of a kind once more, as by hand on the server's page."""
        found = [(place, event) for place, event in enumerate(self.told) if event["type"] == kind]
        for place, event in found:
            self._stage.tell(Outgoing(self.url, self._maker(place, event, tries=1), lambda status, _said: 200 <= status < 300))
        return len(found)

    def _maker(self, place: int, event: Mapping[str, Any], *, tries: int = 0) -> Make:
        count = [tries]

        def make(forged: bool) -> tuple[Mapping[str, str], bytes]:  # noqa: FBT001 # the stage's own shape
            original, number = f"delivery{place}", count[0]
            count[0] += 1
            named = {"deliveryId": f"{original}x{number}" if number else original, "originalDeliveryId": original}
            body = json.dumps(named | {"isRedelivery": number > 0} | dict(event), ensure_ascii=False).encode()
            mark = hmac.new(b"of somebody else" if forged else self.secret.encode(), body, sha256).hexdigest()
            return {"Content-Type": "application/json; charset=utf-8", "BTCPay-Sig": f"sha256={mark}"}, body

        return make
