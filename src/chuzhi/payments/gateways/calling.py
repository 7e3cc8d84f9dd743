"""One HTTP call to a provider, and what its failure means for the money."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from chuzhi.payments.gateways.contract import NotSentError, OutcomeUnknownError

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 10.0
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Caller:
    """Keeps connections to one provider open. Follows no redirects: a signed answer comes from where it was asked."""

    def __init__(self, address: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        timeout = httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
        self._client = httpx.Client(base_url=address, timeout=timeout, trust_env=False)
        weakref.finalize(self, self._client.close)  # an account that was configured anew leaves no connection behind

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Any status is an answer. Raises NotSentError or OutcomeUnknownError."""
        try:
            answer = self._client.request(method, path, headers=dict(headers or {}), content=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as fault:
            raise NotSentError(str(fault)) from fault
        except httpx.TransportError as fault:
            raise OutcomeUnknownError(str(fault) or type(fault).__name__) from fault
        if len(answer.content) > MOST_BYTES:
            raise OutcomeUnknownError("The answer is too long.")
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)

    def close(self) -> None:
        self._client.close()
