"""A bank cannot be asked and sends no notices: the payer is told where to transfer, and statements tell what came."""

from collections.abc import Mapping
from datetime import date, datetime

from chuzhi.payments.gateways.bank import references
from chuzhi.payments.gateways.bank.account import Account
from chuzhi.payments.gateways.contract import (
    Asked,
    Bill,
    ForgedError,
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


class BankGateway:
    """Statements come in by hand (`payments.bank`) and enter by the same door as other providers' notices."""

    scenes = frozenset({Scene.PAGE, Scene.PHONE, Scene.SHOWN})

    def __init__(self, account: Account) -> None:
        self._account = account
        self.merchant = account.number
        self._given_up: set[str] = set()

    def start(self, asked: Asked) -> Started:
        """What the payer writes into the form of their bank."""
        account, reference = self._account, references.of(asked.number)
        facts = {
            "holder": account.holder,
            "bank": account.bank,
            "number": account.number,
            "code": account.code,
            "reference": reference,
        }
        return Started(facts={name: value for name, value in facts.items() if value})

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        """Nothing is known before a statement comes; a payment that was closed here is told so once."""
        if number in self._given_up:
            self._given_up.discard(number)
            return Told(number=number, state=State.CLOSED)
        return Told(number=number, state=State.WAITING)

    def close(self, number: str, *, provider_id: str = "") -> None:
        """Nobody can stop a transfer: one that still comes is taken as paid late."""
        self._given_up.add(number)

    def refund(self, asked: RefundAsked) -> RefundTold:
        """Somebody transfers it by hand; the statement with the line that left says that it is done."""
        return self.ask_refund(asked)

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        return RefundTold(
            number=asked.number,
            payment=asked.payment,
            state=RefundState.PROCESSING,
            amount=asked.amount,
            merchant=self.merchant,
        )

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        raise ForgedError("A bank sends no notices.")

    def reply(self, *, accepted: bool) -> Reply:
        return Reply(204 if accepted else 400)

    def bill(self, on: date) -> Bill:
        raise ProviderRefusedError("no_bill", "Statements are brought, not fetched.")


def build(account: Account) -> BankGateway:
    return BankGateway(account)
