"""Idempotency-Key as Stripe keeps it: the first answer again for a day, and a refusal for another body."""

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import parse_qsl

from chuzhi.simulators.stage import Request, Response
from chuzhi.simulators.stripe.problems import Problem

KEPT_SECONDS = 24 * 3600
WORTH_KEEPING = {200, 402, 500}
"""What was refused before anything was begun may be asked again under the same key."""


class Remembered:
    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._answers: dict[str, tuple[str, int, Response]] = {}

    def answer(self, request: Request, do: Callable[[], Response]) -> Response:
        key = request.headers.get("idempotency-key", "")
        if request.method != "POST" or not key:
            return do()
        if len(key) > 255:
            raise Problem(400, "invalid_request_error", "Idempotency-Key is too long.")
        mark = _mark(request)
        known = self._answers.get(key)
        if known and self._now() - known[1] < KEPT_SECONDS:
            if known[0] != mark:
                raise Problem(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                )
            first = known[2]
            return Response(first.body, first.status, {**first.headers, "Idempotent-Replayed": "true"})
        try:
            answer = do()
        except Problem as no:
            answer = no.response()
        if answer.status in WORTH_KEEPING:
            self._answers[key] = (mark, self._now(), answer)
        return answer


def _mark(request: Request) -> str:
    """The same facts in another order are the same request."""
    facts = sorted(parse_qsl(request.body.decode(), keep_blank_values=True))
    return sha256(repr((request.path, facts)).encode()).hexdigest()
