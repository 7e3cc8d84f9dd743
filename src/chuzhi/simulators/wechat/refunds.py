"""Money back: taken on at once, finished later, and sometimes not possible."""

from chuzhi.simulators.stage import Request
from chuzhi.simulators.wechat.books import BEIJING, Order, Refund
from chuzhi.simulators.wechat.counter import Answered, Counter
from chuzhi.simulators.wechat.envelopes import Refusal, bad_parameter, rfc3339
from chuzhi.simulators.wechat.orders import parsed

HOLD = "HOLD"
MOST_A_PAYMENT = 50


def add(counter: Counter) -> None:
    counter.route("POST", r"/v3/refund/domestic/refunds")(lambda request: _ask(counter, request))
    counter.route("GET", r"/v3/refund/domestic/refunds/([^/]+)")(lambda request: _query(counter, request))


def finish(counter: Counter, number: str, status: str) -> None:
    """SUCCESS, ABNORMAL or CLOSED; the merchant is told."""
    with counter.stage.lock:
        order, refund = _found(counter, number)
        refund.status = status
        if status == "SUCCESS":
            refund.done_at = counter.stage.now().astimezone(BEIJING)
        counter.tell_refunded(order, refund)


def _ask(counter: Counter, request: Request) -> Answered:
    """The same number again answers the same refund; with another content it is refused."""
    content = parsed(request)
    order = _order(counter, content)
    amount = content.get("amount") or {}
    if any(type(amount.get(name)) is not int for name in ("refund", "total")) or amount["refund"] < 1:
        raise bad_parameter("退款金额不符合规则")
    if amount["total"] != order.amount:
        raise bad_parameter("订单金额或退款金额与之前请求不一致，请核实后再试")
    number = str(content.get("out_refund_no", ""))
    if not 0 < len(number) <= 64:
        raise bad_parameter("商户退款单号不符合规则")
    if known := [refund for refund in order.refunds if refund.number == number]:
        if known[0].amount != amount["refund"]:
            raise Refusal(400, "PARAM_ERROR", "订单金额或退款金额与之前请求不一致，请核实后再试")
        return 200, _shown(order, known[0])
    if any(refund.number == number for other in counter.books.orders.values() for refund in other.refunds):
        raise Refusal(400, "INVALID_REQUEST", "商户退款单号已用于其他订单")
    outcome = counter.refund_outcomes.popleft() if counter.refund_outcomes else "SUCCESS"
    if outcome == "NOT_ENOUGH":
        raise Refusal(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
    if order.refunded + amount["refund"] > order.amount or len(order.refunds) >= MOST_A_PAYMENT:
        raise Refusal(400, "INVALID_REQUEST", "申请退款总金额超过订单金额")
    refund = Refund(
        number=number,
        refund_id=counter.books.number("50302", counter.stage.now(), 29),
        amount=amount["refund"],
        reason=content.get("reason", ""),
        notify_url=content.get("notify_url", ""),
        asked_at=counter.stage.now().astimezone(BEIJING),
    )
    order.refunds.append(refund)
    order.state = "REFUND"
    answer = _shown(order, refund)
    if outcome != HOLD:
        finish(counter, number, outcome)
    return 200, answer


def _query(counter: Counter, request: Request) -> Answered:
    return 200, _shown(*_found(counter, request.parts[0]))


def _order(counter: Counter, content: dict[str, object]) -> Order:
    orders = counter.books.orders.values()
    found = [
        order
        for order in orders
        if order.paid_at
        and (order.transaction_id == content.get("transaction_id") or order.number == content.get("out_trade_no"))
    ]
    if not found:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "订单号不存在")
    return found[0]


def _found(counter: Counter, number: str) -> tuple[Order, Refund]:
    for order in counter.books.orders.values():
        for refund in order.refunds:
            if refund.number == number:
                return order, refund
    raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单查询失败")


def _shown(order: Order, refund: Refund) -> dict[str, object]:
    facts: dict[str, object] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.number,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(refund.asked_at),
        "status": refund.status,
        "funds_account": "UNSETTLED",
        "amount": {
            "total": order.amount,
            "refund": refund.amount,
            "payer_total": order.amount,
            "payer_refund": refund.amount,
            "settlement_refund": refund.amount,
            "settlement_total": order.amount,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    if refund.status == "SUCCESS" and refund.done_at:
        facts["success_time"] = rfc3339(refund.done_at)
    return facts
