"""The trade's own interfaces: to order, to pay by code or agreement, to ask, to close, to cancel and to refund."""

import re
from collections import deque
from collections.abc import Mapping
from datetime import timedelta

from chuzhi.simulators.alipay.books import (
    BUYER,
    BUYER_LOGIN,
    CLOSED,
    FINISHED,
    LONGEST_TRADE,
    PAID,
    WAITING,
    Books,
    Refund,
    Trade,
    fen,
    read_moment,
    written,
    yuan,
)
from chuzhi.simulators.alipay.envelope import Asked, No, refused
from chuzhi.simulators.alipay.telling import Teller
from chuzhi.simulators.stage import Stage

PAY_CODE = re.compile(r"(2[5-9]|30)\d{14,22}", re.ASCII)
NUMBER = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
FREE_OF_PASSWORD = 200_000  # fen: a pay-code pays up to this without asking
SLOW_REFUND = "slow_refund"  # the money of the refund moves later, or never
OVERTAKEN = "overtaken"  # the payment arrives just after the call to close it, which finds nothing
PRODUCTS = {
    "alipay.trade.page.pay": {"FAST_INSTANT_TRADE_PAY"},
    "alipay.trade.wap.pay": {"QUICK_WAP_WAY", "QUICK_WAP_PAY"},
    "alipay.trade.precreate": {"FACE_TO_FACE_PAYMENT", ""},
    "alipay.trade.pay": {"FACE_TO_FACE_PAYMENT", "GENERAL_WITHHOLDING", ""},
}
Facts = dict[str, object]


