from django.http import HttpResponse
from ninja import Router
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets import disputes

router = Router(tags=["Disputes"])


class DisputeIn(Asked):
    """Nothing more is to be said."""


class DisputeEndIn(Asked):
    won: bool = Field(description="true: the bank decided for the shop", examples=[True])

    model_config = ConfigDict(json_schema_extra={"examples": [{"won": True}]})


@router.post(
    "/topups/{operation}/dispute",
    auth=KeyAuth("disputes:write"),
    response=answers.MOVED,
    operation_id="disputeTopUp",
    summary="The payer's bank takes a top-up back",
    openapi_extra=NEEDED,
)
def dispute(request: ApiRequest, operation: str, asked: DisputeIn) -> HttpResponse:
    """What is left of that top-up is frozen; what is spent of it is booked as a debt, which later top-ups repay.

    Refusals: `operation.unknown`, `dispute.open`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = disputes.begin(wallet=wallet, top_up=entry.outcome.seq, key=key, by=request.auth)
    return answers.moved(moved.outcome)


@router.post(
    "/disputes/{operation}/end",
    auth=KeyAuth("disputes:write"),
    response=answers.MOVED,
    operation_id="endDispute",
    summary="The bank has decided",
    openapi_extra=NEEDED,
)
def end(request: ApiRequest, operation: str, asked: DisputeEndIn) -> HttpResponse:
    """Won: frozen lots thaw and the debt is forgiven. Lost: frozen lots are gone and the debt stays.

    Refusals: `operation.unknown`, `dispute.ended`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet, entry = named.operation(operation, request)
    moved = disputes.end(wallet=wallet, dispute=entry.outcome.seq, won=asked.won, key=key, by=request.auth)
    return answers.moved(moved.outcome)
