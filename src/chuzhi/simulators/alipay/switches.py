"""What a test or a demonstration can make happen here, beside the stage's own switches: `POST /_control/<act>`."""

from collections.abc import Callable, Mapping
from typing import Any

from chuzhi.simulators.alipay.agreeing import Agreeing
from chuzhi.simulators.alipay.billing import Billing, Differences
from chuzhi.simulators.alipay.books import WAITING, Agreement, Books, Trade
from chuzhi.simulators.alipay.dealing import Dealing
from chuzhi.simulators.alipay.envelope import refused
from chuzhi.simulators.alipay.identity import CERTIFICATE_APP, SELLER, Identity
from chuzhi.simulators.stage import Stage

SCENE = "INDUSTRY|SHOPPING"
Given = Mapping[str, Any]
Act = Callable[[Given], Mapping[str, object]]


class Switches:
    """Every act is called under the stage's lock."""

    def __init__(
        self, stage: Stage, known: Identity, books: Books, dealing: Dealing, agreeing: Agreeing, billing: Billing
    ) -> None:
        self._stage, self._identity, self._books = stage, known, books
        self._dealing, self._agreeing, self._billing = dealing, agreeing, billing
        self.acts: Mapping[str, Act] = {
            "pay": self.pay,
            "cancel": self.cancel,
            "finish": self.finish,
            "sign": self.sign,
            "unsign": self.unsign,
            "decline": self.decline,
            "ask_password": self.ask_password,
            "poor": self.poor,
            "end_refunds": self.end_refunds,
            "change_key": self.change_key,
            "change_certificate": self.change_certificate,
            "bill": self.bill,
            "certificate_account": lambda _given: self.account(CERTIFICATE_APP),
        }

    def pay(self, given: Given) -> Mapping[str, object]:
        """What waits under this number: opened before, or scanned now from the code that was shown."""
        shown = next((each for each in self._books.shown.values() if each.number == given["number"]), None)
        trade = self._dealing.begin(shown) if shown else self._trade(given["number"])
        if trade.state != WAITING:
            raise refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        self._dealing.pay(trade)
        return {}

    def cancel(self, given: Given) -> Mapping[str, object]:
        """The merchant's call to cancel arrives, after whatever has happened meanwhile."""
        return {"action": self._dealing.undo(self._trade(given["number"]))}

    def finish(self, given: Given) -> Mapping[str, object]:
        """A paid trade is too old to be refunded from now on."""
        self._dealing.finish(self._trade(given["number"]))
        return {}

    def sign(self, given: Given) -> Mapping[str, object]:
        self._agreeing.sign(self._agreement(given["number"]))
        return {}

    def unsign(self, given: Given) -> Mapping[str, object]:
        """The payer ends it in the app."""
        self._agreeing.end(self._agreement(given["number"]))
        return {}

    def decline(self, given: Given) -> Mapping[str, object]:
        """The next payment by code or agreement, with this reason."""
        self._dealing.declines.append(given["reason"])
        return {}

    def ask_password(self, _given: Given) -> Mapping[str, object]:
        """At the next pay-code."""
        self._dealing.wants_password = True
        return {}

    def poor(self, given: Given) -> Mapping[str, object]:
        """The shop's account has nothing to refund from."""
        self._dealing.is_poor = bool(given["is_poor"])
        return {}

    def end_refunds(self, given: Given) -> Mapping[str, object]:
        """Those begun under the fault `slow_refund`: done, or failed."""
        return {"ended": self._dealing.end_refunds(is_done=bool(given["is_done"]))}

    def change_key(self, _given: Given) -> Mapping[str, object]:
        return {"alipay_public_key": self._identity.change_key()}

    def change_certificate(self, given: Given) -> Mapping[str, object]:
        """`to` a new one of Alipay's, or to one that cannot be believed: "stranger", "neighbour", "unpublished"."""
        return {"serial": self._identity.change_certificate(to=given.get("to", "alipay"))}

    def bill(self, given: Given) -> Mapping[str, object]:
        """Differences of the next bill by their numbers, and a `fault` of all."""
        self._billing.fault = given.get("fault", "")
        self._billing.want(Differences(**{name: int(count) for name, count in given.items() if name != "fault"}))
        return {}

    def account(self, app_id: str) -> dict[str, str]:
        """What a merchant configures."""
        return {
            "app_id": app_id,
            "seller_id": SELLER,
            "agreement_scene": SCENE,
            "address": f"{self._stage.address}/gateway.do",
            **self._identity.accounts[app_id],
        }

    def _trade(self, number: str) -> Trade:
        found = next((each for each in self._books.trades.values() if each.number == number), None)
        if found is None:
            raise refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return found

    def _agreement(self, number: str) -> Agreement:
        return next(each for each in self._books.agreements.values() if each.number == number)
