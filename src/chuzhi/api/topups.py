from django.http import HttpResponse
from ninja import Router
from pydantic import ConfigDict, Field

from chuzhi.api import answers, fields, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, CounterMethod, Id, Mark, Reason, Reference, SlipIn
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.topups import selling
from chuzhi.topups.channels import Channel
from chuzhi.wallets import paybacks
from chuzhi.wallets.funding import Payment

router = Router(tags=["Top-ups"])


class TopUpIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[50000])
    method: CounterMethod
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    offer: Mark | None = Field(
        None, description="The band that the customer was shown; refused if it is another by now", examples=["offer-7"]
    )
    reference: Reference = ""
    slip: SlipIn | None = Field(None, description="Needed for `terminal`; one slip of a terminal pays once a day")


class TopUpRefundIn(Asked):
    amount: Amount | None = Field(None, description="Without it: all that can be given back", examples=[10000])
    method: CounterMethod
    reason: Reason = Field(examples=["customer moves away"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"method": "cash", "reason": "customer moves away"}]})


@router.post(
    "/topups",
    auth=KeyAuth("topups:write"),
    response=answers.MOVED,
    operation_id="createTopUp",
    summary="Sell stored value",
    openapi_extra=NEEDED,
)
def top_up(request: ApiRequest, asked: TopUpIn) -> HttpResponse:
    """Money that the cashier has taken becomes principal, with what the best offer gives for it.

    The gift is decided here, never by the request; `GET /offers/preview` tells it beforehand. What the wallet owes is repaid first.
    Refusals: `limit.per_transaction`, `limit.per_day`, `limit.balance`, `wallet.frozen`, `wallet.closed`, `wallet.not_here`,
    `programme.closed`, `offer.changed`, `store.unusable`, `idempotency.key_reused`, `shift.needed`, `slip.missing`,
    `slip.used`, `slip.card_number`.
    """
    payment = Payment(
        key=key_of(request),
        wallet=named.wallet(asked.wallet),
        amount=asked.amount,
        method=fields.method(asked.method),
        store=int(asked.store),
        till=fields.number(asked.till),
        offer=asked.offer,
        reference=asked.reference,
        slip=fields.slip(asked.slip),
    )
    moved = selling.top_up(payment=payment, channel=Channel.COUNTER, by=request.auth)
    return answers.moved(moved.outcome)


@router.post(
    "/topups/{operation}/refunds",
    auth=KeyAuth("refunds:write"),
    response=answers.MOVED,
    operation_id="refundTopUp",
    summary="Give a top-up back to the payer",
    openapi_extra=NEEDED,
)
def refund(request: ApiRequest, operation: str, asked: TopUpRefundIn) -> HttpResponse:
    """Unspent principal of that top-up goes back to the payer; its bonus goes with it, spent bonus is kept back.

    Refusals: `operation.unknown`, `refund.too_large`, `refund.nothing_left`, `wallet.closed`,
    `approval.needed`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = paybacks.pay_back(
        wallet=wallet,
        top_up=entry.outcome.seq,
        amount=asked.amount,
        method=fields.method(asked.method),
        reason=asked.reason,
        key=key,
        by=request.auth,
    )
    return answers.moved(moved.outcome)
