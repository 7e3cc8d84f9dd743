"""A merchant's account at WeChat Pay."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote

from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementTold,
    Asked,
    Bill,
    Notice,
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
from chuzhi.payments.gateways.wechat import facts, refunds, transactions
from chuzhi.payments.gateways.wechat.account import Account
from chuzhi.payments.gateways.wechat.agreements import Agreements
from chuzhi.payments.gateways.wechat.bill import fetch
from chuzhi.payments.gateways.wechat.conversation import Conversation, plain, starting
from chuzhi.payments.gateways.wechat.facts import Facts
from chuzhi.payments.gateways.wechat.notices import Reader

ORDERS = "/v3/pay/transactions/out-trade-no"
HEARD = Reply(200, b"<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>", "text/xml")
"""The older kind of notice wants these words; the newer one looks at the status alone."""
NOT_HEARD = Reply(401, b'{"code":"FAIL","message":"refused"}')


class WeChatPay:
    """Payments, refunds, notices and bills. There is no page for a browser at a desk: there a code is shown."""

    scenes = frozenset(transactions.PLACES)

    def __init__(self, account: Account) -> None:
        self.merchant = account.merchant
        self._account = account
        self._conversation = Conversation(account)
        self._reader = Reader(self._conversation.trust)

    def start(self, asked: Asked) -> Started:
        target, content = transactions.request(asked, self._account)
        with starting():
            said = self._conversation.ask("POST", target, content)
        return transactions.started(asked, said, self._account)

    def ask(self, number: str, *, provider_id: str = "") -> Told:  # ours is enough
        said = self._asked(number)
        return Told(number=number, state=State.UNHEARD) if said is None else transactions.told(said)

    def close(self, number: str, *, provider_id: str = "") -> None:  # ours is enough
        """A payment by the payer's code is reversed, for it cannot be closed; what was taken meanwhile goes back by itself."""
        said = self._asked(number) or {}
        told = transactions.told(said)
        if told.state is State.PAID:
            raise ProviderRefusedError("ORDERPAID", "It has been paid.")
        if told.state in {State.CLOSED, State.FAILED}:
            return
        path = f"{ORDERS}/{quote(number, safe='')}"
        if facts.text(said, "trade_type") == transactions.SCANNED_TYPE:
            whose = {"appid": self._account.app, "mchid": self.merchant}
            self._conversation.ask("POST", f"{path}/reverse", whose)
        else:
            self._conversation.ask("POST", f"{path}/close", {"mchid": self.merchant})

    def refund(self, asked: RefundAsked) -> RefundTold:
        said = self._conversation.ask("POST", refunds.PATH, refunds.request(asked))
        return refunds.told(said, merchant=self.merchant)

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        try:
            said = self._conversation.ask("GET", f"{refunds.PATH}/{quote(asked.number, safe='')}")
        except ProviderRefusedError as no:
            if plain(no.reason) != "RESOURCENOTEXISTS":
                raise
            return RefundTold(number=asked.number, payment=asked.payment, state=RefundState.UNHEARD)
        return refunds.told(said, merchant=self.merchant)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        return self._reader.read(headers, body, now=now)

    def reply(self, *, accepted: bool) -> Reply:
        return HEARD if accepted else NOT_HEARD

    def bill(self, on: date) -> Bill:
        return fetch(self._conversation, self._account, on)

    def hang_up(self) -> None:
        """Closes its connections."""
        self._conversation.hang_up()

    def _asked(self, number: str) -> Facts | None:
        """None when the provider has never heard of it."""
        try:
            return self._conversation.ask("GET", f"{ORDERS}/{quote(number, safe='')}?mchid={self.merchant}")
        except ProviderRefusedError as no:
            if plain(no.reason) != "ORDERNOTEXIST":
                raise
            return None


class WeChatPayLater(WeChatPay):
    """One whose payers may agree to be charged when they are not there."""

    announce_days = 2
    scenes = WeChatPay.scenes | {Scene.ABSENT}

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._agreements = Agreements(account, self._conversation)

    def start(self, asked: Asked) -> Started:
        if asked.scene is not Scene.ABSENT:
            return super().start(asked)
        with starting():
            self._agreements.charge(asked)
        return Started()

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        """What was charged under an agreement is found at an address of its own."""
        told = super().ask(number, provider_id=provider_id)
        return self._agreements.ask_charge(number) if told.state is State.UNHEARD else told

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        if body.lstrip().startswith(b"<"):
            return self._agreements.read(body)
        return super().read(headers, body, now=now)

    def agree(self, asked: AgreementAsked) -> Started:
        """An address to open inside WeChat, and the same as a code to be scanned with it."""
        address = self._agreements.address(asked)
        return Started(url=address, code=address)

    def ask_agreement(self, number: str, *, provider_id: str = "") -> AgreementTold:  # ours is enough
        return self._agreements.ask(number)

    def announce(self, *, agreement: str, amount: int, currency: str, on: date) -> None:
        self._agreements.announce(agreement=agreement, amount=amount, currency=currency, on=on)

    def release(self, *, agreement: str, reason: str) -> None:
        self._agreements.end(agreement=agreement, reason=reason)


def build(account: Account) -> WeChatPay:
    return WeChatPayLater(account) if account.plan else WeChatPay(account)
