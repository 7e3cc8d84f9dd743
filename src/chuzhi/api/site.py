"""The whole API: its description, its parser, its addresses. Each context adds a router in a module of its own."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from chuzhi.api import (
    cards,
    charges,
    customers,
    disputes,
    holds,
    operations,
    problems,
    programmes,
    stores,
    topups,
    transfers,
    wallets,
)
from chuzhi.api.auth import KeyAuth

PROBLEMS = {
    "400": "The request is malformed, invalid, or lacks its Idempotency-Key",
    "401": "No valid key",
    "403": "The key lacks the scope",
    "404": "There is nothing here",
    "422": "The business declines: see `code`",
    "429": "Too many requests",
    "503": "Busy: send the same request again after Retry-After",
}


class StrictParser(Parser):
    """JSON without NaN and Infinity, which only Python reads, without a name given twice, and without NUL characters."""

    def parse_body(self, request: HttpRequest) -> Any:
        text = request.body.decode("utf-8")
        parsed = _decoder.decode(text)
        if "\\u0000" in text and _holds_nul(parsed):
            _reject("NUL")
        return parsed


class Api(NinjaAPI):
    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """The description with the refusals that every operation can give."""
        schema = super().get_openapi_schema(*args, **kwargs)
        parts = schema["components"]
        definition = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.setdefault("schemas", {}).update(definition.pop("$defs", {}), Problem=definition)
        content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, meaning in PROBLEMS.items():
                    operation["responses"].setdefault(status, {"description": meaning, "content": content})
        return schema


def _reject(what: str) -> None:
    raise ValueError(what)


def _holds_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_nul, value.keys())) or any(map(_holds_nul, value.values()))
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\x00" in value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _reject("a name given twice")
    return found


_decoder = json.JSONDecoder(parse_constant=_reject, object_pairs_hook=_once)


def build(namespace: str = "api") -> Api:
    """An API without addresses yet, which reads and refuses as ours does."""
    made = Api(
        title="Chuzhi",
        version="1",
        description="Stored value: customers, wallets, and every move of money, each exactly once.",
        docs_url=None,
        parser=StrictParser(),
        urls_namespace=namespace,
        auth=KeyAuth(),
    )
    problems.speak(made)
    return made


api = build()
for part in (stores, programmes, customers, wallets, cards, topups, charges, holds, transfers, disputes, operations):
    api.add_router("", part.router)


def urls(served_api: NinjaAPI = api) -> list[URLPattern | URLResolver]:
    """The addresses below /api/v1/. Called once, after every router is added."""
    served = [pattern for pattern in served_api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    return [*map(_answering, served), path("", _nothing_here, name="api-root"), re_path("", _nothing_here, name="nothing")]


def _answering(pattern: URLPattern) -> URLPattern:
    """The pattern with its view marked as open or as needing a key, and with every refusal of it made a problem."""
    view = pattern.callback

    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return problems.malformed(request)
        return problems.in_problems(view(request, *args, **kwargs), request)

    answering.csrf_exempt = True  # type: ignore[attr-defined]  # no cookies are read here, only keys
    if pattern.name == "openapi-json":
        answering.public = True  # type: ignore[attr-defined]  # read by tests/test_house.py
    else:
        answering.permission = "key"  # type: ignore[attr-defined]  # as above; which scope, each operation says itself
    return path(str(pattern.pattern), answering, name=pattern.name)


def _nothing_here(request: HttpRequest) -> HttpResponse:
    return problems.not_found(request)


_nothing_here.csrf_exempt = True  # type: ignore[attr-defined]  # it does nothing
_nothing_here.public = True  # type: ignore[attr-defined]  # read by tests/test_house.py
