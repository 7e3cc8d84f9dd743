"""Self-service screens of a store, for programs that set terminals up."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.kiosk import kiosks
from chuzhi.kiosk.errors import KioskUnknown
from chuzhi.kiosk.models import Kiosk
from chuzhi.kiosk.rules import LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS
from chuzhi.organization import stores
from chuzhi.wallets.errors import StoreUnknown

router = Router(tags=["Kiosks"])
SCOPE = "kiosks:write"
MOST = 200

Service = Literal["balance", "top_up", "statement", "loss"]
Idle = Annotated[int, Field(ge=LEAST_IDLE_SECONDS, le=MOST_IDLE_SECONDS, description="Seconds until the screen is cleared")]


class KioskIn(Asked):
    store: Id = Field(examples=["12"])
    name: str = Field(min_length=1, max_length=40, examples=["By the door"])
    services: list[Service] = Field(min_length=1, max_length=4, examples=[["balance", "top_up"]])
    idle_seconds: Idle = 60

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"store": "12", "name": "By the door", "services": ["balance", "loss"], "idle_seconds": 60}]
        }
    )


class KioskOut(Schema):
    """`link` and `code` open one browser as this kiosk, within an hour and once; they are told when they are made, and never again."""

    id: str = Field(examples=["4"])
    store: str = Field(examples=["12"])
    name: str = Field(examples=["By the door"])
    services: list[str] = Field(examples=[["balance", "loss"]])
    idle_seconds: int = Field(examples=[60])
    state: str = Field(description="`new`, `open` or `revoked`", examples=["open"])
    last_seen_at: str | None = Field(examples=[None])
    link: str | None = Field(examples=[None])
    code: str | None = Field(examples=[None])


class KioskList(Schema):
    items: list[KioskOut]


@router.get("/kiosks", auth=KeyAuth(SCOPE), response=KioskList, operation_id="listKiosks", summary="Self-service screens")
def list_kiosks(request: ApiRequest) -> HttpResponse:
    """Those of the stores that the key works in, the revoked ones too; at most 200."""
    return answers.respond({"items": [_told(each) for each in kiosks.visible_to(request.auth)[:MOST]]})


@router.post("/kiosks", auth=KeyAuth(SCOPE), response={201: KioskOut}, operation_id="createKiosk", summary="Set one up")
def create(request: ApiRequest, asked: KioskIn) -> HttpResponse:
    """Refusals: `store.unusable`, `kiosk.name_taken`, `kiosk.unusable`."""
    store = stores.visible_to(request.auth).filter(pk=int(asked.store)).first()
    if store is None:
        raise StoreUnknown
    made = kiosks.add(store=store, name=asked.name, services=asked.services, idle_seconds=asked.idle_seconds, by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/kiosks/{kiosk}/link",
    auth=KeyAuth(SCOPE),
    response={201: KioskOut},
    operation_id="linkKiosk",
    summary="A link for a terminal",
)
def link(request: ApiRequest, kiosk: str, asked: NothingMore) -> HttpResponse:
    """The link made before opens nothing any more. Refusals: `kiosk.unknown`, `kiosk.revoked`."""
    found = _named(request, kiosk)
    return answers.respond(_told(found, kiosks.link(kiosk=found, by=request.auth)), HTTPStatus.CREATED)


@router.post("/kiosks/{kiosk}/revoke", auth=KeyAuth(SCOPE), response=KioskOut, operation_id="revokeKiosk", summary="Revoke it")
def revoke(request: ApiRequest, kiosk: str, asked: NothingMore) -> HttpResponse:
    """For good; its screen says so. Refusals: `kiosk.unknown`, `kiosk.revoked`."""
    return answers.respond(_told(kiosks.revoke(kiosk=_named(request, kiosk), by=request.auth)))


def _named(request: ApiRequest, given: str) -> Kiosk:
    number = named.number(given)
    found = kiosks.visible_to(request.auth).filter(pk=number).first() if number else None
    if found is None:
        raise KioskUnknown
    return found


def _told(kiosk: Kiosk, code: str | None = None) -> dict[str, Any]:
    return {
        "id": str(kiosk.pk),
        "store": str(kiosk.store_id),
        "name": kiosk.name,
        "services": kiosk.services,
        "idle_seconds": kiosk.idle_seconds,
        "state": "revoked" if kiosk.revoked_at else "open" if kiosk.credential_hash else "new",
        "last_seen_at": answers.moment(kiosk.last_seen_at) if kiosk.last_seen_at else None,
        "link": f"{settings.PUBLIC_URL}{reverse('kiosk:open_with', args=[code])}" if code else None,
        "code": code,
    }
