"""What would be said to a top-up, asked before anybody pays for it. The last word stays with the ledger."""

from chuzhi.ledger import errors
from chuzhi.ledger.chart import Standing
from chuzhi.wallets import ceilings, moves, queries
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Wallet


def refuse_top_up(wallet: Wallet, amount: int, *, bonus: int, store: int | None = None, channel: str = "") -> None:
    """Raises the refusal that crediting `amount` minor units, with `bonus` at once, would meet as things stand."""
    programme = moves.programme_of(wallet)
    if not programme.is_open:
        raise ProgrammeClosed(programme=programme.name)
    held = queries.standing(wallet)
    if held.standing is not Standing.OPEN:
        raise errors.Frozen if held.standing is Standing.FROZEN else errors.Closed
    allowed = ceilings.of(wallet, store=store, channel=channel)
    coming = max(0, amount - held.balance.debt) + bonus
    if no := ceilings.foreseen(allowed, amount, held=held.balance.principal + held.balance.bonus, coming=coming):
        raise no
