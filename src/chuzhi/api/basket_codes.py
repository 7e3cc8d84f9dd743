from typing import Any

from ninja import Router

from chuzhi.api import basket_answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.basket_answers import BasketOut
from chuzhi.payments import refunds
from chuzhi.till import code_refunds, codes
from chuzhi.till.errors import NothingToSend

router = Router(tags=["Baskets"])

SCOPE = KeyAuth("baskets:write")


@router.post(
    "/baskets/{basket}/code/look",
    auth=SCOPE,
    response=BasketOut,
    operation_id="lookAtBasketCode",
    summary="Ask the provider now",
)
def look_at_code(request: ApiRequest, basket: str) -> dict[str, Any]:
    """Whether the code is paid; over already, nothing is asked. Refusals: `basket.unknown`, `basket.not_by_code`."""
    return basket_answers.out(codes.look(basket=basket_answers.found(request.auth, basket), by=request.auth).basket)


@router.post(
    "/baskets/{basket}/code/give-up",
    auth=SCOPE,
    response=BasketOut,
    operation_id="giveUpBasketCode",
    summary="Do not wait for a code",
)
def give_up_code(request: ApiRequest, basket: str) -> dict[str, Any]:
    """Closed at the provider, and the basket can be paid otherwise. Paid in that moment, it is sold: the answer says which.

    Refusals: `basket.unknown`, `basket.not_by_code`.
    """
    return basket_answers.out(codes.give_up(basket=basket_answers.found(request.auth, basket), by=request.auth).basket)


@router.post(
    "/baskets/{basket}/code/refund",
    auth=KeyAuth("refunds:write"),
    response=BasketOut,
    operation_id="sendBasketCodeBack",
    summary="Send back again what a provider refused",
)
def send_back(request: ApiRequest, basket: str) -> dict[str, Any]:
    """By itself it is tried again each hour. Refusals: `basket.unknown`, `basket.nothing_to_send`."""
    made = code_refunds.owed().filter(basket=basket_answers.found(request.auth, basket)).first()
    if made is None:
        raise NothingToSend
    refunds.send(code_refunds.try_again(made=made, by=request.auth))
    return basket_answers.out(basket_answers.found(request.auth, basket))
