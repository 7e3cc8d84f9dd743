"""What is posted to the merchant: each notice has one id for all its tries, and is signed anew for each."""

from collections.abc import Mapping
from datetime import datetime

from chuzhi.simulators.alipay import envelope
from chuzhi.simulators.alipay.books import BUYER_LOGIN, CLOSED, Agreement, Refund, Trade, written, yuan
from chuzhi.simulators.alipay.identity import SELLER, SELLER_EMAIL, Identity
from chuzhi.simulators.stage import Outgoing, Stage

FORM = "application/x-www-form-urlencoded; charset=utf-8"


class Teller:
    def __init__(self, stage: Stage, identity: Identity) -> None:
        self._stage, self._identity = stage, identity
        self._count = 0

    def trade(self, trade: Trade, *, refund: Refund | None = None) -> None:
        """Also of a refund: the same status again, with what was given back so far."""
        if trade.notify_url:
            self._tell(trade.notify_url, trade.app_id, trade_facts(trade, refund))

    def agreement(self, agreement: Agreement) -> None:
        is_signed = agreement.state == "NORMAL"
        facts = {
            "notify_type": "dut_user_sign" if is_signed else "dut_user_unsign",
            "external_agreement_no": agreement.number,
            "agreement_no": agreement.agreement_no,
            "alipay_user_id": agreement.payer,
            "alipay_logon_id": BUYER_LOGIN,
            "personal_product_code": agreement.product,
            "sign_scene": agreement.scene,
            "status": agreement.state,
            "partner_id": SELLER,
            "sign_time": written(agreement.signed_at) if is_signed else "",
            "valid_time": written(agreement.signed_at) if is_signed else "",
            "unsign_time": written(agreement.ended_at),
        }
        if agreement.notify_url:
            self._tell(agreement.notify_url, agreement.app_id, facts)

    def _tell(self, url: str, app_id: str, facts: Mapping[str, str]) -> None:
        at = self._stage.now()
        self._count += 1
        whole = {
            "notify_id": f"{at:%Y%m%d%H%M%S}00{self._count:018d}",
            "notify_time": written(at),
            "charset": "utf-8",
            "version": "1.0",
            "app_id": app_id,
            "auth_app_id": app_id,
            **facts,
        }

        def make(is_forged: bool) -> tuple[Mapping[str, str], bytes]:  # noqa: FBT001 # the stage calls it
            body = envelope.form(whole, self._identity.signers[app_id], is_forged=is_forged)
            return {"Content-Type": FORM}, body

        self._stage.tell(Outgoing(url, make, lambda status, body: status == 200 and body == b"success"))


def trade_facts(trade: Trade, refund: Refund | None) -> dict[str, str]:
    facts = {
        "notify_type": "trade_status_sync",
        "out_trade_no": trade.number,
        "trade_no": trade.trade_no,
        "trade_status": trade.state,
        "subject": trade.subject,
        "total_amount": yuan(trade.amount),
        "seller_id": SELLER,
        "seller_email": SELLER_EMAIL,
        "buyer_id": trade.buyer,
        "buyer_logon_id": BUYER_LOGIN,
        "gmt_create": written(trade.made_at),
    }
    if trade.paid_at:
        paid = yuan(trade.amount)
        facts |= {"gmt_payment": written(trade.paid_at), "receipt_amount": paid, "buyer_pay_amount": paid}
    if trade.state == CLOSED:
        facts["gmt_close"] = written(trade.closed_at)
    if refund:
        at = thousandths(refund.done_at)
        facts |= {"out_biz_no": refund.number, "refund_fee": yuan(trade.refunded), "gmt_refund": at}
    return facts


def thousandths(at: datetime | None) -> str:
    """Of this one moment the thousandths are told too."""
    return f"{written(at)}.{at.microsecond // 1000:03d}" if at else ""
