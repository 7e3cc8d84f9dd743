"""BTCPay as a gateway: an invoice in the shop's currency that is paid in coins, and given back through a pull payment.

BTCPay remembers no keys of ours, so what is to be made is looked for first, by our number. Its notices say that something
happened and to which invoice; what it was is asked.
"""

import hmac
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from chuzhi.core import money
from chuzhi.payments.gateways.btcpay import meaning
from chuzhi.payments.gateways.btcpay.account import Account
from chuzhi.payments.gateways.btcpay.api import Api, Object
from chuzhi.payments.gateways.contract import (
    Asked,
    Bill,
    BillLine,
    ForgedError,
    LineKind,
    Notice,
    OutcomeUnknownError,
    ProviderRefusedError,
    RefundAsked,
    RefundState,
    RefundTold,
    Reply,
    Scene,
    Started,
    State,
    Told,
)

SIGNATURE = "btcpay-sig"
WATCHED_MINUTES = 24 * 60
"""How long after its end an invoice is watched for coins that come late."""

LONGEST_INVOICE = timedelta(days=1)


def build(account: Account) -> "BTCPayGateway":
    return BTCPayGateway(account)


class BTCPayGateway:
    scenes = frozenset({Scene.PAGE, Scene.PHONE, Scene.SHOWN})

    def __init__(self, account: Account) -> None:
        self.account = account
        self.merchant = account.store
        self._api = Api(account)

    def disconnect(self) -> None:
        self._api.disconnect()

    def start(self, asked: Asked) -> Started:
        invoice = self._by_number(asked.number) or self._api.post("invoices", _invoice(asked))
        if (invoice["currency"], meaning.minor(invoice["amount"], asked.currency)) != (asked.currency, asked.amount):
            raise OutcomeUnknownError("BTCPay knows this number with another amount.")
        link = str(invoice["checkoutLink"])
        return Started(url=link, code=link if asked.scene is Scene.SHOWN else "", provider_id=invoice["id"])

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        invoice = self._found(number, provider_id)
        return self._told(invoice) if invoice else Told(number=number, state=State.UNHEARD)

    def close(self, number: str, *, provider_id: str = "") -> None:
        """Coins can be sent to an address for ever; they are noticed, and told, as long as the invoice is watched."""
        invoice = self._found(number, provider_id)
        if invoice is None or invoice["status"] in {"Expired", "Invalid"}:
            return
        if invoice["status"] != "New":
            raise ProviderRefusedError("invalid-state", f"The invoice is {invoice['status']}.")
        self._api.post(f"invoices/{invoice['id']}/status", {"status": "Invalid"})

    def refund(self, asked: RefundAsked) -> RefundTold:
        if known := self._pull_payment(asked.number):
            return self._refund_told(asked, known)
        invoice = self._found(asked.payment, asked.provider_id)
        if invoice is None:
            raise ProviderRefusedError("invoice-not-found", "BTCPay has no invoice of this number.")
        facts = {
            "name": asked.number,
            "description": asked.reason,
            "payoutMethodId": self.account.payout_method,
            "refundVariant": "Custom",
            "customAmount": money.plain(asked.amount, asked.currency),
            "customCurrency": asked.currency,
        }
        return self._refund_told(asked, self._api.post(f"invoices/{invoice['id']}/refund", facts))

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        if known := self._pull_payment(asked.number):
            return self._refund_told(asked, known)
        return RefundTold(number=asked.number, payment=asked.payment, state=RefundState.UNHEARD)

    def claim_url(self, refund: str) -> str:
        """Where the payer says which address the coins shall go to."""
        return f"{self.account.address}/pull-payments/{_id(refund)}"

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Asks BTCPay for the invoice that the notice is about: an old notice that comes again tells nothing false."""
        _verify(headers.get(SIGNATURE, ""), body, self.account.webhook_secrets)
        told: dict[str, Any] = json.loads(body)
        event = str(told.get("originalDeliveryId") or told["deliveryId"])
        if told.get("storeId", self.merchant) != self.merchant:
            raise ForgedError("The notice is of another store.")
        invoice = self._by_id(str(told.get("invoiceId") or ""))
        content = self._told(invoice, now=now) if invoice and meaning.number_of(invoice) else None
        return Notice(event=event, kind=str(told["type"]), content=content)

    def reply(self, *, accepted: bool) -> Reply:
        return Reply(200 if accepted else 400)

    def bill(self, on: date) -> Bill:
        """What came in and what was paid out on a day of UTC. BTCPay keeps nothing of it."""
        return Bill(on, [*self._payments_of(on), *self._refunds_of(on)])

    def _payments_of(self, on: date) -> list[BillLine]:
        start = datetime.combine(on, time.min, UTC)
        first, last = start - LONGEST_INVOICE - timedelta(minutes=WATCHED_MINUTES), start + timedelta(days=1)
        lines = []
        for invoice in self._api.each("invoices", startDate=int(first.timestamp()), endDate=int(last.timestamp())):
            methods = self._methods(invoice)
            told = meaning.of_invoice(invoice, methods, now=datetime.now(UTC))
            if told.paid_at and told.paid_at.date() == on:
                lines.append(_bought(told, meaning.settled(invoice, methods)))
        return lines

    def _refunds_of(self, on: date) -> list[BillLine]:
        return [
            BillLine(
                kind=LineKind.REFUND,
                number=str(pull["name"]),
                provider_id=str(pull["id"]),
                amount=-meaning.minor(payout["originalAmount"], pull["currency"]),
                currency=str(pull["currency"]),
                at=meaning.moment(payout["date"]),
            )
            for pull in self._api.listed("pull-payments", includeArchived="true")
            for payout in self._api.payouts(_id(pull["id"]))
            if payout["state"] == "Completed" and meaning.moment(payout["date"]).date() == on
        ]

    def _told(self, invoice: Object, *, now: datetime | None = None) -> Told:
        return meaning.of_invoice(invoice, self._methods(invoice), now=now or datetime.now(UTC))

    def _methods(self, invoice: Object) -> list[Object]:
        return self._api.listed(f"invoices/{_id(invoice['id'])}/payment-methods", onlyAccountedPayments="true")

    def _found(self, number: str, provider_id: str) -> Object | None:
        return self._by_id(provider_id) if provider_id else self._by_number(number)

    def _by_id(self, invoice: str) -> Object | None:
        return self._api.one(f"invoices/{_id(invoice)}") if invoice else None

    def _by_number(self, number: str) -> Object | None:
        """The one that has come furthest, should there be several."""
        found = [each for each in self._api.listed("invoices", orderId=number) if meaning.number_of(each) == number]
        order = ["Settled", "Processing", "New"]
        return min(found, key=lambda each: order.index(each["status"]) if each["status"] in order else len(order), default=None)

    def _pull_payment(self, number: str) -> Object | None:
        listed = self._api.listed("pull-payments", includeArchived="true")
        return next((each for each in listed if each["name"] == number), None)

    def _refund_told(self, asked: RefundAsked, pull: Object) -> RefundTold:
        return meaning.of_pull_payment(asked, pull, self._api.payouts(_id(pull["id"])), merchant=self.merchant)


def _bought(told: Told, came: int) -> BillLine:
    return BillLine(
        kind=LineKind.PAYMENT,
        number=told.number,
        provider_id=told.provider_id,
        amount=came,
        currency=told.currency,
        at=told.paid_at,
    )


def _invoice(asked: Asked) -> dict[str, object]:
    minutes = math.ceil((asked.expires_at - datetime.now(UTC)).total_seconds() / 60)
    return {
        "amount": money.plain(asked.amount, asked.currency),
        "currency": asked.currency,
        "metadata": {"orderId": asked.number, "itemDesc": asked.subject},
        "checkout": {
            "expirationMinutes": min(max(minutes, 1), int(LONGEST_INVOICE.total_seconds() // 60)),
            "monitoringMinutes": WATCHED_MINUTES,
            "paymentTolerance": 0,
            **({"redirectURL": asked.return_url} if asked.return_url else {}),
        },
    }


def _verify(header: str, body: bytes, secrets: tuple[str, ...]) -> None:
    scheme, _equals, mark = header.partition("=")
    ours = [hmac.new(secret.encode(), body, sha256).hexdigest().encode() for secret in secrets]
    if scheme != "sha256" or not any(hmac.compare_digest(each, mark.encode()) for each in ours):
        raise ForgedError("The signature of the notice is wrong.")


def _id(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given):
        raise ProviderRefusedError("not-found", "This is no id of BTCPay.")
    return given
