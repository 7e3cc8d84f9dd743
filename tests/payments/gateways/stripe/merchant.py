"""What a merchant asks of Stripe in these tests."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe as sdk
from payments.gateways.standing_in import Ear, StandIn

from chuzhi.payments.gateways.contract import AgreementAsked, AgreementTold, Asked, Content, RefundAsked, Scene, Told
from chuzhi.payments.gateways.stripe.gateway import StripeGateway

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
        "notify_url": f"{SHOP}/api/notices/stripe",
        "return_url": f"{SHOP}/paid",
    }
    return Asked(**usual | other)


def paid(gateway: StripeGateway, provider: StandIn, *, card: str = "visa", **other: Any) -> Told:
    wanted = asked(**other)
    begun = gateway.start(wanted)
    provider.control("pay", number=wanted.number, card=card)
    return gateway.ask(wanted.number, provider_id=begun.provider_id)


def agreed(gateway: StripeGateway, provider: StandIn, *, card: str = "visa") -> AgreementTold:
    wanted = AgreementAsked(number=fresh(), shown_name="自动充值", scene=Scene.PAGE, notify_url=f"{SHOP}/n", return_url=SHOP)
    begun = gateway.agree(wanted)
    provider.control("pay", number=wanted.number, card=card)
    return gateway.ask_agreement(wanted.number, provider_id=begun.provider_id)


def refund_of(payment: Told, amount: int = 500_00, number: str = "") -> RefundAsked:
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


def contents(
    gateway: StripeGateway, notices: Ear, kind: str, *, at: datetime | None = None, about: str = ""
) -> list[Content | None]:
    """What the notices of a kind said, once one of them has come: one about that payment, if it is named."""
    for heard in range(1, 200):
        read = [gateway.read(each.headers, each.body, now=at or datetime.now(UTC)) for each in notices.wait(heard)]
        found = [each.content for each in read if each.kind == kind]
        if any(not about or getattr(each, "number", "") == about for each in found):
            return found
    raise AssertionError(f"No {kind} came.")


def notice(**other: Any) -> bytes:
    """An event about a paid session."""
    facts = {
        "id": "cs_test_x", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "client_reference_id": "P123456", "amount_total": 100, "currency": "cny", "payment_intent": "pi_x", "customer": None,
    }  # fmt: skip
    event = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1, "livemode": False}
    return json.dumps(event | {"data": {"object": facts}} | other).encode()


def signed(body: bytes, secret: str, at: datetime | None = None) -> dict[str, str]:
    moment = int((at or datetime.now(UTC)).timestamp())
    return {"stripe-signature": sdk.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=moment)}
