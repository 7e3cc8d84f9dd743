"""Pull payments: money that waits for its receiver to name an address, and the payouts that bring it there."""

from decimal import Decimal
from typing import Any

from chuzhi.simulators.btcpay.invoices import CHAIN, RATES, Invoices, Object, Problem, decimal, invalid

STATES = {"AwaitingApproval", "AwaitingPayment", "InProgress", "Completed", "Cancelled"}
VARIANTS = {"RateThen", "CurrentRate", "OverpaidAmount", "Fiat", "Custom"}


class PullPayments:
    def __init__(self, invoices: Invoices) -> None:
        self._invoices = invoices
        self.all: dict[str, Object] = {}
        self.payouts: dict[str, list[Object]] = {}
        self.of_invoice: dict[str, str] = {}

    def refund(self, invoice: Object, given: Object) -> Object:
        """The rules of the real one: something must have been paid, and a custom refund names amount and currency."""
        if not self._invoices.payments[invoice["id"]]:
            raise Problem(400, "non-refundable", "Cannot refund this invoice")
        if given.get("refundVariant") not in VARIANTS:
            raise invalid("refundVariant", "`refundVariant` is required and must be one of the known")
        if given.get("payoutMethodId") != CHAIN:
            raise invalid(
                "payoutMethodId", "Please select one of the payment methods which were available for the original invoice"
            )
        amount, currency = Decimal(invoice["amount"]), invoice["currency"]
        if given["refundVariant"] == "Custom":
            amount, currency = decimal(given.get("customAmount"), "customAmount"), given.get("customCurrency")
            if amount <= 0:
                raise invalid("customAmount", "Amount must be greater than 0")
            if currency not in RATES:
                raise invalid("customCurrency", "Invalid currency")
        name = self._invoices.name()
        pull = {
            "id": name, "name": given.get("name") or f"Refund {invoice['id']}", "description": given.get("description") or "",
            "currency": currency, "amount": str(amount), "archived": False, "autoApproveClaims": True,
            "viewLink": f"{self._invoices.stage.address}/pull-payments/{name}", "startsAt": self._invoices.now(), "expiresAt": None,
        }  # fmt: skip
        self.all[name] = pull
        self.payouts[name] = []
        self.of_invoice[name] = invoice["id"]
        return pull

    def get(self, name: str) -> Object:
        if name not in self.all:
            raise Problem(404, "pullpayment-not-found", "The pull payment was not found")
        return self.all[name]

    def claim(self, pull: Object, destination: str, amount: object = None) -> Object:
        """The receiver names an address, for all of it or a part."""
        wanted = decimal(pull["amount"] if amount is None else amount, "amount")
        taken = [each for each in self.payouts[pull["id"]] if each["state"] != "Cancelled"]
        left = Decimal(pull["amount"]) - sum((Decimal(each["originalAmount"]) for each in taken), Decimal())
        if pull["archived"]:
            raise Problem(400, "archived", "This pull payment has been archived")
        if not destination:
            raise invalid("destination", "The destination is needed")
        if not 0 < wanted <= left:
            raise Problem(400, "overdraft", "Not enough funds are left")
        payout: dict[str, Any] = {
            "id": self._invoices.name(), "revision": 0, "pullPaymentId": pull["id"], "date": self._invoices.now(),
            "destination": destination, "originalCurrency": pull["currency"], "originalAmount": str(wanted), "payoutCurrency": "BTC",
            "payoutAmount": str(wanted / RATES[pull["currency"]]), "payoutMethodId": CHAIN, "state": "AwaitingPayment",
        }  # fmt: skip
        self.payouts[pull["id"]].append(payout)
        return payout

    def settle(self, payout: str, state: str) -> Object:
        if state not in STATES:
            raise Problem(400, "invalid-state", f"{state} is no state")
        found = next(each for each in [one for several in self.payouts.values() for one in several] if each["id"] == payout)
        found["state"] = state
        return found
