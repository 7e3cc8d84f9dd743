from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, customers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.customers.identities import recognising
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.identities.recognising import Confidence

router = Router(tags=["Customers"])
CHANNEL = "^[a-z0-9][a-z0-9-]{0,19}$"


class IdentityIn(Asked):
    channel: str = Field(pattern=CHANNEL, description="What you call it, always the same", examples=["web-shop"])
    number: str = Field(
        min_length=1, max_length=recognising.LONGEST, description="The account's number there", examples=["u-7712"]
    )
    name: str = Field("", max_length=80, description="As the account calls itself", examples=["王小明"])
    phone: str | None = Field(None, max_length=40, examples=["13800138000"])
    is_phone_verified: bool = Field(
        default=False, strict=True, description="That channel sent a code to the phone, and it was entered"
    )
    email: str | None = Field(None, max_length=254)
    born_on: date | None = None


class IdentityOut(Schema):
    id: str = Field(examples=["4"])
    customer: str = Field(examples=["30001"])
    channel: str = Field(examples=["web-shop"])
    number: str = Field(examples=["u-7712"])
    how: str = Field(
        description="`own`, `phone` or `staff`: the record was made for it; by a verified phone; taken off another record"
    )
    perhaps: str | None = Field(description="Another customer who may be the same person", examples=["30002"])
    perhaps_why: str | None = Field(examples=["name_and_birthday"])
    made_at: str


class RecognisedOut(IdentityOut):
    confidence: Confidence = Field(
        description="`known`: told before. `certain`: a verified phone. `likely`: `perhaps` may be the same person. `new`"
    )


class IdentityList(Schema):
    items: list[IdentityOut]


@router.post(
    "/identities", auth=KeyAuth("customers:write"), response={201: RecognisedOut, 200: RecognisedOut},
    operation_id="recogniseCustomer", summary="Say that somebody has an account in another channel",
)  # fmt: skip
def recognise(request: ApiRequest, asked: IdentityIn) -> HttpResponse:
    """Answers whose it is, and adds a customer if nobody is certain. Told again, it answers with who was found first (200).

    Refusals: `identity.channel_unusable`, `identity.number_unusable`, and those of registering a customer.
    """
    found = recognising.recognise(by=request.auth, **asked.model_dump())
    status = HTTPStatus.OK if found.confidence is Confidence.KNOWN else HTTPStatus.CREATED
    return answers.respond(_told(found.identity) | {"confidence": found.confidence}, status)


@router.get(
    "/identities", auth=KeyAuth("customers:read"), response=IdentityList,
    operation_id="findIdentity", summary="Whose account of another channel this is",
)  # fmt: skip
def find(
    request: ApiRequest, channel: Annotated[str, Query(pattern=CHANNEL)], number: Annotated[str, Query(max_length=200)]
) -> HttpResponse:
    """One, or none."""
    return answers.respond(
        {"items": [_told(one) for one in recognising.visible_to(request.auth).filter(channel=channel, number=number)]}
    )


@router.get(
    "/customers/{customer}/identities", auth=KeyAuth("customers:read"), response=IdentityList,
    operation_id="listIdentities", summary="A customer's accounts in other channels",
)  # fmt: skip
def list_identities(request: ApiRequest, customer: str) -> HttpResponse:
    found = recognising.of(customers.visible(request, customer), request.auth)
    return answers.respond({"items": [_told(one) for one in found]})


@router.post(
    "/identities/{identity}/take-off", auth=KeyAuth("customers:write"), response=IdentityOut,
    operation_id="takeIdentityOff", summary="An account is not this customer's",
)  # fmt: skip
def take_off(request: ApiRequest, identity: str) -> HttpResponse:
    """It gets a record of its own. Refusals: `identity.unknown`, `identity.own`."""
    return answers.respond(_told(recognising.take_off(identity=_named(request, identity), by=request.auth)))


@router.post(
    "/identities/{identity}/are-two", auth=KeyAuth("customers:write"), response=IdentityOut,
    operation_id="partIdentity", summary="Who may be the same person is somebody else",
)  # fmt: skip
def are_two(request: ApiRequest, identity: str) -> HttpResponse:
    """To make the two records one instead, see `POST /customers/{customer}/merges`. Refusals: `identity.unknown`."""
    return answers.respond(_told(recognising.are_two(identity=_named(request, identity), by=request.auth)))


def _named(request: ApiRequest, identity: str) -> Identity:
    return recognising.named(named.number(identity) or 0, request.auth)


def _told(one: Identity) -> dict[str, Any]:
    return {
        "id": str(one.pk), "customer": str(one.customer_id), "channel": one.channel, "number": one.number, "how": one.how,
        "perhaps": str(one.perhaps_id) if one.perhaps_id else None, "perhaps_why": one.perhaps_why or None,
        "made_at": answers.moment(one.made_at),
    }  # fmt: skip
