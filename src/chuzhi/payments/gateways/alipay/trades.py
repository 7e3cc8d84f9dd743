"""A payment in Alipay's words: what is sent for each scene, and what an answer or a notice says of it."""

from collections.abc import Mapping

from chuzhi.payments.gateways.alipay import yuan
from chuzhi.payments.gateways.alipay.answers import Answer
from chuzhi.payments.gateways.contract import Asked, OutcomeUnknownError, Scene, State, Told

METHODS = {
    Scene.PAGE: "alipay.trade.page.pay",
    Scene.PHONE: "alipay.trade.wap.pay",
    Scene.SHOWN: "alipay.trade.precreate",
    Scene.SCANNED: "alipay.trade.pay",
    Scene.ABSENT: "alipay.trade.pay",
}
PRODUCTS = {
    Scene.PAGE: "FAST_INSTANT_TRADE_PAY",
    Scene.PHONE: "QUICK_WAP_WAY",
    Scene.SHOWN: "FACE_TO_FACE_PAYMENT",
    Scene.SCANNED: "FACE_TO_FACE_PAYMENT",
    Scene.ABSENT: "GENERAL_WITHHOLDING",
}
STATES = {
    "WAIT_BUYER_PAY": State.WAITING,
    "TRADE_SUCCESS": State.PAID,
    "TRADE_FINISHED": State.PAID,  # paid, and too long ago to be refunded
    "TRADE_CLOSED": State.CLOSED,  # never paid, or refunded in full: either way nothing of it is ours
}
LONGEST_SUBJECT = 256
NOT_IN_A_SUBJECT = str.maketrans(dict.fromkeys("/=&", " "))


def content(asked: Asked) -> dict[str, object]:
    """The order itself. Nobody can pay it after `expires_at`, not even through a link that was kept."""
    order: dict[str, object] = {
        "out_trade_no": asked.number,
        "total_amount": yuan.text(asked.amount),
        "subject": asked.subject.translate(NOT_IN_A_SUBJECT)[:LONGEST_SUBJECT],
        "product_code": PRODUCTS[asked.scene],
        "time_expire": yuan.moment(asked.expires_at),
    }
    if asked.shop:
        order["store_id"] = asked.shop
    match asked.scene:
        case Scene.SCANNED:
            order |= {"scene": "bar_code", "auth_code": asked.code}
        case Scene.ABSENT:
            order["agreement_params"] = {"agreement_no": asked.agreement}
        case Scene.PHONE if asked.return_url:
            order["quit_url"] = asked.return_url
    return order


def told(answer: Answer, *, number: str, merchant: str) -> Told:
    """What a query says, or a payment that was made at once, which has no status of its own."""
    if answer.of("out_trade_no") != number:
        raise OutcomeUnknownError(f"Asked about {number}, Alipay answers about {answer.of('out_trade_no')!r}.")
    state = STATES.get(answer.of("trade_status")) if "trade_status" in answer.facts else _at_once(answer)
    if state is None:
        raise OutcomeUnknownError(f"{number} has the unknown status {answer.of('trade_status')!r}.")
    return Told(
        number=number,
        state=state,
        merchant=merchant,
        amount=answer.amount("total_amount"),
        currency=yuan.CURRENCY,
        provider_id=answer.of("trade_no"),
        paid_at=answer.moment("send_pay_date", "gmt_payment") if state is State.PAID else None,
        payer=payer(answer.facts),
        reason=answer.of("trade_status"),
    )


def payer(facts: Mapping[str, object]) -> str:
    """How Alipay knows them: by the account's number, or for newer applications by an identity of the application's own."""
    names = ("buyer_user_id", "buyer_id", "buyer_open_id")
    return next((str(facts[name]) for name in names if facts.get(name)), "")


def _at_once(answer: Answer) -> State:
    return State.PAID if answer.is_done else State.WAITING
