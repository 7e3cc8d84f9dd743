"""The provider behind its addresses: who may ask, what is kept, and who is told."""

from collections import deque
from collections.abc import Callable
from typing import Any

from chuzhi.simulators.stage import Outgoing, Request, Response, Stage
from chuzhi.simulators.wechat.books import Books, Order, Refund
from chuzhi.simulators.wechat.envelopes import Envelopes, Refusal, rfc3339
from chuzhi.simulators.wechat.keys import APP, MERCHANT, Keys

FORGE_ANSWER = "forge_answer"  # a wrong signature on an answer

Answered = tuple[int, Any]
"""A status and the facts of the answer; None for no content."""


class Counter:
    """What all parts of the provider share. `outcomes` are queued for the next codes that are scanned and the next deductions,
    `refund_outcomes` for the next refunds: a code of the provider, or HOLD."""

    def __init__(self, stage: Stage, keys: Keys) -> None:
        self.stage, self.keys = stage, keys
        self.books = Books()
        self.envelopes = Envelopes(keys)
        self.outcomes: deque[str] = deque()
        self.refund_outcomes: deque[str] = deque()
        self.keeps_hours = False  # announcements only by day, as the real one wants
        stage.books = self.books.shown

    def route(self, method: str, pattern: str) -> Callable[[Callable[[Request], Answered]], None]:
        """An address that wants a signed request and signs what it answers, a refusal too."""

        def add(serve: Callable[[Request], Answered]) -> None:
            self.stage.route(method, pattern)(lambda request: self._served(serve, request))

        return add

    def _served(self, serve: Callable[[Request], Answered], request: Request) -> Response:
        try:
            self.envelopes.verify(request)
            with self.stage.lock:
                status, facts = serve(request)
        except Refusal as no:
            said = {"code": no.code, "message": no.message}
            if no.status == 401:
                return Response.json(said, 401)
            status, facts = no.status, said
        return self.envelopes.answered(request, status, facts, forged=self.stage.faults.strikes(FORGE_ANSWER))

    def tell_paid(self, order: Order) -> None:
        """Payments by the payer's code are not told of: the merchant asks."""
        if order.notify_url:
            self.tell(order.notify_url, "TRANSACTION.SUCCESS", "transaction", "支付成功", transaction(order))

    def tell_refunded(self, order: Order, refund: Refund) -> None:
        if refund.notify_url:
            facts = {
                "mchid": MERCHANT,
                "out_trade_no": order.number,
                "transaction_id": order.transaction_id,
                "out_refund_no": refund.number,
                "refund_id": refund.refund_id,
                "refund_status": refund.status,
                "user_received_account": "支付用户零钱",
                "amount": {
                    "total": order.amount,
                    "refund": refund.amount,
                    "payer_total": order.amount,
                    "payer_refund": refund.amount,
                },
            }
            if refund.status == "SUCCESS" and refund.done_at:
                facts["success_time"] = rfc3339(refund.done_at)
            summary = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}[refund.status]
            self.tell(refund.notify_url, f"REFUND.{refund.status}", "refund", summary, facts)

    def tell(self, url: str, kind: str, original: str, summary: str, facts: dict[str, Any]) -> None:
        make = self.envelopes.notice(kind, original, summary, facts, self.stage.now())
        self.stage.tell(Outgoing(url, make, lambda status, _body: status in {200, 204}))


def transaction(order: Order) -> dict[str, Any]:
    """An order in the words of an answer and of a notice."""
    facts: dict[str, Any] = {
        "appid": APP,
        "mchid": MERCHANT,
        "out_trade_no": order.number,
        "trade_state": order.state,
        "trade_state_desc": STATE_WORDS[order.state],
        "attach": "",
    }
    if order.kind == "MICROPAY" or order.paid_at:
        facts["trade_type"] = order.kind
    if order.paid_at:
        facts |= {
            "transaction_id": order.transaction_id,
            "bank_type": "OTHERS",
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": order.openid},
            "amount": {"total": order.amount, "payer_total": order.amount, "currency": "CNY", "payer_currency": "CNY"},
        }
    return facts


STATE_WORDS = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "USERPAYING": "用户支付中，需要输入密码",
    "CLOSED": "订单已关闭",
    "REVOKED": "订单已撤销",
    "PAYERROR": "支付失败",
    "PAY_FAIL": "扣款失败",
    "ACCEPT": "已接收，等待扣款",
}
