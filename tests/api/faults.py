"""An API that says no in every way there is, wired as the real one."""

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest
from django.urls import include, path
from ninja import Router, Schema
from ninja.errors import Throttled
from pydantic import StrictInt

from chuzhi.api import idempotency, site
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.core.errors import NotFound
from chuzhi.organization.errors import NotAllowed, StoreCodeTaken
from chuzhi.organization.roles import PERMISSIONS

router = Router(auth=None)

FAULTS = {
    "refused": StoreCodeTaken(given="S1"),
    "not-found": NotFound(),
    "not-allowed": NotAllowed(permission=PERMISSIONS["till.charge"]),
    "denied": PermissionDenied(),
    "missing": Http404("secret detail"),
    "throttled": Throttled(wait=7),
    "busy": OperationalError("secret detail"),
    "bug": ZeroDivisionError("secret detail"),
}


class Line(Schema):
    amount: StrictInt


class Sale(Schema):
    name: str
    lines: list[Line]


@router.get("/faults/{kind}")
def fault(request: HttpRequest, kind: str) -> None:
    raise FAULTS[kind]


@router.post("/sales")
def sell(request: HttpRequest, sale: Sale) -> dict[str, str]:
    return {"name": sale.name}


@router.post("/money", auth=KeyAuth("charges:write"))
def move(request: ApiRequest) -> dict[str, str]:
    return {"key": idempotency.key_of(request)}


api = site.build("faults")
api.add_router("", router)
urlpatterns = [path("api/v1/", include((site.urls(api), "api")))]
