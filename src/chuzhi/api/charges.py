from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, fields, named, problems
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, CounterMethod, Id, Reason, Reference, SlipIn, Text
from chuzhi.api.idempotency import NEEDED, Key, key_of
from chuzhi.catalogue.rules import quantity_of
from chuzhi.core.errors import Refused
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.tenders import Tender
from chuzhi.till import returns, sales, walkins
from chuzhi.till.errors import QuantityUnusable
from chuzhi.till.goods import Goods
from chuzhi.till.returns import Returned
from chuzhi.till.tickets import Line
from chuzhi.wallets import spending
from chuzhi.wallets.errors import WalletUnknown
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.sharing import members
from chuzhi.wallets.spending import Purchase

router = Router(tags=["Charges"])


class LineIn(Asked):
    name: Text = Field(min_length=1, max_length=120, examples=["红烧牛肉面"])
    amount: Amount = Field(description="The whole line's", examples=[12345])
    quantity: str = Field("1", min_length=1, max_length=20, description="As people say it", examples=["2", "0.35 kg"])
    sku: str = Field("", max_length=60, examples=["NOODLE-7"])


class TenderIn(Asked):
    """A part of a sale that the wallet does not pay."""

    method: CounterMethod
    amount: Amount = Field(examples=[4000])
    slip: SlipIn | None = Field(None, description="Needed for `terminal`")


class ChargeIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[12345])
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    lines: list[LineIn] = Field([], max_length=sales.MOST_LINES, description="What was sold; if any, they add up to the amount")
    allow_partial: bool = Field(default=False, description="Take at most what is there; the rest is paid otherwise")
    tenders: list[TenderIn] = Field(
        [], max_length=tenders.MOST, description="What is paid otherwise and kept with the sale; the wallet pays the rest"
    )
    served_by: Id | None = Field(
        None, description="A colleague of the store who sold it, where it was another", examples=[None]
    )
    reference: Reference = ""
    member: Id | None = Field(
        None, description="Who spends from it, if not its holder: one of `GET /customers/{id}/shared-wallets`", examples=[None]
    )


class KeyedChargeIn(ChargeIn):
    tenders: list[TenderIn] = Field([], max_length=0, description="Of a batch each charge is paid by its wallet alone")
    served_by: None = None
    member: None = None
    key: Key


class BatchIn(Asked):
    charges: list[KeyedChargeIn] = Field(min_length=1, max_length=spending.MOST_AT_ONCE)


class BatchItem(Schema):
    key: str = Field(examples=["order-1001"])
    status: int = Field(description="What the charge alone would have answered: 201, 200, 404 or 422", examples=[201])
    operation: answers.OperationOut | None = None
    problem: problems.Problem | None = None


class BatchOut(Schema):
    results: list[BatchItem] = Field(description="One for each charge, in the order asked")


class RefundIn(Asked):
    amount: Amount = Field(examples=[2345])
    reason: Reason = Field(examples=["one bowl was cold"])


class ReturnedLineIn(Asked):
    line: int = Field(ge=1, le=sales.MOST_LINES, description="Its number in the sale", examples=[1])
    quantity: str = Field("1", min_length=1, max_length=20, examples=["1", "0.35"])


class ReturnIn(Asked):
    amount: Amount | None = Field(None, description="Without it, what was paid for the `lines`", examples=[2345])
    lines: list[ReturnedLineIn] = Field([], max_length=sales.MOST_LINES, description="Goods that came back; then no `amount`")
    reason: Reason = Field(examples=["one bowl was cold"])
    store: Id | None = Field(
        None, description="Where the goods were brought back; without it, where they were sold", examples=["12"]
    )
    till: Id | None = Field(None, description="Needed where cash goes out of a drawer that is counted", examples=["3"])


class ReturnedPartOut(Schema):
    method: str = Field(examples=["cash"])
    amount: int = Field(examples=[938])


class ReturnOut(Schema):
    """Goods that came back. The parts add up to `amount`."""

    sale: str = Field(examples=["12-345"])
    amount: int = Field(examples=[2345])
    to_wallet: int = Field(examples=[1407])
    tenders: list[ReturnedPartOut]
    operation: answers.OperationOut | None = Field(description="The wallet's part; null for a cent that falls to another")
    replayed: bool


@router.post(
    "/charges",
    auth=KeyAuth("charges:write"),
    response=answers.MOVED,
    operation_id="createCharge",
    summary="Charge a wallet",
    openapi_extra=NEEDED,
)
def charge(request: ApiRequest, asked: ChargeIn) -> HttpResponse:
    """A sale paid from a wallet: the charge, the sale and its lines are one fact.

    Which lots pay is decided by the programme's terms. Refusals: `wallet.not_enough`, `limit.per_transaction`,
    `limit.per_day`, `wallet.frozen`, `wallet.closed`, `wallet.not_here`, `store.unusable`, `sale.lines_do_not_add_up`,
    `sale.nothing_from_wallet`, `sale.tenders_and_partial`, `sale.not_a_colleague`,
    `wallet.not_for_this`, `member.unknown`, `member.stopped`, `member.days`, `member.hours`, `allowance.at_once`,
    `allowance.day`, `allowance.week`, `allowance.month`, `shift.needed`, `slip.missing`, `slip.used`, `idempotency.key_reused`.
    """
    key, wallet = key_of(request), named.wallet(asked.wallet)
    moved = sales.complete(
        key=key,
        wallet=wallet,
        amount=asked.amount,
        store=int(asked.store),
        till=fields.number(asked.till),
        lines=_lines(asked),
        allow_partial=asked.allow_partial,
        paid_otherwise=[_tender(each) for each in asked.tenders],
        served_by=fields.number(asked.served_by),
        reference=asked.reference,
        member=members.named(wallet, fields.number(asked.member)),
        by=request.auth,
    )
    return answers.moved(moved.outcome)


