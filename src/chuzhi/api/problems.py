"""Every no of the API, as `application/problem+json` (RFC 9457) with our stable `code` and, where there are any, the facts."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from chuzhi.api import fields
from chuzhi.api.answers import REPLAYED
from chuzhi.api.auth import ScopeMissing
from chuzhi.api.idempotency import KeyMissing, KeyUnusable
from chuzhi.api.pages import CursorUnusable
from chuzhi.core.errors import NotFound, Refused
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.organization.errors import NotAllowed
from chuzhi.wallets.errors import NotYourStore, OfEveryStore
from chuzhi.wallets.vouchers.errors import TooManyTries

log = logging.getLogger("chuzhi.api")

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

_STATUS: dict[type[Refused], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotYourStore: HTTPStatus.FORBIDDEN,
    OfEveryStore: HTTPStatus.FORBIDDEN,
    ScopeMissing: HTTPStatus.FORBIDDEN,
    KeyMissing: HTTPStatus.BAD_REQUEST,
    KeyUnusable: HTTPStatus.BAD_REQUEST,
    CursorUnusable: HTTPStatus.BAD_REQUEST,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
}

_UNREADABLE = _("This cannot be read as what it should be.")
# What pydantic finds, in a sentence of ours; its own sentences are English only.
_FINDINGS: dict[str, Promise] = {
    "missing": _("This is required."),
    "literal_error": _("This is not one of the values that are possible here."),
    "extra_forbidden": _("There is no such field."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "string_type": _("This must be text."),
    "bool_type": _("This must be true or false."),
    "list_type": _("This must be a list."),
    "string_too_short": _("This is too short."),
    "string_too_long": _("This is too long."),
    "too_short": _("There are too few."),
    "too_long": _("There are too many."),
    "greater_than": _("This is too small."),
    "greater_than_equal": _("This is too small."),
    "less_than": _("This is too large."),
    "less_than_equal": _("This is too large."),
    **fields.FINDINGS,
}


class Finding(Schema):
    pointer: str = Field(description="Where, as a JSON pointer into the request", examples=["#/amount"])
    code: str = Field(examples=["missing"])
    detail: str


class Problem(Schema):
    """RFC 9457, with a stable `code` for programs to act on."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(description="For people, in the language of Accept-Language")
    instance: str = Field(examples=["/api/v1/charges"])
    code: str = Field(examples=["wallet.not_enough"])
    facts: dict[str, Any] | None = Field(None, description="What the refusal knows, for programs")
    errors: list[Finding] | None = Field(None, description="What is wrong with the request itself")


def problem(
    request: HttpRequest,
    status: HTTPStatus,
    *,
    code: str,
    detail: str | Promise | Refused,
    facts: Mapping[str, object] | None = None,
    errors: list[dict[str, str | Promise]] | None = None,
) -> HttpResponse:
    language = translation.get_language_from_request(request)
    with translation.override(language):
        body = _body(request, status, code=code, detail=detail, facts=facts, errors=errors)
        # A request may name its own fields in letters that UTF-8 does not have; they come back as question marks.
        text = json.dumps(body, default=str, ensure_ascii=False).encode(errors="replace")
    answer = HttpResponse(text, status=status, content_type=CONTENT_TYPE)
    answer["Content-Language"] = language
    return answer


def _body(
    request: HttpRequest,
    status: HTTPStatus,
    *,
    code: str,
    detail: str | Promise | Refused,
    facts: Mapping[str, object] | None = None,
    errors: list[dict[str, str | Promise]] | None = None,
) -> dict[str, object]:
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": str(detail),
        "instance": request.path,
        "code": code,
    }
    if facts:
        body["facts"] = dict(facts)
    if errors:
        body["errors"] = errors
    return body


