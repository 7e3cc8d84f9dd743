"""Invoices of a BTCPay server, and the coins that reach them: all, too few, too many, too late, or never confirmed."""

import random
import string
from collections.abc import Callable
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Any

from chuzhi.simulators.stage import Stage

Object = dict[str, Any]

RATES = {"CNY": Decimal("500000"), "USD": Decimal("70000"), "EUR": Decimal("64000"), "JPY": Decimal("10000000")}
SATOSHI = Decimal("0.00000001")
CHAIN = "BTC-CHAIN"
DEFAULT_MINUTES, DEFAULT_WATCH = 15, 1440


class Problem(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.said: object = {"code": code, "message": message}


def invalid(path: str, message: str) -> Problem:
    problem = Problem(422, path, message)
    problem.said = [{"path": path, "message": message}]
    return problem


class Invoices:
    """`tell` is given the event's type, the invoice, and what more the event says."""

    def __init__(self, stage: Stage, store: str, seed: int, tell: Callable[..., None]) -> None:
        self.stage, self.store = stage, store
        self.all: dict[str, Object] = {}
        self.payments: dict[str, list[Object]] = {}
        self._tell = tell
        self._draw = random.Random(seed)  # noqa: S311 # ids of a play

    def now(self) -> int:
        return int(self.stage.now().timestamp())

    def name(self, length: int = 22) -> str:
        return "".join(self._draw.choices(string.ascii_letters + string.digits, k=length))

    def create(self, given: Object) -> Object:
        amount, currency = decimal(given.get("amount"), "amount"), str(given.get("currency") or "")
        if amount <= 0:
            raise invalid("amount", "The amount should be more than 0")
        if currency not in RATES:
            raise invalid("currency", "Invalid currency")
        checkout = given.get("checkout") or {}
        minutes, watch = checkout.get("expirationMinutes", DEFAULT_MINUTES), checkout.get("monitoringMinutes", DEFAULT_WATCH)
        if minutes < 1:
            raise invalid("checkout.expirationMinutes", "The expiration is at least a minute away")
        name = self.name()
        invoice = {
            "id": name, "storeId": self.store, "amount": str(amount), "paidAmount": "0.0", "currency": currency, "type": "Standard",
            "checkoutLink": f"{self.stage.address}/i/{name}", "createdTime": self.now(), "expirationTime": self.now() + minutes * 60,
            "monitoringExpiration": self.now() + (minutes + watch) * 60, "status": "New", "additionalStatus": "None",
            "availableStatusesForManualMarking": ["Settled", "Invalid"], "archived": False,
            "metadata": given.get("metadata") or {}, "checkout": checkout,
        }  # fmt: skip
        self.all[name] = invoice
        self.payments[name] = []
        self._tell("InvoiceCreated", invoice)
        return invoice

    def get(self, name: str) -> Object:
        if name not in self.all:
            raise Problem(404, "invoice-not-found", "The invoice was not found")
        return self.all[name]

    def methods(self, invoice: Object) -> list[Object]:
        rate, needed = RATES[invoice["currency"]], self.needed(invoice)
        paid = sum((Decimal(each["value"]) for each in self.payments[invoice["id"]]), Decimal())
        return [
            {
                "paymentMethodId": CHAIN, "currency": "BTC", "destination": f"bcrt1q{invoice['id'].lower()}", "rate": str(rate),
                "paymentMethodPaid": str(paid), "totalPaid": str(paid), "due": str(needed - paid), "amount": str(needed),
                "paymentMethodFee": "0.0", "payments": self.payments[invoice["id"]], "activated": True,
            }
        ]  # fmt: skip

    def needed(self, invoice: Object) -> Decimal:
        """Coins, rounded up to the smallest there is."""
        return (Decimal(invoice["amount"]) / RATES[invoice["currency"]]).quantize(SATOSHI, rounding=ROUND_UP)

    def pay(self, invoice: Object, *, share: Decimal = Decimal(1)) -> None:
        """Coins are seen; the network has not confirmed them."""
        if self.now() > invoice["monitoringExpiration"]:
            return  # nobody is watching any more
        value = (self.needed(invoice) * share).quantize(SATOSHI)
        payment = {
            "id": f"{self.name(40)}-0", "receivedDate": self.now(), "value": str(value), "fee": "0.0", "status": "Processing",
            "destination": f"bcrt1q{invoice['id'].lower()}",
        }  # fmt: skip
        self.payments[invoice["id"]].append(payment)
        is_late = invoice["status"] in {"Expired", "Invalid"}
        self._tell("InvoiceReceivedPayment", invoice, afterExpiration=is_late, paymentMethodId=CHAIN, payment=payment)
        self._count(invoice)
        if invoice["status"] == "New" and self._is_whole(invoice):
            invoice["status"] = "Processing"
            self._tell("InvoiceProcessing", invoice, overPaid=invoice["additionalStatus"] == "PaidOver")

    def _count(self, invoice: Object) -> None:
        coins = sum((Decimal(each["value"]) for each in self.payments[invoice["id"]]), Decimal())
        needed = self.needed(invoice)
        invoice["paidAmount"] = str(coins * RATES[invoice["currency"]])
        is_late = invoice["status"] in {"Expired", "Invalid"}
        invoice["additionalStatus"] = (
            "PaidPartial" if 0 < coins < needed else "PaidLate" if is_late else "PaidOver" if coins > needed else "None"
        )

    def _is_whole(self, invoice: Object) -> bool:
        coins = sum((Decimal(each["value"]) for each in self.payments[invoice["id"]] if each["status"] != "Invalid"), Decimal())
        return coins >= self.needed(invoice)

    def confirm(self, invoice: Object) -> Object:
        """The network has confirmed what was seen."""
        is_late = invoice["status"] in {"Expired", "Invalid"}
        for payment in self.payments[invoice["id"]]:
            if payment["status"] == "Processing":
                payment["status"] = "Settled"
                more = {"afterExpiration": is_late, "paymentMethodId": CHAIN, "payment": payment}
                self._tell("InvoicePaymentSettled", invoice, **more)
        if invoice["status"] == "Processing":
            invoice["status"] = "Settled"
            self._tell("InvoiceSettled", invoice, manuallyMarked=False, overPaid=invoice["additionalStatus"] == "PaidOver")
        return invoice

    def fail(self, invoice: Object) -> Object:
        """The coins never got into the chain: sent twice elsewhere."""
        for payment in self.payments[invoice["id"]]:
            if payment["status"] == "Processing":
                payment["status"] = "Invalid"
        if invoice["status"] == "Processing":
            invoice.update(status="Invalid", additionalStatus="None")
            self._tell("InvoiceInvalid", invoice, manuallyMarked=False)
        return invoice

    def mark(self, invoice: Object, status: str) -> Object:
        if status not in {"Invalid", "Settled"}:
            raise invalid("status", "Status can only be marked to invalid or settled within certain conditions.")
        if invoice["status"] == status:
            raise invalid("status", "The invoice has this status already")
        if status == "Invalid" and invoice["status"] == "Settled":
            raise invalid("status", "A settled invoice stays settled here")
        invoice.update(status=status, additionalStatus="Marked")
        self._tell(f"Invoice{status}", invoice, manuallyMarked=True)
        return invoice

    def expire_what_is_over(self) -> None:
        for invoice in self.all.values():
            if invoice["status"] == "New" and invoice["expirationTime"] <= self.now():
                invoice["status"] = "Expired"
                self._tell("InvoiceExpired", invoice, partiallyPaid=invoice["additionalStatus"] == "PaidPartial")


def decimal(given: object, path: str) -> Decimal:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise invalid(path, "This is no decimal") from None
    if not value.is_finite():
        raise invalid(path, "This is no decimal")
    return value
