"""Top-ups that customers ask an agent for: taken down, freed of what stands in the way, and paid by link or at a counter."""

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, fields, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.documents import DocumentIn, files
from chuzhi.api.fields import Amount, Asked, CounterMethod, Id, Reason, SlipIn, Text
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.core import money
from chuzhi.organization.stores import visible_to as stores_visible_to
from chuzhi.topups import orders
from chuzhi.topups.assisted import fulfilling, remedies, requests, witnesses
from chuzhi.topups.assisted.errors import RequestUnknown
from chuzhi.topups.assisted.models import AssistedTopUp, standing
from chuzhi.topups.assisted.obstacles import Obstacle
from chuzhi.wallets import moves, queries
from chuzhi.wallets.errors import StoreUnknown, WalletUnknown

router = Router(tags=["Assisted top-ups"])
STATUS = "^(open|linked|lapsed|credited|refused|closed)$"


class AssistedIn(Asked):
    """Who speaks, how we know that it is them, and what they wish."""

    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[50000])
    channel: str = Field(pattern="^(phone|email|chat|counter|letter)$", examples=["phone"])
    speaker: str = Field("holder", pattern="^(holder|other)$", description="`other`: somebody for the customer; then `caller`")
    caller: Text = Field("", description="The name of whoever speaks for the customer")
    verified: str = Field(
        "no", pattern="^(no|called_back|address|answers|document)$", description="How we know; `document` needs one attached"
    )
    note: Text = ""
    store: Id | None = Field(None, description="The store that it counts for, if any", examples=["12"])
    documents: list[DocumentIn] = Field(default=[], max_length=5)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"wallet": "40001", "amount": 50000, "channel": "phone", "verified": "answers"}]}
    )


class PayLinkIn(Asked):
    amount: Amount | None = Field(None, description="Without it: as it was wished")
    mail: bool = Field(default=True, description="false: the link is made and not sent")
    email: str = Field("", max_length=254, description="Without it: the address on file")
    language: str = Field("", pattern="^(zh-hans|en)?$", description="Of another address than the one on file")


class AssistedTenderIn(Asked):
    amount: Amount | None = Field(None, description="Without it: as it was wished")
    method: CounterMethod
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    slip: SlipIn | None = Field(None, description="Needed for `terminal`")


class ObstacleIn(Asked):
    obstacle: str = Field(min_length=1, max_length=120, examples=["wallet.frozen:wallet:40001"])
    reason: Reason


class AssistedEndIn(Asked):
    reason: Reason


class ObstacleOut(Schema):
    """While it `blocks`, the top-up would be refused. `permission` is what resolving it takes, null if nobody can."""

    id: str = Field(examples=["wallet.frozen:wallet:40001"])
    code: str = Field(examples=["wallet.frozen"])
    subject: str = Field(description="Where it is resolved", examples=["wallet:40001"])
    what: str
    blocks: bool
    permission: str | None = Field(examples=["wallets.freeze"])
    clears: bool = Field(description="Whether a request's `clear` ends it")


class ObstacleList(Schema):
    items: list[ObstacleOut]


class AssistedStepOut(Schema):
    kind: str = Field(examples=["link_sent"])
    about: str = Field(examples=["order:T9QX…"])
    reason: str
    by: str = Field(examples=["staff:7"])
    at: str


class AssistedOut(Schema):
    """`status` follows from the order or top-up that it became. Amounts in minor units."""

    number: str = Field(examples=["H9QX…"])
    wallet: str = Field(examples=["40001"])
    status: str = Field(description="`open`, `linked`, `lapsed`, `credited`, `refused`, `closed`", examples=["linked"])
    amount: int = Field(examples=[50000])
    currency: str = Field(examples=["CNY"])
    channel: str = Field(examples=["phone"])
    speaker: str = Field(examples=["holder"])
    verified: str = Field(examples=["answers"])
    agent: str = Field(description="Who took it down", examples=["staff:7"])
    order: str | None = Field(examples=["T9QX…"])
    pay_url: str | None = Field(description="The pay link, while it can be paid")
    operation: str | None = Field(description="The top-up that it became", examples=["12-345"])
    closed_because: str | None
    made_at: str
    documents: list[str]
    steps: list[AssistedStepOut]


