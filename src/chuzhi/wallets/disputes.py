"""The payer's bank takes a top-up back, and says one day who was right."""

from django.db import transaction

from chuzhi.core.actors import Actor
from chuzhi.ledger import chart, posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import System
from chuzhi.ledger.operations import Dispute, DisputeEnd, Release
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.queries import Entry
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

DISPUTES = "wallets.dispute"


def begin(*, wallet: Wallet, top_up: int, key: str, by: Actor) -> Moved:
    """What is left of a top-up (its seq) freezes, what is spent becomes a debt.

    What was kept of it for a cause is let go with it: the dispute has it now.
    """
    require(by, DISPUTES)
    programme = moves.programme_of(wallet)
    asked = Dispute(
        **moves.common(wallet, programme, key=key, by=by), top_up=top_up, clearing=_paid_through(moves.entry_of(wallet, top_up))
    )
    with transaction.atomic():
        posting.lock(wallet.book)
        kept = [each.hold for each in journal.kept(wallet.book, wallet.pk) if each.cause and top_up in each.top_ups]
        let_go = [Release(**moves.common(wallet, programme, key=f"disputed:{hold}", by=by), hold=hold) for hold in kept]
        outcome = _with(let_go, asked)
    outcome.raise_if_refused()
    return Moved(wallet, outcome)


def _with(let_go: list[Release], asked: Dispute) -> Outcome:
    """Both, or where the dispute is refused or was begun before, its answer alone and everything stays kept."""
    before = transaction.savepoint()
    outcome = posting.post([*let_go, asked])[-1]
    if not let_go or not (outcome.refusal or outcome.replayed):
        return outcome
    transaction.savepoint_rollback(before)
    return posting.post([asked])[0]


def end(*, wallet: Wallet, dispute: int, won: bool, key: str, by: Actor) -> Moved:
    """Won: frozen lots thaw and the debt is forgiven. Lost: frozen lots are gone and the debt stays."""
    require(by, DISPUTES)
    programme = moves.programme_of(wallet)
    disputed = moves.entry_of(wallet, dispute).outcome.ref_seq
    asked = DisputeEnd(
        **moves.common(wallet, programme, key=key, by=by),
        dispute=dispute,
        clearing=_paid_through(moves.entry_of(wallet, disputed or dispute)),
        won=won,
    )
    return moves.make(wallet, asked)


def _paid_through(top_up: Entry) -> int:
    """The company's account that a top-up was paid into: the bank takes it back from there."""
    accounts = [leg.account for leg in top_up.outcome.legs if leg.amount and leg.account != chart.BONUS_COST]
    return accounts[0] if accounts else chart.account(System.CLEARING)