class Dealing:
    """Every method is called under the stage's lock."""

    def __init__(self, stage: Stage, books: Books, teller: Teller) -> None:
        self._stage, self._books, self._teller = stage, books, teller
        self.declines: deque[str] = deque()
        self.wants_password = False
        self.is_poor = False

    def ordered(self, asked: Asked) -> Trade:
        """The trade that was asked for: a new one, or the same again. Not yet in the books."""
        number, amount = asked.need("out_trade_no"), fen(asked.need("total_amount"))
        if not NUMBER.fullmatch(number) or amount is None:
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：订单号或金额不合法")
        if len(subject := asked.need("subject")) > 256 or set(subject) & set("/=&"):
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：订单标题不合法")
        if asked.may("product_code") not in PRODUCTS[asked.method]:
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：销售产品码不合法")
        now = self._stage.now()
        expires_at = read_moment(asked.may("time_expire")) if asked.may("time_expire") else now + LONGEST_TRADE
        if expires_at is None or expires_at <= now:
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：订单绝对超时时间无效")
        made = Trade(
            number, self._books.fresh_number(now), asked.app.app_id, amount, subject, asked.may("product_code"),
            asked.parameters.get("notify_url", ""), asked.parameters.get("return_url", ""), now, expires_at,
            asked.may("store_id"),
        )  # fmt: skip
        if known := self.known(asked.app.app_id, number):
            if (known.amount, known.subject) != (made.amount, made.subject):
                raise refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
            if known.state in {PAID, FINISHED}:
                raise refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
            if known.state == CLOSED:
                raise refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
            return known
        return made

    def begin(self, trade: Trade) -> Trade:
        """The payer has come to the cashier: from here on the trade exists."""
        return self._books.trades.setdefault((trade.app_id, trade.number), trade)

    def pay(self, trade: Trade, *, buyer: str = BUYER) -> None:
        trade.state, trade.paid_at, trade.buyer = PAID, self._stage.now(), buyer
        self._teller.trade(trade)

    def finish(self, trade: Trade) -> None:
        """Too old to be refunded."""
        trade.state = FINISHED
        self._teller.trade(trade)

    def known(self, app_id: str, number: str) -> Trade | None:
        """Closed first, if nobody paid it in time."""
        trade = self._books.trades.get((app_id, number))
        if trade and trade.state == WAITING and trade.expires_at <= self._stage.now():
            self._close(trade)
        return trade

    def precreate(self, asked: Asked) -> Facts:
        trade = self.ordered(asked)
        code = next((code for code, each in self._books.shown.items() if each.number == trade.number), "")
        code = code or f"{self._stage.address}/qr/{self._books.fresh_number(trade.made_at)[-12:]}"
        self._books.shown.setdefault(code, trade)
        return {"out_trade_no": trade.number, "qr_code": code}

    def pay_now(self, asked: Asked) -> Facts:
        """By a code from the payer's phone, or by an agreement."""
        agreed, order = asked.content.get("agreement_params"), self.ordered(asked)
        payer = self._agreed(asked, agreed) if agreed else self._coded(asked)
        trade = self.begin(order)
        if self.declines:
            raise refused(self.declines.popleft(), "支付失败")
        if not agreed and (self.wants_password or trade.amount > FREE_OF_PASSWORD):
            self.wants_password = False
            raise Waiting(self._sums(trade))
        self.pay(trade, buyer=payer)
        return self._sums(trade) | {"gmt_payment": written(trade.paid_at)}

    def query(self, asked: Asked) -> Facts:
        trade = self._found(asked)
        paid = {"send_pay_date": written(trade.paid_at)} if trade.paid_at else {}
        return self._sums(trade) | {"trade_status": trade.state} | paid

    def close(self, asked: Asked) -> Facts:
        trade = self._found(asked)
        if self._stage.faults.strikes(OVERTAKEN):
            raise refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
        if trade.state != WAITING:
            raise refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        self._close(trade)
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no}

    def cancel(self, asked: Asked) -> Facts:
        """Undoes what may be under way: closes what is unpaid, gives back what is paid, and says nothing of what is not there."""
        trade = self.known(asked.app.app_id, asked.need("out_trade_no"))
        facts: Facts = {"out_trade_no": asked.need("out_trade_no"), "retry_flag": "N"}
        return facts if trade is None else facts | {"trade_no": trade.trade_no, "action": self.undo(trade)}

    def undo(self, trade: Trade) -> str:
        """What has been paid goes back, what has not is closed; answers which of the two it was."""
        if trade.state == PAID and not trade.refunds:
            trade.refunds[trade.number] = made = Refund(trade.number, trade.amount, self._stage.now())
            self._settle(trade, made)
            return "refund"
        if trade.state == WAITING:
            self._close(trade)
        return "close"

    def refund(self, asked: Asked) -> Facts:
        trade, number, amount = self._found(asked), asked.may("out_request_no"), fen(asked.need("refund_amount"))
        if amount is None:
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：退款金额不合法")
        if known := trade.refunds.get(number or trade.number):
            if known.amount != amount:
                raise refused("ACQ.DISCORDANT_REPEAT_REQUEST", "退款请求号重复且金额不一致")
            return self._refund_facts(trade, is_moved=False)
        self._check_refund(trade, number, amount)
        made = trade.refunds[number or trade.number] = Refund(number or trade.number, amount, self._stage.now())
        if self._stage.faults.strikes(SLOW_REFUND):
            return self._refund_facts(trade, is_moved=False)
        self._settle(trade, made)
        return self._refund_facts(trade, is_moved=True) | {"gmt_refund_pay": written(made.done_at)}

    def query_refund(self, asked: Asked) -> Facts:
        """Of a refund that is not done, or that failed, nothing is told."""
        trade, number = self._found(asked), asked.need("out_request_no")
        refund = trade.refunds.get(number)
        facts: Facts = {"out_trade_no": trade.number, "trade_no": trade.trade_no}
        if refund is None or refund.done_at is None:
            return facts
        facts |= {"out_request_no": number, "total_amount": yuan(trade.amount), "refund_amount": yuan(refund.amount)}
        wants_moment = "gmt_refund_pay" in (asked.content.get("query_options") or ())
        moment = {"gmt_refund_pay": written(refund.done_at)} if wants_moment else {}
        return facts | {"refund_status": "REFUND_SUCCESS"} | moment

    def end_refunds(self, *, is_done: bool) -> list[str]:
        """What became of the slow ones. One that failed is forgotten, and may be asked for again."""
        ended = []
        for trade in self._books.trades.values():
            for refund in [each for each in trade.refunds.values() if not each.done_at]:
                ended.append(refund.number)
                if is_done:
                    self._settle(trade, refund)
                else:
                    del trade.refunds[refund.number]
        return ended

    def _found(self, asked: Asked) -> Trade:
        app_id, number, trade_no = asked.app.app_id, asked.may("out_trade_no"), asked.may("trade_no")
        if not number and not trade_no:
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：订单号不能为空")
        trade = self._books.by_trade_no(trade_no) if trade_no else None
        trade = self.known(app_id, trade.number if trade else number)
        if trade is None:
            raise refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return trade

    def _coded(self, asked: Asked) -> str:
        code = asked.need("auth_code")
        if asked.need("scene") != "bar_code" or not PAY_CODE.fullmatch(code) or code in self._books.used_codes:
            raise refused("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款")
        self._books.used_codes.add(code)
        return BUYER

    def _agreed(self, asked: Asked, agreed: Mapping[str, str]) -> str:
        agreement = self._books.by_agreement_no(asked.app.app_id, str(agreed.get("agreement_no")))
        if agreement is None or agreement.state == "UNSIGN":
            raise refused("ACQ.AGREEMENT_NOT_EXIST", "用户协议不存在")
        if agreement.state != "NORMAL":
            raise refused("ACQ.AGREEMENT_STATUS_NOT_NORMAL", "用户协议状态非正常")
        if asked.may("product_code") != "GENERAL_WITHHOLDING":
            raise refused("ACQ.INVALID_PARAMETER", "参数有误：销售产品码不合法")
        return agreement.payer

    def _check_refund(self, trade: Trade, number: str, amount: int) -> None:
        if trade.state == FINISHED:
            raise refused("ACQ.TRADE_HAS_FINISHED", "交易已完结")
        if trade.state != PAID:
            raise refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        if trade.promised + amount > trade.amount or (not number and amount != trade.amount):
            raise refused("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
        if self.is_poor:
            raise refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")

    def _close(self, trade: Trade) -> None:
        trade.state, trade.closed_at = CLOSED, self._stage.now()
        self._teller.trade(trade)

    def _settle(self, trade: Trade, refund: Refund) -> None:
        # A day's bill is ordered by these moments: two of one trade are never the same.
        refund.done_at = self._stage.now() + timedelta(microseconds=len(trade.refunds))
        if trade.refunded == trade.amount:
            trade.state, trade.closed_at = CLOSED, refund.done_at
        self._teller.trade(trade, refund=refund)

    def _refund_facts(self, trade: Trade, *, is_moved: bool) -> Facts:
        facts: Facts = {"out_trade_no": trade.number, "trade_no": trade.trade_no, "buyer_user_id": trade.buyer}
        return facts | {"fund_change": "Y" if is_moved else "N", "refund_fee": yuan(trade.refunded)}

    def _sums(self, trade: Trade) -> Facts:
        amount = yuan(trade.amount)
        facts: Facts = {"out_trade_no": trade.number, "trade_no": trade.trade_no, "total_amount": amount}
        if trade.paid_at:
            facts |= {"buyer_user_id": trade.buyer, "buyer_logon_id": BUYER_LOGIN, "receipt_amount": amount}
        return facts


class Waiting(No):
    """The payer has to type the password first."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__("10003", "", "")
        self.facts = {name: value for name, value in self.facts.items() if value} | {
            name: str(value) for name, value in facts.items()
        }
