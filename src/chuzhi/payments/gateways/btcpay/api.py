"""Calls to BTCPay's Greenfield API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from chuzhi.payments.gateways.btcpay.account import Account
from chuzhi.payments.gateways.calling import Answer, Caller
from chuzhi.payments.gateways.contract import NotSentError, OutcomeUnknownError, ProviderRefusedError

PAGE = 100

Object = dict[str, Any]


class Api:
    """Every path is within our store."""

    def __init__(self, account: Account) -> None:
        self._caller = Caller(account.address)
        self._store = f"/api/v1/stores/{account.store}"
        self._headers = {"Authorization": f"token {account.api_key}", "Content-Type": "application/json"}

    def disconnect(self) -> None:
        self._caller.close()

    def one(self, path: str) -> Object | None:
        """None: there is no such thing."""
        answer = self._caller.call("GET", f"{self._store}/{path}", headers=self._headers)
        if answer.status == 404:
            return None
        found: Object = _said(answer)
        return found

    def listed(self, path: str, **query: object) -> list[Object]:
        target = f"{self._store}/{path}?{urlencode(query)}"
        found: list[Object] = _said(self._caller.call("GET", target, headers=self._headers))
        return found

    def each(self, path: str, **query: object) -> Iterator[Object]:
        """Everything on a list that comes in pages."""
        skip = 0
        while page := self.listed(path, **query, skip=skip, take=PAGE):
            yield from page
            skip += len(page)

    def payouts(self, pull_payment: str) -> list[Object]:
        """Open to everybody who knows the pull payment, and so not within the store."""
        target = f"/api/v1/pull-payments/{pull_payment}/payouts?includeCancelled=true"
        found: list[Object] = _said(self._caller.call("GET", target, headers=self._headers))
        return found

    def post(self, path: str, facts: Mapping[str, object]) -> Object:
        body = json.dumps(facts).encode()
        made: Object = _said(self._caller.call("POST", f"{self._store}/{path}", headers=self._headers, body=body))
        return made


def _said(answer: Answer) -> Any:
    try:
        said = json.loads(answer.body) if answer.body else {}
    except ValueError as fault:
        raise OutcomeUnknownError(f"BTCPay answered {answer.status} with something else than JSON.") from fault
    if answer.status < 300:
        return said
    if answer.status == 429:
        raise NotSentError("BTCPay is asked too often.")
    if answer.status >= 500:
        raise OutcomeUnknownError(f"BTCPay answered {answer.status}.")
    problem = said[0] if isinstance(said, list) and said else said
    facts = problem if isinstance(problem, dict) else {}
    raise ProviderRefusedError(str(facts.get("code") or facts.get("path") or "refused"), str(facts.get("message") or ""))
