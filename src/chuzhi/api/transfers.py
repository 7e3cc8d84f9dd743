from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets import transfers

router = Router(tags=["Transfers"])


class TransferIn(Asked):
    from_: Id = Field(alias="from", examples=["40001"])
    to: Id = Field(examples=["40002"])
    amount: Amount = Field(examples=[10000])
    reason: Reason = Field(examples=["gift to a friend"])


@router.post(
    "/transfers",
    auth=KeyAuth("transfers:write"),
    response=answers.MOVED,
    operation_id="createTransfer",
    summary="Move value to another wallet",
    openapi_extra=NEEDED,
)
def send(request: ApiRequest, asked: TransferIn) -> HttpResponse:
    """Lots travel with their expiry and funding. Answers the half that left.

    If the other wallet will not take them, they come back, and the refusal says why.
    Refusals: `wallet.not_enough`, `transfer.to_itself`, `transfer.other_asset`, `limit.balance`, `wallet.frozen`,
    `wallet.closed`, `idempotency.key_reused`.
    """
    sent = transfers.send(
        key=key_of(request),
        wallet=named.wallet(asked.from_),
        to=named.wallet(asked.to),
        amount=asked.amount,
        reason=asked.reason,
        by=request.auth,
    )
    if sent.refusal is not None:
        sent.refusal.is_replayed = sent.left.replayed
        raise sent.refusal
    return answers.moved(sent.left.outcome)