class AssistedList(Schema):
    items: list[AssistedOut]
    next_cursor: str | None


@router.get(
    "/wallets/{wallet}/obstacles",
    auth=KeyAuth("wallets:read"),
    response=ObstacleList,
    operation_id="listObstacles",
    summary="What stands in the way of topping a wallet up",
)
def list_obstacles(
    request: ApiRequest, wallet: str, amount: Annotated[int, Query(gt=0, le=money.LARGEST)], store: Id | None = None
) -> HttpResponse:
    """What blocks it first, each in a sentence of the language that is asked for. Refusals: `wallet.unknown`, `store.unusable`."""
    number = named.number(wallet)
    found = queries.visible_to(request.auth).select_related("customer").filter(pk=number or 0).first()
    if found is None:
        raise WalletUnknown
    if store is not None and not stores_visible_to(request.auth).filter(pk=int(store)).exists():
        raise StoreUnknown
    heard = witnesses.heard(wallet=found, amount=amount, store=int(store) if store else None)
    return answers.respond({"items": [_obstacle(each) for each in heard]})


@router.get(
    "/assisted-top-ups",
    auth=KeyAuth("assisted:read"),
    response=AssistedList,
    operation_id="listAssistedTopUps",
    summary="List what agents were asked for",
)
def list_assisted(
    request: ApiRequest,
    status: Annotated[str | None, Query(pattern=STATUS)] = None,
    wallet: Id | None = None,
    find: Annotated[str | None, Query(max_length=80, description="Number of the request, its order or its top-up")] = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> dict[str, object]:
    """Newest first."""
    rows = requests.visible_to(request.auth).prefetch_related("documents", "steps")
    if status is not None:
        rows = rows.filter(standing(AssistedTopUp.Status(status)))
    if wallet is not None:
        rows = rows.filter(wallet=int(wallet))
    if find is not None:
        rows = requests.named(rows, find)
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [_out(row) for row in found[:limit]], "next_cursor": following}


