from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from chuzhi.api import answers, fields, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reference
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets import holds

router = Router(tags=["Holds"])


class HoldIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[20000])
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    expires_in_seconds: int = Field(holds.USUAL_SECONDS, ge=1, le=holds.MOST_DAYS * 86_400, examples=[3600])
    reference: Reference = ""


class CaptureIn(Asked):
    amount: Amount = Field(examples=[12345])
    final: bool = Field(default=False, description="Let go of the rest")


class VoidIn(Asked):
    pass


@router.post(
    "/holds",
    auth=KeyAuth("holds:write"),
    response=answers.MOVED,
    operation_id="createHold",
    summary="Hold value for later",
    openapi_extra=NEEDED,
)
def hold(request: ApiRequest, asked: HoldIn) -> HttpResponse:
    """Promise value of these very lots until it is captured, voided, or the time is over.

    Refusals: `wallet.not_enough`, `limit.per_transaction`, `wallet.frozen`, `wallet.closed`, `wallet.not_here`,
    `store.unusable`, `idempotency.key_reused`.
    """
    moved = holds.place(
        key=key_of(request),
        wallet=named.wallet(asked.wallet),
        amount=asked.amount,
        store=int(asked.store),
        till=fields.number(asked.till),
        expires_in_seconds=asked.expires_in_seconds,
        reference=asked.reference,
        by=request.auth,
    )
    return answers.moved(moved.outcome)


@router.post(
    "/holds/{operation}/captures",
    auth=KeyAuth("holds:write"),
    response=answers.MOVED,
    operation_id="captureHold",
    summary="Take part or all of a hold",
    openapi_extra=NEEDED,
)
def capture(request: ApiRequest, operation: str, asked: CaptureIn) -> HttpResponse:
    """Several captures may follow one another; `final` lets the rest go.

    Refusals: `operation.unknown`, `hold.ended`, `hold.too_small`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = holds.capture(
        wallet=wallet,
        hold=entry.outcome.seq,
        amount=asked.amount,
        final=asked.final,
        key=key,
        by=request.auth,
    )
    return answers.moved(moved.outcome)


@router.post(
    "/holds/{operation}/void",
    auth=KeyAuth("holds:write"),
    response=answers.MOVED,
    operation_id="voidHold",
    summary="Let go of a hold",
    openapi_extra=NEEDED,
)
def void(request: ApiRequest, operation: str, asked: VoidIn) -> HttpResponse:
    """What is left of it can be spent again. Refusals: `operation.unknown`, `hold.ended`, `idempotency.key_reused`."""
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = holds.release(wallet=wallet, hold=entry.outcome.seq, key=key, by=request.auth)
    return answers.moved(moved.outcome)
