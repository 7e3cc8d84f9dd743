"""What a merchant asks for in these tests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from payments.gateways.standing_in import Heard

from chuzhi.payments.gateways.contract import (
    Asked,
    RefundAsked,
    Scene,
)
from chuzhi.payments.gateways.wechat.gateway import WeChatPay

Ask = Callable[..., Asked]
Connect = Callable[..., WeChatPay]


def scanned(code: str = "") -> dict[str, object]:
    return {"scene": Scene.SCANNED, "code": code or f"13{time.time_ns():020d}"[:18], "shop": "S1"}


def heard(wechat: WeChatPay, notice: Heard) -> object:
    return wechat.read(notice.headers, notice.body, now=datetime.now(UTC)).content


def back(payment: Asked, amount: int, **other: object) -> RefundAsked:
    facts: dict[str, object] = {
        "number": f"R{time.time_ns()}",
        "payment": payment.number,
        "provider_id": "",
        "amount": amount,
        "total": payment.amount,
        "currency": "CNY",
        "reason": "退款",
        "notify_url": payment.notify_url,
    }
    return RefundAsked(**(facts | other))  # type: ignore[arg-type]
