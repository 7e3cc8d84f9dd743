from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets.giving import links
from chuzhi.wallets.giving.errors import GiftLinkUnknown
from chuzhi.wallets.giving.models import GiftLink

router = Router(tags=["Gifts by link"])
MOST_SHOWN = 100


class GiftLinkIn(Asked):
    wallet: Id = Field(description="Whose value it is", examples=["40001"])
    amount: Amount = Field(examples=[5000])
    sender: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        description="As whoever opens the link reads it", examples=["小明"]
    )
    words: Annotated[str, Field(max_length=200)] = Field("", examples=["生日快乐"])
    days: int = Field(links.USUAL_DAYS, strict=True, ge=1, le=links.MOST_DAYS, description="How long it can be taken")


class TakenIn(Asked):
    wallet: Id = Field(description="Into which it comes", examples=["40002"])


class GiftLinkOut(Schema):
    id: str = Field(examples=["7"])
    wallet: str = Field(description="The giver's", examples=["40001"])
    amount: int = Field(examples=[5000])
    currency: str = Field(examples=["CNY"])
    sender: str = Field(examples=["小明"])
    words: str = Field(examples=["生日快乐"])
    status: str = Field(examples=["open"], description="`open`, `taken`, `withdrawn` or `lapsed`")
    until: str = Field(examples=["2026-03-08T01:30:00.000000+00:00"])
    link: str | None = Field(
        description="The page to take it; null once it is over", examples=["https://shop.example/pay/gift/7.x/"]
    )
    taken_by: str | None = Field(description="The wallet that it went into", examples=[None])
    entry: str | None = Field(description="By which it left the giver's wallet", examples=[None])


class GiftLinkList(Schema):
    items: list[GiftLinkOut]


@router.get(
    "/wallets/{wallet}/gift-links", auth=KeyAuth("transfers:write"), response=GiftLinkList,
    operation_id="listGiftLinks", summary="What a holder gave by links",
)  # fmt: skip
def list_links(request: ApiRequest, wallet: str) -> HttpResponse:
    """The newest hundred."""
    found = links.of_wallet(named.visible_wallet(request, wallet), request.auth)[:MOST_SHOWN]
    return answers.respond({"items": [_told(one) for one in found]})


@router.post(
    "/gift-links", auth=KeyAuth("transfers:write"), response={201: GiftLinkOut}, openapi_extra=NEEDED,
    operation_id="createGiftLink", summary="Give to whoever opens a link",
)  # fmt: skip
def make(request: ApiRequest, asked: GiftLinkIn) -> HttpResponse:
    """Held in the giver's wallet until it is taken, withdrawn or over; the giver is told. Only as much as the terms allow.

    Refusals: `gift_link.not_offered`, `gift_link.over_limit`, `gift_link.bearer`, `gift_link.too_many`, `wallet.not_enough`,
    `wallet.frozen`, `wallet.closed`, `idempotency.key_reused`.
    """
    made = links.make(
        wallet=named.visible_wallet(request, asked.wallet), amount=asked.amount, sender=asked.sender, words=asked.words,
        days=asked.days, key=key_of(request), by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.get(
    "/gift-links/{gift}", auth=KeyAuth("transfers:write"), response=GiftLinkOut,
    operation_id="getGiftLink", summary="What became of a gift",
)  # fmt: skip
def get(request: ApiRequest, gift: str) -> HttpResponse:
    """By its id, or by the last part of its link."""
    return answers.respond(_told(_found(request, gift)))


@router.post(
    "/gift-links/{gift}/take", auth=KeyAuth("transfers:write"), response=GiftLinkOut,
    operation_id="takeGiftLink", summary="Bring a gift into a wallet",
)  # fmt: skip
def take(request: ApiRequest, gift: str, asked: TakenIn) -> HttpResponse:
    """Its lots travel with their expiry and funding. Taken into the same wallet again, it stays as it is.

    Refusals: `gift_link.taken`, `gift_link.over`, `gift_link.own`, `gift_link.unknown`, `transfer.other_asset`,
    `limit.balance`, `wallet.frozen`, `wallet.closed`.
    """
    into = named.visible_wallet(request, asked.wallet)
    return answers.respond(_told(links.take_into(gift=_found(request, gift), wallet=into, by=request.auth)))


@router.post(
    "/gift-links/{gift}/withdraw", auth=KeyAuth("transfers:write"), response=GiftLinkOut,
    operation_id="withdrawGiftLink", summary="Take a gift back",
)  # fmt: skip
def withdraw(request: ApiRequest, gift: str) -> HttpResponse:
    """The giver can spend it again. Withdrawn or over, it stays as it is. Refusals: `gift_link.taken`, `gift_link.unknown`."""
    return answers.respond(_told(links.withdraw(gift=_found(request, gift), by=request.auth)))


def _found(request: ApiRequest, given: str) -> GiftLink:
    """Whoever has its address need not see the giver's wallet."""
    if "." in given:
        return links.by_token(given)
    found = links.visible_to(request.auth).filter(pk=named.number(given) or 0).first()
    if found is None:
        raise GiftLinkUnknown
    return found


def _told(gift: GiftLink) -> dict[str, Any]:
    is_open = gift.state == GiftLink.State.OPEN
    return {
        "id": str(gift.pk),
        "wallet": str(gift.wallet_id),
        "amount": gift.amount,
        "currency": programmes.asset_of(gift.wallet),
        "sender": gift.sender,
        "words": gift.words,
        "status": gift.state,
        "until": answers.moment(gift.until),
        "link": links.address_of(gift) if is_open else None,
        "taken_by": str(gift.taken_by_id) if gift.taken_by_id else None,
        "entry": f"{gift.wallet.book}-{gift.taken_seq}" if gift.taken_seq else None,
    }
