"""One refund: how it is asked for, and what the provider's word about it means."""

from chuzhi.payments.gateways.contract import RefundAsked, RefundState, RefundTold
from chuzhi.payments.gateways.wechat import facts
from chuzhi.payments.gateways.wechat.facts import Facts
from chuzhi.payments.gateways.wechat.transactions import shortened

PATH = "/v3/refund/domestic/refunds"
LONGEST_REASON = 80  # bytes, in UTF-8

STATES = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.PROCESSING,
    "ABNORMAL": RefundState.FAILED,  # the payer's card takes nothing: somebody has to pay it out another way
    "CLOSED": RefundState.FAILED,
}


def request(asked: RefundAsked) -> dict[str, object]:
    content: dict[str, object] = {
        "out_refund_no": asked.number,
        "notify_url": asked.notify_url,
        "amount": {"refund": asked.amount, "total": asked.total, "currency": asked.currency},
    }
    if asked.provider_id:
        content["transaction_id"] = asked.provider_id
    else:
        content["out_trade_no"] = asked.payment
    if asked.reason:
        content["reason"] = shortened(asked.reason, LONGEST_REASON)
    return content


def told(said: Facts, *, merchant: str) -> RefundTold:
    """An answer calls the state `status`, a notice `refund_status`; neither is without a currency but the notice, which means CNY."""
    written = facts.text(said, "status") or facts.text(said, "refund_status")
    state = STATES.get(written, RefundState.PROCESSING)
    amount = facts.part(said, "amount")
    return RefundTold(
        number=facts.text(said, "out_refund_no"),
        payment=facts.text(said, "out_trade_no"),
        state=state,
        merchant=merchant,
        amount=facts.whole(amount, "refund"),
        currency=facts.text(amount, "currency") or "CNY",
        provider_id=facts.text(said, "refund_id"),
        done_at=facts.moment(said, "success_time"),
        reason=written if state is RefundState.FAILED else "",
    )
