from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, fields, named, problems
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason, Reference, Text
from chuzhi.api.idempotency import NEEDED, Key, key_of
from chuzhi.core.errors import Refused
from chuzhi.till import sales
from chuzhi.till.tickets import Line
from chuzhi.wallets import spending
from chuzhi.wallets.errors import WalletUnknown
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.spending import Purchase

router = Router(tags=["Charges"])


class LineIn(Asked):
    name: Text = Field(min_length=1, max_length=120, examples=["红烧牛肉面"])
    amount: Amount = Field(description="The whole line's", examples=[12345])
    quantity: str = Field("1", min_length=1, max_length=20, description="As people say it", examples=["2", "0.35 kg"])
    sku: str = Field("", max_length=60, examples=["NOODLE-7"])


class ChargeIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[12345])
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    lines: list[LineIn] = Field([], max_length=sales.MOST_LINES, description="What was sold; if any, they add up to the amount")
    allow_partial: bool = Field(default=False, description="Take at most what is there; the rest is paid otherwise")
    reference: Reference = ""


class KeyedChargeIn(ChargeIn):
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
    `idempotency.key_reused`.
    """
    moved = sales.complete(
        key=key_of(request),
        wallet=named.wallet(asked.wallet),
        amount=asked.amount,
        store=int(asked.store),
        till=fields.number(asked.till),
        lines=_lines(asked),
        allow_partial=asked.allow_partial,
        reference=asked.reference,
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

    Refusals: `operation.unknown`, `refund.too_large`, `wallet.closed`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = spending.refund(
        wallet=wallet, charge=entry.outcome.seq, amount=asked.amount, reason=asked.reason, key=key, by=request.auth
    )
    return answers.moved(moved.outcome)


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