@router.post(
    "/assisted-top-ups",
    auth=KeyAuth("assisted:write"),
    response={201: AssistedOut, 200: AssistedOut},
    operation_id="createAssistedTopUp",
    summary="Take down a top-up that a customer asks for",
    openapi_extra=NEEDED,
)
def take_down(request: ApiRequest, asked: AssistedIn) -> HttpResponse:
    """No money moves yet, and what stands in the way does not keep it from being taken down.

    Refusals: `wallet.unknown`, `order.not_money`, `assisted.caller`, `assisted.not_on_file`, `assisted.evidence`,
    `store.unusable`, `document.type`, `document.too_large`, `document.unknown`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet = queries.visible_to(request.auth).select_related("customer").filter(pk=int(asked.wallet)).first()
    if wallet is None:
        raise WalletUnknown
    store = stores_visible_to(request.auth).filter(pk=int(asked.store)).first() if asked.store else None
    if asked.store and store is None:
        raise StoreUnknown
    made = requests.take_down(
        wallet=wallet, amount=asked.amount, channel=asked.channel, speaker=asked.speaker, caller=asked.caller,
        verified=asked.verified, note=asked.note, files=files(asked.documents), store=store, key=key, by=request.auth,
    )  # fmt: skip
    return answers.made(_out(made), replayed=made.is_replayed)


@router.get(
    "/assisted-top-ups/{number}",
    auth=KeyAuth("assisted:read"),
    response=AssistedOut,
    operation_id="getAssistedTopUp",
    summary="One request, how it stands and what was done about it",
)
def one(request: ApiRequest, number: str) -> HttpResponse:
    """Refusals: `assisted.unknown`."""
    return answers.respond(_out(_named(request, number)))


@router.post(
    "/assisted-top-ups/{number}/link",
    auth=KeyAuth("assisted:write"),
    response={201: AssistedOut, 200: AssistedOut},
    operation_id="sendPayLink",
    summary="Make its pay link, and mail it",
    openapi_extra=NEEDED,
)
def send_link(request: ApiRequest, number: str, asked: PayLinkIn) -> HttpResponse:
    """What the ledger would refuse is refused now. One link is out at a time; one that lapsed makes way.

    Refusals: `assisted.link_is_out`, `assisted.over`, `assisted.address`, `contact.email`, `wallet.frozen`, `wallet.closed`,
    `limit.per_transaction`, `limit.per_day`, `limit.balance`, `programme.closed`, `idempotency.key_reused`.
    """
    row = fulfilling.send_link(
        request=_named(request, number), key=key_of(request), by=request.auth, amount=asked.amount, is_mailed=asked.mail,
        email=asked.email, language=asked.language,
    )  # fmt: skip
    return answers.made(_out(row), replayed=row.is_replayed)


@router.post(
    "/assisted-top-ups/{number}/tender",
    auth=KeyAuth("assisted:write"),
    response=answers.MOVED,
    operation_id="tenderAssistedTopUp",
    summary="Credit money that was taken at a counter for it",
    openapi_extra=NEEDED,
)
def tender(request: ApiRequest, number: str, asked: AssistedTenderIn) -> HttpResponse:
    """The top-up carries the request and the agent. A request is paid once; a pay link that is out is cancelled before.

    Refusals: `assisted.link_is_out`, `assisted.over`, and those of `POST /topups`.
    """
    moved = fulfilling.tender(
        request=_named(request, number), key=key_of(request), by=request.auth, amount=asked.amount,
        method=fields.method(asked.method), store=int(asked.store), till=fields.number(asked.till), slip=fields.slip(asked.slip),
    )  # fmt: skip
    return answers.moved(moved.outcome)


@router.post(
    "/assisted-top-ups/{number}/clear",
    auth=KeyAuth("assisted:write"),
    response=AssistedOut,
    operation_id="clearObstacle",
    summary="Clear what stands in its way, with a reason",
    openapi_extra=NEEDED,
)
def clear(request: ApiRequest, number: str, asked: ObstacleIn) -> HttpResponse:
    """Takes the permission that the same act takes elsewhere, and a customer who was verified.

    Refusals: `assisted.nothing_to_clear`, `assisted.not_verified`, `assisted.over`, `permission.missing`.
    """
    row = _named(request, number)
    remedies.clear(request=row, obstacle=asked.obstacle, reason=asked.reason, key=key_of(request), by=request.auth)
    return answers.respond(_out(_named(request, number)))


@router.post(
    "/assisted-top-ups/{number}/close",
    auth=KeyAuth("assisted:write"),
    response=AssistedOut,
    operation_id="closeAssistedTopUp",
    summary="Close it without a top-up",
)
def close(request: ApiRequest, number: str, asked: AssistedEndIn) -> HttpResponse:
    """A pay link that is out is cancelled. Refusals: `assisted.over`, `reason.missing`."""
    return answers.respond(_out(requests.close(request=_named(request, number), reason=asked.reason, by=request.auth)))


def _named(request: ApiRequest, number: str) -> AssistedTopUp:
    found = requests.visible_to(request.auth).filter(number=number[:32]).first()
    if found is None:
        raise RequestUnknown
    return found


def _obstacle(each: Obstacle) -> dict[str, Any]:
    return {
        "id": each.id, "code": each.code, "subject": each.subject, "what": each.what, "blocks": each.blocks,
        "permission": each.permission or None, "clears": each.remedy is not None,
    }  # fmt: skip


def _out(row: AssistedTopUp) -> dict[str, Any]:
    order = row.order
    return {
        "number": row.number,
        "wallet": str(row.wallet_id),
        "status": row.status,
        "amount": row.amount,
        "currency": row.currency,
        "channel": row.channel,
        "speaker": row.speaker,
        "verified": row.verified,
        "agent": row.made_by,
        "order": order.number if order else None,
        "pay_url": orders.address_of(order) if order and order.is_payable else None,
        "operation": moves.operation_id(*row.place) if row.place else None,
        "closed_because": row.closed_because or None,
        "made_at": answers.moment(row.made_at),
        "documents": [document.name for document in row.documents.all()],
        "steps": [
            {"kind": step.kind, "about": step.about, "reason": step.reason, "by": step.by, "at": answers.moment(step.at)}
            for step in sorted(row.steps.all(), key=lambda each: each.pk)
        ],
    }
