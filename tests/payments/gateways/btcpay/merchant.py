"""What a merchant asks of BTCPay in these tests."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.gateways.standing_in import Ear

from chuzhi.payments.gateways.btcpay.gateway import BTCPayGateway
from chuzhi.payments.gateways.contract import Asked, ForgedError, Notice, RefundAsked, Scene, Told

SHOP = "https://shop.example"


def fresh() -> str:
    return "P" + secrets.token_hex(10).upper()


def asked(number: str = "", **other: Any) -> Asked:
    usual: dict[str, Any] = {
        "number": number or fresh(),
        "amount": 500_00,
        "currency": "CNY",
        "subject": "储值 500 元",
        "scene": Scene.PAGE,
        "expires_at": datetime.now(UTC) + timedelta(minutes=15),
        "notify_url": f"{SHOP}/api/notices/btcpay",
        "return_url": f"{SHOP}/paid",
    }
    return Asked(**usual | other)


def refund_of(payment: Told, amount: int, number: str = "") -> RefundAsked:
    return RefundAsked(
        number=number or fresh(),
        payment=payment.number,
        provider_id=payment.provider_id,
        amount=amount,
        total=payment.amount or 0,
        currency=payment.currency,
        reason="顾客要求",
        notify_url=f"{SHOP}/n",
    )


def read(gateway: BTCPayGateway, notices: Ear, kind: str, number: str) -> Notice:
    """The first notice of a kind about this payment, once it has come."""
    for heard in range(1, 100):
        for each in notices.wait(heard)[heard - 1 :]:
            try:
                notice = gateway.read(each.headers, each.body, now=datetime.now(UTC))
            except ForgedError:
                continue
            if notice.kind == kind and notice.content and notice.content.number == number:
                return notice
    raise AssertionError(f"No {kind} came.")
