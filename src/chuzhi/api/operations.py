from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router

from chuzhi.api import answers, entries, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.wallets import queries
from chuzhi.wallets.errors import OperationUnknown

router = Router(tags=["Operations"])


@router.get(
    "/operations/by-key/{path:key}",
    auth=KeyAuth("wallets:read"),
    response=entries.EntryOut,
    operation_id="getOperationByKey",
    summary="Did it happen?",
)
def by_key(
    request: ApiRequest,
    key: str,
    wallet: Annotated[str, Query(description="The wallet that the request was for; of a transfer, the one it left")],
) -> HttpResponse:
    """What this program's Idempotency-Key did to a wallet, done or refused. 404: nothing is recorded under it.

    After a 404 the first request may still be on its way. Sending it again with the same key is always safe.
    """
    entry = queries.by_key(by=request.auth, wallet=named.wallet(wallet), key=key)
    if entry is None:
        raise OperationUnknown
    return answers.respond(entries.of(entry))


@router.get(
    "/operations/{operation}",
    auth=KeyAuth("wallets:read"),
    response=entries.EntryOut,
    operation_id="getOperation",
    summary="One operation",
)
def get_operation(request: ApiRequest, operation: str) -> HttpResponse:
    """As it stands in the journal."""
    found = queries.wallet_of(operation, request.auth)
    if found is None:
        raise OperationUnknown
    return answers.respond(entries.of(found[1]))
