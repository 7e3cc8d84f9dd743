"""Open, frozen, closed."""

from chuzhi.ledger import errors
from chuzhi.ledger.chart import Standing
from chuzhi.ledger.operations import Stand
from chuzhi.ledger.rules.state import Clock, Decision, Wallet


def stand(wallet: Wallet, asked: Stand, _clock: Clock) -> Decision:
    """Open, freeze or close; only an empty wallet closes, and for good. Asking for what is already so is no error."""
    if asked.standing != Standing.CLOSED:
        refuse_if_closed(wallet)
    if asked.standing == Standing.CLOSED and any(lot.remaining for lot in wallet.lots.values()):
        raise errors.NotEmpty
    return Decision([], 0, standing=asked.standing)


def refuse_unless_open(wallet: Wallet) -> None:
    if wallet.standing == Standing.FROZEN:
        raise errors.Frozen
    refuse_if_closed(wallet)


def refuse_if_closed(wallet: Wallet) -> None:
    if wallet.standing == Standing.CLOSED:
        raise errors.Closed