@router.post(
    "/charges/batch",
    auth=KeyAuth("charges:write"),
    response=BatchOut,
    operation_id="createCharges",
    summary="Charge up to 500 wallets",
)
def charge_many(request: ApiRequest, asked: BatchIn) -> HttpResponse:
    """Each charge has its own key and stands or falls alone; send the whole batch again whenever in doubt.

    A batch that is not well-formed is refused as a whole, and nothing of it is done.
    """
    wallets = named.wallets([each.wallet for each in asked.charges])
    ready = [(place, each, wallets[each.wallet]) for place, each in enumerate(asked.charges) if each.wallet in wallets]
    baskets = [(_purchase(each, wallet), _lines(each)) for _place, each, wallet in ready]
    done = sales.complete_many(baskets=baskets, by=request.auth)
    results: dict[int, Moved | Refused] = {place: answer for (place, *_rest), answer in zip(ready, done, strict=True)}
    unknown = WalletUnknown()
    return answers.respond(
        {"results": [_item(request, each.key, results.get(place, unknown)) for place, each in enumerate(asked.charges)]}
    )


@router.post(
    "/charges/{operation}/refunds",
    auth=KeyAuth("refunds:write"),
    response=answers.MOVED,
    operation_id="refundCharge",
    summary="Give a charge back to the wallet",
    openapi_extra=NEEDED,
)
def refund(request: ApiRequest, operation: str, asked: RefundIn) -> HttpResponse:
    """All or part of a charge or capture goes back to the lots that paid it, never more than was taken.

    A sale that was paid in part otherwise is given back by `POST /sales/{operation}/returns`. Refusals: `operation.unknown`,
    `refund.too_large`, `refund.sale_is_split`, `wallet.closed`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    returns.refuse_if_split(wallet, entry.outcome.seq)
    moved = spending.refund(
        wallet=wallet, charge=entry.outcome.seq, amount=asked.amount, reason=asked.reason, key=key, by=request.auth
    )
    return answers.moved(moved.outcome)


@router.post(
    "/sales/{operation}/returns",
    auth=KeyAuth("refunds:write"),
    response={201: ReturnOut, 200: ReturnOut},
    operation_id="returnSale",
    summary="Take goods back",
    openapi_extra=NEEDED,
)
def take_back(request: ApiRequest, operation: str, asked: ReturnIn) -> HttpResponse:
    """All or part of a sale, named by its charge, goes back the way it was paid: to the wallet's lots and to each tender.

    Name the goods, each worth its share of what was paid for its line, or an amount. Each part is in proportion to what it
    can still take, to the cent, and the last return closes each to exactly zero. A sale without a wallet is named `S-55`.
    Refusals: `operation.unknown`, `receipt.unknown`, `return.amount_or_goods`, `return.no_such_line`,
    `return.not_that_many`, `basket.quantity`, `refund.too_large`, `store.unusable`, `shift.needed`, `wallet.closed`,
    `idempotency.key_reused`.
    """
    common: dict[str, Any] = {
        "amount": asked.amount, "goods": _goods(asked), "reason": asked.reason, "key": key_of(request), "by": request.auth,
        "till": fields.number(asked.till),
    }  # fmt: skip
    if walkins.is_number(operation):
        done = walkins.take_back(number=operation, **common)
    else:
        wallet, entry = named.operation(operation, request)
        done = returns.give_back(wallet=wallet, charge=entry.outcome.seq, store=fields.number(asked.store), **common)
    answer = answers.respond(_told(done), HTTPStatus.OK if done.replayed else HTTPStatus.CREATED)
    if done.replayed:
        answer[answers.REPLAYED] = "true"
    return answer


def _goods(asked: ReturnIn) -> Goods:
    """Lines that are named twice come back together."""
    goods: dict[int, int] = {}
    for each in asked.lines:
        if (quantity := quantity_of(each.quantity)) is None:
            raise QuantityUnusable(name=each.line)
        goods[each.line] = goods.get(each.line, 0) + quantity
    return goods


def _told(done: Returned) -> dict[str, Any]:
    return {
        "sale": done.sale,
        "amount": done.split.amount,
        "to_wallet": done.split.to_wallet,
        "tenders": [{"method": each.method.name.lower(), "amount": each.amount} for each in done.split.tenders if each.amount],
        "operation": answers.of(done.moved.outcome) if done.moved else None,
        "replayed": done.replayed,
    }


def _tender(asked: TenderIn) -> Tender:
    return Tender(method=fields.method(asked.method), amount=asked.amount, slip=fields.slip(asked.slip))


def _lines(asked: ChargeIn) -> list[Line]:
    return [Line(line.name, line.amount, line.quantity, line.sku) for line in asked.lines]


def _purchase(asked: KeyedChargeIn, wallet: Wallet) -> Purchase:
    return Purchase(
        wallet=wallet,
        amount=asked.amount,
        store=int(asked.store),
        till=fields.number(asked.till),
        allow_partial=asked.allow_partial,
        reference=asked.reference,
        key=asked.key,
    )


def _item(request: ApiRequest, key: str, answer: Moved | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused):
        status = problems.status_of(answer)
        return {"key": key, "status": status, "problem": problems.body_of(request, answer)}
    status = HTTPStatus.OK if answer.replayed else HTTPStatus.CREATED
    return {"key": key, "status": status, "operation": answers.of(answer.outcome)}
