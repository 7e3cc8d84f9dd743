"""Applications for cards: taken in by the merchant's own site or app, decided by staff or a second program."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.documents import DocumentIn, files
from chuzhi.api.fields import Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.errors import ApplicationUnknown
from chuzhi.wallets.applications.models import CardApplication

router = Router(tags=["Card applications"])


class ApplicationIn(Asked):
    programme: Id = Field(examples=["1"])
    name: str = Field(min_length=1, max_length=80, examples=["王小明"])
    phone: str = Field(min_length=1, max_length=40, examples=["13812345678"])
    email: str = Field("", max_length=254)
    identity_number: str = Field("", max_length=30)
    documents: list[DocumentIn] = Field([], max_length=5)


class Nothing(Asked):
    """Nothing more is to be said."""


class RejectionIn(Asked):
    reason: Reason


class ApplicationOut(Schema):
    id: str = Field(examples=["7"])
    address: str | None = Field(description="Where the applicant sees what became of it")
    state: str = Field(description="`waiting`, `approved` or `rejected`", examples=["waiting"])
    reason: str = Field(description="Why it was rejected")
    card: str | None = Field(description="The card's number, once it is approved")
    filed_at: str
    decided_at: str | None


@router.post(
    "/card-applications",
    auth=KeyAuth("applications:write"),
    response={201: ApplicationOut},
    operation_id="fileCardApplication",
    summary="Apply for a named card",
    openapi_extra=NEEDED,
)
def file(request: ApiRequest, asked: ApplicationIn) -> HttpResponse:
    """It waits for somebody who reviews it. The same key files one.

    Refusals: `document.type`, `document.too_large`, `document.unknown`, `programme.closed`, `phone.invalid`, `identity_number.invalid`,
    `email.invalid`.
    """
    made = reviewing.file(
        key=key_of(request), programme=programmes.named(asked.programme), name=asked.name, phone=asked.phone,
        email=asked.email, identity_number=asked.identity_number, documents=files(asked.documents),
        by=request.auth,
    )  # fmt: skip
    return answers.respond(_out(made), HTTPStatus.CREATED)


@router.get(
    "/card-applications/{application}",
    auth=KeyAuth("applications:write"),
    response=ApplicationOut,
    operation_id="getCardApplication",
    summary="What became of an application",
)
def get(request: ApiRequest, application: str) -> HttpResponse:
    """Nothing personal is told again."""
    return answers.respond(_out(_found(application)))


@router.post(
    "/card-applications/{application}/approve",
    auth=KeyAuth("applications:decide"),
    response=ApplicationOut,
    operation_id="approveCardApplication",
    summary="Approve an application and issue the card",
)
def approve(request: ApiRequest, application: str, asked: Nothing) -> HttpResponse:
    """Not by the key that filed it. Refusals: `application.decided`, `application.own`, `programme.closed`."""
    found = _found(application)
    reviewing.approve(application=found, by=request.auth)
    return answers.respond(_out(_found(application)))


@router.post(
    "/card-applications/{application}/reject",
    auth=KeyAuth("applications:decide"),
    response=ApplicationOut,
    operation_id="rejectCardApplication",
    summary="Reject an application",
)
def reject(request: ApiRequest, application: str, asked: RejectionIn) -> HttpResponse:
    """Not by the key that filed it. Refusals: `application.decided`, `application.own`, `reason.missing`."""
    return answers.respond(_out(reviewing.reject(application=_found(application), reason=asked.reason, by=request.auth)))


def _found(given: str) -> CardApplication:
    number = named.number(given)
    found = None if number is None else CardApplication.objects.select_related("card").filter(pk=number).first()
    if found is None:
        raise ApplicationUnknown
    return found


def _out(made: CardApplication) -> dict[str, Any]:
    return {
        "id": str(made.pk),
        "address": f"{settings.PUBLIC_URL}/pay/apply/{made.number}/" if made.number else None,
        "state": made.state,
        "reason": made.reason,
        "card": made.card.number if made.card else None,
        "filed_at": answers.moment(made.filed_at),
        "decided_at": answers.moment(made.decided_at) if made.decided_at else None,
    }
