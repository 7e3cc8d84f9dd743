"""Calls to Stripe's API: parameters in brackets, one pinned version, and what each failure means for the money."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from chuzhi.payments.gateways.calling import Answer, Caller
from chuzhi.payments.gateways.contract import NotSentError, OutcomeUnknownError, ProviderRefusedError
from chuzhi.payments.gateways.stripe import declines
from chuzhi.payments.gateways.stripe.account import Account

VERSION = "2025-03-31.basil"
PAGE = 100

Object = dict[str, Any]


class StripeRefusedError(ProviderRefusedError):
    """`error` is what Stripe says of it; after a declined card it has the payment intent in it."""

    def __init__(self, error: Object) -> None:
        decline = declines.meaning(error) if error.get("type") == "card_error" else None
        super().__init__(declines.reason(error) or "refused", str(error.get("message") or ""), decline=decline)
        self.error = error

    @property
    def is_missing(self) -> bool:
        return self.reason == "resource_missing"


class Api:
    def __init__(self, account: Account) -> None:
        self._caller = Caller(account.address)
        self._headers = {"Authorization": f"Bearer {account.secret_key}", "Stripe-Version": VERSION}

    def get(self, path: str, **query: object) -> Object:
        target = f"/v1/{path}?{encoded(query)}" if query else f"/v1/{path}"
        return _object(self._caller.call("GET", target, headers=self._headers))

    def post(self, path: str, facts: Mapping[str, object], *, key: str = "") -> Object:
        """`key` makes asking twice harmless: Stripe gives the first answer again, for a day."""
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        if key:
            headers["Idempotency-Key"] = key
        return _object(self._caller.call("POST", f"/v1/{path}", headers=headers, body=encoded(facts).encode()))

    def each(self, path: str, **query: object) -> Iterator[Object]:
        """Everything on a list, the newest first, page by page."""
        page = self.get(path, limit=PAGE, **query)
        while True:
            yield from page["data"]
            if not page.get("has_more") or not page["data"]:
                return
            page = self.get(path, limit=PAGE, **{**query, "starting_after": page["data"][-1]["id"]})

    def disconnect(self) -> None:
        self._caller.close()


def encoded(facts: Mapping[str, object]) -> str:
    return urlencode(list(_pairs(facts)))


def _pairs(facts: Mapping[str, object], within: str = "") -> Iterator[tuple[str, str]]:
    """`{"a": {"b": [1, 2]}}` as `a[b][0]=1&a[b][1]=2`. What is None or empty is not said at all."""
    for name, value in facts.items():
        place = f"{within}[{name}]" if within else name
        if isinstance(value, Mapping):
            yield from _pairs(value, place)
        elif isinstance(value, list | tuple):
            yield from _pairs({str(index): part for index, part in enumerate(value)}, place)
        elif isinstance(value, bool):
            yield place, "true" if value else "false"
        elif value is not None and value != "":
            yield place, str(value)


def _object(answer: Answer) -> Object:
    try:
        said = json.loads(answer.body)
    except ValueError as fault:
        raise OutcomeUnknownError(f"Stripe answered {answer.status} with something else than JSON.") from fault
    if answer.status < 300 and isinstance(said, dict):
        return said
    error = said.get("error") if isinstance(said, dict) else None
    raise _failure(answer.status, error if isinstance(error, dict) else {})


def _failure(status: int, error: Object) -> Exception:
    if status == 429:
        return NotSentError("Stripe is asked too often.")
    if status == 409 or error.get("type") == "idempotency_error":
        return OutcomeUnknownError("Stripe knows this number with another request, or is still at it.")
    if 400 <= status < 500:
        return StripeRefusedError(error)
    return OutcomeUnknownError(f"Stripe answered {status}.")
