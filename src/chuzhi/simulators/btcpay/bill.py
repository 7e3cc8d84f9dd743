"""What the server's lists show otherwise than it was, so that somebody may find it: a server that was moved or mended badly."""

from typing import Any

from chuzhi.simulators.btcpay.invoices import Invoices, Object
from chuzhi.simulators.btcpay.payouts import PullPayments

A_DAY_SECONDS = 24 * 3600


class Plants:
    """Every error is in another invoice, or in another refund."""

    def __init__(self, invoices: Invoices, pulls: PullPayments) -> None:
        self._invoices, self._pulls = invoices, pulls
        self.hidden: set[str] = set()
        self._touched: set[str] = set()

    def plant(self, counts: dict[str, int]) -> dict[str, list[str]]:
        """So many of each kind. Says in which, by our numbers."""
        acts = {
            "missing": self._hide, "late": self._put_off, "amount": self._pay_more, "double": self._sell_again,
            "refund": self._hide, "extra": self._sell_to_a_stranger,
        }  # fmt: skip
        planted: dict[str, list[str]] = {}
        for kind, count in counts.items():
            for _each in range(count):
                planted.setdefault(kind, []).append(acts[kind](self._next(kind)))
        return planted

    def shown(self, things: list[Object]) -> list[Object]:
        return [each for each in things if each["id"] not in self.hidden]

    def _next(self, kind: str) -> Object:
        if kind == "extra":
            return {}
        among = self._pulls.all if kind == "refund" else self._invoices.all
        settled = [each for each in among.values() if kind == "refund" or each["status"] == "Settled"]
        found = next(each for each in settled if each["id"] not in self._touched)
        self._touched.add(found["id"])
        return found

    def _hide(self, thing: Object) -> str:
        self.hidden.add(thing["id"])
        return str(thing.get("name") or thing["metadata"]["orderId"])

    def _put_off(self, invoice: Object) -> str:
        for payment in self._invoices.payments[invoice["id"]]:
            payment["receivedDate"] += A_DAY_SECONDS
        return str(invoice["metadata"]["orderId"])

    def _pay_more(self, invoice: Object) -> str:
        payments = self._invoices.payments[invoice["id"]]
        payments.append(payments[0] | {"id": f"{payments[0]['id']}-more", "value": "0.00001000"})
        return str(invoice["metadata"]["orderId"])

    def _sell_again(self, invoice: Object) -> str:
        self._sell({name: invoice[name] for name in ("amount", "currency", "metadata")})
        return str(invoice["metadata"]["orderId"])

    def _sell_to_a_stranger(self, _nothing: Object) -> str:
        number = f"X{self._invoices.name(12)}"
        self._sell({"amount": "12.34", "currency": "CNY", "metadata": {"orderId": number}})
        return number

    def _sell(self, given: dict[str, Any]) -> None:
        made = self._invoices.create(given)
        self._invoices.pay(made)
        self._touched.add(self._invoices.confirm(made)["id"])
