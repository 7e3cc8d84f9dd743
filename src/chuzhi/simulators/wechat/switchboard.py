"""What can be made to happen, beside the stage's own faults: `POST /_control/<act>` with a JSON object."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chuzhi.simulators.stage import Request, Response
from chuzhi.simulators.wechat import contracts, orders, refunds
from chuzhi.simulators.wechat.counter import Counter
from chuzhi.simulators.wechat.envelopes import Refusal

Given = Mapping[str, Any]
Act = Callable[[Counter, Given], Mapping[str, str]]


def add(counter: Counter) -> None:
    for name, act in ACTS.items():
        counter.stage.route("POST", f"/_control/{name}")(_route(counter, act))


def _route(counter: Counter, act: Act) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            return Response.json(act(counter, json.loads(request.body or b"{}")))
        except Refusal as no:
            return Response.json({"code": no.code, "message": no.message}, 409)

    return answer


def _pay(counter: Counter, given: Given) -> Mapping[str, str]:
    """`number`: the payer pays it, perhaps as `openid`."""
    order = counter.books.orders.get(given["number"])
    if order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    orders.pay(counter, order, openid=given.get("openid", ""))
    return {"transaction_id": order.transaction_id}


def _settle(counter: Counter, given: Given) -> Mapping[str, str]:
    """`number` of a refund that was held: `status` SUCCESS, ABNORMAL or CLOSED."""
    refunds.finish(counter, given["number"], given["status"])
    return {}


def _queue(counter: Counter, given: Given) -> Mapping[str, str]:
    """`payments` and `refunds`: what becomes of the next ones."""
    counter.outcomes.extend(given.get("payments", []))
    counter.refund_outcomes.extend(given.get("refunds", []))
    return {}


def _agree(counter: Counter, given: Given) -> Mapping[str, str]:
    """The payer opens the `address` to which the merchant sent them, and agrees."""
    asked = dict(parse_qsl(urlsplit(given["address"]).query))
    contract = contracts.sign(counter, contracts.checked_request(counter, asked), openid=given.get("openid", ""))
    return {"contract_id": contract.contract_id}


def _leave(counter: Counter, given: Given) -> Mapping[str, str]:
    """The payer ends the agreement `code`."""
    contracts.end(counter, counter.books.contracts[given["code"]], by=contracts.ENDED_BY_PAYER)
    return {}


def _hours(counter: Counter, given: Given) -> Mapping[str, str]:
    """`kept`: whether announcements are taken by day only."""
    counter.keeps_hours = given["kept"]
    return {}


def _rotate(counter: Counter, _given: Given) -> Mapping[str, str]:
    """A new platform certificate signs from now on."""
    return {"serial": counter.keys.rotate().serial}


def _signer(counter: Counter, given: Given) -> Mapping[str, str]:
    """`public_key`: whether notices are signed in the newer way. Answers what a merchant needs for it."""
    counter.keys.signs_by_public_key = given["public_key"]
    return {"public_key_id": counter.keys.public.serial, "public_key": counter.keys.public.public_pem}


def _skew(counter: Counter, given: Given) -> Mapping[str, str]:
    """`seconds` by which the stamps of messages are wrong."""
    counter.envelopes.skew_seconds = given["seconds"]
    return {}


def _notice(counter: Counter, given: Given) -> Mapping[str, str]:
    """Any `kind` of notice with any `facts`."""
    counter.tell(given["url"], given["kind"], given["original"], given["kind"], given["facts"])
    return {}


ACTS: dict[str, Act] = {
    "pay": _pay,
    "settle": _settle,
    "outcomes": _queue,
    "agree": _agree,
    "leave": _leave,
    "hours": _hours,
    "rotate": _rotate,
    "signer": _signer,
    "skew": _skew,
    "notice": _notice,
}
