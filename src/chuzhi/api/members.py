from dataclasses import replace
from datetime import time
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Day, Id
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.customers.models import Customer
from chuzhi.wallets.sharing import allowances, members
from chuzhi.wallets.sharing.errors import MemberUnknown
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import Allowance, Period

router = Router(tags=["Shared wallets"])

Hour = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="By the store's clock", examples=["08:00"])]
Weekday = Annotated[int, Field(ge=0, le=6, description="Monday is 0")]
TIMES = ("from_time", "to_time")


class AllowanceIn(Asked):
    """What a member may spend, in minor units. Null is no limit."""

    at_once: Amount | None = Field(None, examples=[5000])
    a_day: Amount | None = Field(None, examples=[None])
    a_week: Amount | None = Field(None, description="From Monday on", examples=[20000])
    a_month: Amount | None = Field(None, examples=[None])
    categories: list[Id] = Field([], max_length=200, description="Of products, with those inside them; empty: everything")
    weekdays: list[Weekday] = Field([0, 1, 2, 3, 4, 5, 6], min_length=1, max_length=7, examples=[[0, 1, 2, 3, 4]])
    from_time: Hour | None = None
    to_time: Hour | None = Field(None, examples=["18:00"])
    from_day: Day | None = None
    to_day: Day | None = None


class MemberIn(AllowanceIn):
    customer: Id = Field(examples=["30002"])


class SpentOut(Schema):
    """In the period that runs now, less what was brought back."""

    day: int
    week: int
    month: int


class MemberOut(Schema):
    id: str = Field(examples=["9"])
    wallet: str
    holder: str = Field(description="Whose wallet it is", examples=["30001"])
    customer: str = Field(description="Who shares it", examples=["30002"])
    currency: str = Field(examples=["CNY"])
    status: str = Field(examples=["active"], description="`active`, `stopped` or `ended`")
    at_once: int | None
    a_day: int | None
    a_week: int | None
    a_month: int | None
    categories: list[str]
    weekdays: list[int]
    from_time: str | None
    to_time: str | None
    from_day: str | None
    to_day: str | None
    spent: SpentOut
    left: int | None = Field(description="What may still be spent now; null: as much as is there", examples=[5000])


class MemberList(Schema):
    items: list[MemberOut]


@router.get(
    "/wallets/{wallet}/members", auth=KeyAuth("wallets:read"), response=MemberList,
    operation_id="listMembers", summary="Who shares a wallet",
)  # fmt: skip
def list_members(request: ApiRequest, wallet: str) -> HttpResponse:
    """Those who share it no more come last."""
    found = members.of_wallet(named.visible_wallet(request, wallet), request.auth)
    return answers.respond({"items": [_told(one) for one in found]})


@router.get(
    "/customers/{customer}/shared-wallets", auth=KeyAuth("wallets:read"), response=MemberList,
    operation_id="listSharedWallets", summary="The wallets of others that somebody may spend from",
)  # fmt: skip
def list_shared(request: ApiRequest, customer: str) -> HttpResponse:
    """Name the `id` of one as `member` of a charge, and its `wallet` as the wallet."""
    number = named.number(customer)
    if number is None or not Customer.objects.filter(pk=number).exists():
        raise CustomerUnknown
    return answers.respond({"items": [_told(one) for one in members.shared_with([number], request.auth)]})


@router.post(
    "/wallets/{wallet}/members", auth=KeyAuth("members:write"), response={201: MemberOut},
    operation_id="addMember", summary="Let somebody spend from a wallet",
)  # fmt: skip
def add(request: ApiRequest, wallet: str, asked: MemberIn) -> HttpResponse:
    """Refusals: `member.twice`, `member.is_holder`, `member.bearer`, `allowance.unusable`, `customer.unknown`."""
    person = Customer.objects.filter(pk=int(asked.customer), withdrawn_at=None).first()
    if person is None:
        raise CustomerUnknown
    found, given = named.visible_wallet(request, wallet), asked.model_dump(exclude={"customer"})
    made = members.add(wallet=found, customer=person, allowance=Allowance(**_read(given)), by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.patch(
    "/members/{member}", auth=KeyAuth("members:write"), response=MemberOut,
    operation_id="changeMember", summary="Change what a member may spend",
)  # fmt: skip
def change(request: ApiRequest, member: str, asked: AllowanceIn) -> HttpResponse:
    """What is not named stays. Refusals: `allowance.unusable`, `member.ended`, `member.unknown`."""
    found = _found(request, member)
    allowance = replace(found.allowance, **_read(asked.model_dump(exclude_unset=True)))
    return answers.respond(_told(members.change(member=found, allowance=allowance, by=request.auth)))


@router.post(
    "/members/{member}/stop", auth=KeyAuth("members:write"), response=MemberOut,
    operation_id="stopMember", summary="Stop a member at once",
)  # fmt: skip
def stop(request: ApiRequest, member: str) -> HttpResponse:
    """Nothing more is spent by them until they are resumed. Refusals: `member.ended`, `member.unknown`."""
    return answers.respond(_told(members.stop(member=_found(request, member), by=request.auth)))


@router.post(
    "/members/{member}/resume", auth=KeyAuth("members:write"), response=MemberOut,
    operation_id="resumeMember", summary="Let a member spend again",
)  # fmt: skip
def resume(request: ApiRequest, member: str) -> HttpResponse:
    """Refusals: `member.ended`, `member.unknown`."""
    return answers.respond(_told(members.resume(member=_found(request, member), by=request.auth)))


@router.post(
    "/members/{member}/end", auth=KeyAuth("members:write"), response=MemberOut,
    operation_id="endMember", summary="Share a wallet with a member no more",
)  # fmt: skip
def end(request: ApiRequest, member: str) -> HttpResponse:
    """What they spent stays theirs in the journal. Refusals: `member.unknown`."""
    return answers.respond(_told(members.end(member=_found(request, member), by=request.auth)))


def _found(request: ApiRequest, given: str) -> Member:
    found = members.visible_to(request.auth).filter(pk=named.number(given) or 0).first()
    if found is None:
        raise MemberUnknown
    return found


def _read(given: dict[str, Any]) -> dict[str, Any]:
    """As an allowance holds it."""
    read = dict(given)
    for name in TIMES:
        if read.get(name):
            read[name] = time.fromisoformat(read[name])
    if "categories" in read:
        read["categories"] = frozenset(int(number) for number in read["categories"])
    if "weekdays" in read:
        read["weekdays"] = frozenset(read["weekdays"])
    return read


def _told(member: Member) -> dict[str, Any]:
    use, wallet = allowances.use_of(member), member.wallet
    return {
        "id": str(member.pk),
        "wallet": str(member.wallet_id),
        "holder": str(wallet.customer_id),
        "customer": str(member.customer_id),
        "currency": programmes.asset_of(wallet),
        "status": "ended" if member.ended_at else "stopped" if member.stopped_at else "active",
        **{name: getattr(member, name) for name in ("at_once", "a_day", "a_week", "a_month")},
        "categories": [str(number) for number in member.categories],
        "weekdays": list(member.weekdays),
        **{name: at.isoformat("minutes") if (at := getattr(member, name)) else None for name in TIMES},
        **{name: on.isoformat() if (on := getattr(member, name)) else None for name in ("from_day", "to_day")},
        "spent": {str(period): use.spent[period] for period in Period},
        "left": use.left,
    }
