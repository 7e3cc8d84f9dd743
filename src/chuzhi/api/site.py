"""The whole API: its description, its parser, its addresses. Each context adds a router in a module of its own."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from chuzhi.api import (
    applications,
    approvals,
    assisted,
    audit,
    basket_codes,
    baskets,
    bill_days,
    board,
    buying,
    cadence,
    cards,
    charges,
    consents,
    contacts,
    customer_acts,
    customer_fields,
    customer_records,
    customer_views,
    customers,
    disputes,
    documents,
    gift_links,
    gifts,
    handouts,
    holds,
    identities,
    import_acceptances,
    imports,
    incidents,
    journal,
    kiosks,
    limits,
    mandates,
    members,
    memberships,
    merges,
    messages,
    notes,
    offers,
    operations,
    order_follow_ups,
    orders,
    packs,
    partners,
    payouts,
    problems,
    product_files,
    products,
    programmes,
    raises,
    reconciliation,
    refund_requests,
    relations,
    reports,
    retention,
    risk,
    sales,
    settlements,
    shifts,
    statements,
    stores,
    tasks,
    ticket_acts,
    tickets,
    timeline,
    top_up_notices,
    topups,
    transfers,
    voucher_batches,
    voucher_orders,
    vouchers,
    wallet_acts,
    wallet_statements,
    wallets,
    webhooks,
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
PARTS = (
    stores,
    programmes,
    product_files,
    products,
    customers,
    contacts,
    customer_acts,
    customer_fields,
    customer_records,
    customer_views,
    merges,
    relations,
    consents,
    wallet_statements,
    wallets,
    wallet_acts,
    buying,
    cadence,
    cards,
    members,
    memberships,
    topups,
    charges,
    basket_codes,
    baskets,
    sales,
    imports,
    import_acceptances,
    holds,
    identities,
    transfers,
    disputes,
    journal,
    kiosks,
    limits,
    offers,
    orders,
    order_follow_ups,
    incidents,
    mandates,
    operations,
    packs,
    raises,
    audit,
    assisted,
    board,
    bill_days,
    reconciliation,
    risk,
    payouts,
    refund_requests,
    reports,
    retention,
    partners,
    shifts,
    voucher_batches,
    voucher_orders,
    vouchers,
    applications,
    documents,
    settlements,
    statements,
    approvals,
    gifts,
    gift_links,
    handouts,
    messages,
    notes,
    tasks,
    timeline,
    ticket_acts,
    tickets,
    top_up_notices,
    webhooks,
)
for part in PARTS:
    api.add_router("", part.router)


def urls(served_api: NinjaAPI = api) -> list[URLPattern | URLResolver]:
    """The addresses below /api/v1/. Called once, after every router is added."""
    served = [pattern for pattern in served_api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    asked = _query_names(served_api)
    return [
        *(_answering(pattern, asked.get(str(pattern.pattern), {})) for pattern in served),
        path("", _nothing_here, name="api-root"),
        re_path("", _nothing_here, name="nothing"),
    ]


def _query_names(served_api: NinjaAPI) -> dict[str, dict[str, frozenset[str]]]:
    """What may stand behind the question mark, by address and method."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for _prefix, router in served_api._routers:
        for address, view in router.path_operations.items():
            place = found.setdefault(address.strip("/").replace("{", "<").replace("}", ">"), {})
            for operation in view.operations:
                of_query = [model for model in operation.models if model.__ninja_param_source__ == "query"]
                names = frozenset(name for model in of_query for name in model.__ninja_flatten_map__)
                place.update(dict.fromkeys(operation.methods, names))
    return found


def _answering(pattern: URLPattern, asked: Mapping[str, frozenset[str]]) -> URLPattern:
    """The pattern with its view marked as open or as needing a key, and with every refusal of it made a problem.

    A name behind the question mark that we do not know is refused: a filter that is misspelt must not be no filter.
    """
    view = pattern.callback

    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return problems.malformed(request)
        if request.META.get("QUERY_STRING") and (
            unknown := request.GET.keys() - asked.get(request.method or "", request.GET.keys())
        ):
            return problems.unknown_query(request, sorted(unknown))
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
