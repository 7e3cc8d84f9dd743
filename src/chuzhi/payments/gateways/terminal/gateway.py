"""A card terminal stands beside the till and knows nothing of us: the cashier types its slip, the acquirer's file says the rest."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NoReturn

from chuzhi.payments.gateways.contract import (
    Asked,
    Bill,
    ForgedError,
    Notice,
    ProviderRefusedError,
    RefundAsked,
    RefundTold,
    Reply,
    Scene,
    Started,
    Told,
)
from chuzhi.payments.gateways.terminal.account import Account


class TerminalGateway:
    """No payment is begun through it. Its settlement files are brought by hand (`finance.settlements`)."""

    scenes: frozenset[Scene] = frozenset()

    def __init__(self, account: Account) -> None:
        self.merchant, self.terminals = account.merchant, account.terminals

    def start(self, asked: Asked) -> Started:
        _refuse()

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        _refuse()

    def close(self, number: str, *, provider_id: str = "") -> None:
        _refuse()

    def refund(self, asked: RefundAsked) -> RefundTold:
        _refuse()

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        _refuse()

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        raise ForgedError("A card terminal sends no notices.")

    def reply(self, *, accepted: bool) -> Reply:
        return Reply(204 if accepted else 400)

    def bill(self, on: date) -> Bill:
        raise ProviderRefusedError("no_bill", "Settlement files are brought, not fetched.")


def build(account: Account) -> TerminalGateway:
    return TerminalGateway(account)


def _refuse() -> NoReturn:
    raise ProviderRefusedError("at_the_terminal", "Cards are taken at the terminal itself.")