def status_of(no: Refused) -> HTTPStatus:
    """The business declining: 422, unless it is about who asks or what exists."""
    return next((status for kind, status in _STATUS.items() if isinstance(no, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)


def refused(request: HttpRequest, no: Refused) -> HttpResponse:
    answer = problem(request, status_of(no), code=no.code, detail=no, facts=no.facts)
    if no.is_replayed:
        answer[REPLAYED] = "true"
    return answer


def body_of(request: HttpRequest, no: Refused) -> dict[str, object]:
    """A refusal as a part of a larger answer."""
    with translation.override(translation.get_language_from_request(request)):
        body = _body(request, status_of(no), code=no.code, detail=no, facts=no.facts)
        return {name: value if isinstance(value, int | dict) else str(value) for name, value in body.items()}


def invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    errors: list[dict[str, str | Promise]] = [
        {
            "pointer": _pointer(finding["loc"]),
            "code": finding["type"],
            "detail": _FINDINGS.get(finding["type"], _UNREADABLE),
        }
        for finding in fault.errors
    ]
    return problem(
        request,
        HTTPStatus.BAD_REQUEST,
        code="request.invalid",
        detail=_("The request is not what this address expects."),
        errors=errors,
    )


def unknown_query(request: HttpRequest, names: Sequence[str]) -> HttpResponse:
    errors: list[dict[str, str | Promise]] = [
        {"pointer": f"query:{name}", "code": "extra_forbidden", "detail": _FINDINGS["extra_forbidden"]} for name in names
    ]
    return problem(
        request,
        HTTPStatus.BAD_REQUEST,
        code="request.invalid",
        detail=_("The request is not what this address expects."),
        errors=errors,
    )


def malformed(request: HttpRequest, _fault: object = None) -> HttpResponse:
    return problem(
        request,
        HTTPStatus.BAD_REQUEST,
        code="request.malformed",
        detail=_("The request cannot be read: it must be JSON in UTF-8."),
    )


def host_unknown(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        HTTPStatus.BAD_REQUEST,
        code="request.host",
        detail=_("This server does not answer to the name it was asked by."),
    )


def unauthenticated(request: HttpRequest, _fault: AuthenticationError) -> HttpResponse:
    """One answer for no key, an unknown one, an expired and a revoked one."""
    answer = problem(request, HTTPStatus.UNAUTHORIZED, code="key.invalid", detail=_("A valid API key is needed."))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def forbidden(request: HttpRequest, _fault: PermissionDenied) -> HttpResponse:
    return problem(request, HTTPStatus.FORBIDDEN, code="permission.missing", detail=_("This key may not do this."))


def not_found(request: HttpRequest, _fault: object = None) -> HttpResponse:
    return problem(request, HTTPStatus.NOT_FOUND, code="request.not_found", detail=_("There is nothing here."))


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    answer = problem(
        request, HTTPStatus.METHOD_NOT_ALLOWED, code="request.method", detail=_("This address does not answer to this method.")
    )
    answer["Allow"] = allowed
    return answer


def throttled(request: HttpRequest, fault: Throttled) -> HttpResponse:
    answer = problem(
        request, HTTPStatus.TOO_MANY_REQUESTS, code="request.throttled", detail=_("Too many requests. Wait and try again.")
    )
    answer["Retry-After"] = str(fault.wait or RETRY_AFTER_SECONDS)
    return answer


def busy(request: HttpRequest, fault: OperationalError | LedgerUnavailable) -> HttpResponse:
    """The database cannot be reached or is overloaded. Nothing is known of the request: sent again with its key, it is safe."""
    log.warning("busy: %s", fault, extra={"path": request.path})
    answer = problem(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        code="server.busy",
        detail=_("The server is busy. Send the same request again."),
    )
    answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def other(request: HttpRequest, fault: HttpError) -> HttpResponse:
    if fault.status_code == HTTPStatus.BAD_REQUEST:
        return malformed(request)
    status = HTTPStatus(fault.status_code)
    return problem(request, status, code="request.refused", detail=status.phrase)


def failed(request: HttpRequest, fault: Exception) -> HttpResponse:
    """A bug of ours: logged in full, and told without details."""
    log.error("unexpected fault", exc_info=fault, extra={"path": request.path})
    return problem(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, code="server.fault", detail=_("Something went wrong on our side.")
    )


def speak(api: NinjaAPI) -> None:
    """Have the API answer every exception with a problem."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: refused,
        ValidationError: invalid,
        AuthenticationError: unauthenticated,
        Throttled: throttled,
        HttpError: other,
        PermissionDenied: forbidden,
        SuspiciousOperation: malformed,
        Http404: not_found,
        OperationalError: busy,
        LedgerUnavailable: busy,
        Exception: failed,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def in_problems(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """The one no that the framework says by itself, in our form."""
    return not_allowed(request, response["Allow"]) if isinstance(response, HttpResponseNotAllowed) else response


def _pointer(location: tuple[str | int, ...]) -> str:
    """`("body", "body", "lines", 0, "amount")` as `#/lines/0/amount`; other parts of a request keep their name."""
    where, *steps = location
    if where == "body":
        return "#/" + "/".join(str(step) for step in steps[1:])
    return f"{where}:" + "/".join(str(step) for step in steps)
