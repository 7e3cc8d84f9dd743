"""How Stripe says no."""

from typing import Any

from chuzhi.simulators.stage import Response


class Problem(Exception):
    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **more}

    def response(self) -> Response:
        return Response.json({"error": self.error}, self.status)


def invalid(message: str, *, code: str = "", param: str = "", status: int = 400) -> Problem:
    more = {name: value for name, value in (("code", code), ("param", param)) if value}
    return Problem(status, "invalid_request_error", message, **more)


def missing(kind: str, name: str) -> Problem:
    return invalid(f"No such {kind}: '{name}'", code="resource_missing", param="id", status=404)
