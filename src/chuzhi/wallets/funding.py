"""Value is sold, given back to the payer, disputed by the payer's bank, or corrected."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import chart, queries
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BONUS_COST, Bucket, Method, System
from chuzhi.ledger.operations import Dispute, DisputeEnd, Document, Grant, TopUp, TopUpRefund
from chuzhi.ledger.queries import Entry
from chuzhi.organization.authority import require
from chuzhi.wallets import counters, moves, rules
from chuzhi.wallets.errors import MethodUnusable, OfferGone, OperationUnknown, ProgrammeClosed
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.rules import Terms

TOP_UP = "till.top_up"
REFUND = "till.refund"
DISPUTES = "wallets.dispute"
AT_THE_COUNTER = frozenset({Method.CASH, Method.TERMINAL})
"""Methods that the cashier sees paid with their own eyes. Others are credited by their provider's verified notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A top-up that is asked for: `amount` minor units of principal, paid by `method`.

    `offer` is the band that the customer was shown: refused if it is another by now.
    """

    wallet: Wallet
    amount: int
    method: Method
    store: int
    key: str
    till: int | None = None
    offer: int | None = None
    reference: str = ""
    effective_at: datetime | None = None
    documents: tuple[Document, ...] = field(default=(), repr=False)


def top_up(
    *,
    wallet: Wallet,
    amount: int,
    method: Method,
    store: int,
    key: str,
    by: Actor,
    till: int | None = None,
    offer: int | None = None,
    reference: str = "",
    effective_at: datetime | None = None,
    documents: tuple[Document, ...] = (),
) -> Moved:
    """Sell `amount` minor units of principal, with the bonus of the band it reaches. What the wallet owes is repaid first.

    The bonus comes from the terms alone. Asking twice with one key sells once.
    """
    require(by, TOP_UP)
    payment = Payment(
        wallet=wallet, amount=amount, method=method, store=store, key=key, till=till, offer=offer, reference=reference,
        effective_at=effective_at, documents=documents,
    )  # fmt: skip
    asked, objection = asked_of(payment, by)
    return moves.make(wallet, asked, objection=objection)


def asked_of(payment: Payment, by: Actor) -> tuple[TopUp, Refused | None]:
    """What the ledger is asked for a payment under the terms of the day, and what the shop objects to it, if it does."""
    programme = moves.programme_of(payment.wallet)
    terms = programme.terms(payment.effective_at)
    amount = money.check(payment.amount)
    reference = moves.text(payment.reference)
    funding = f"{payment.method.name.lower()}:{reference or payment.key}"
    asked = TopUp(
        **moves.common(payment.wallet, programme, key=payment.key, by=by),
        amount=amount,
        store=payment.store,
        till=payment.till,
        effective_at=payment.effective_at,
        documents=payment.documents,
        grants=_grants(programme, terms, amount, payment.method, funding=funding, at=payment.effective_at),
        method=int(payment.method),
        reference=reference,
        most_at_once=terms.most_per_top_up,
        most_a_day=terms.most_topped_up_a_day,
        most_held=terms.most_held,
    )
    objection = _objection(programme, terms, amount, payment.method, payment.offer)
    return asked, objection or moves.not_here(programme.terms(), payment.store, payment.till, by)


def _objection(programme: Known, terms: Terms, amount: int, method: Method, offer: int | None) -> Refused | None:
    if method not in AT_THE_COUNTER:
        return MethodUnusable()
    if not programme.is_open:
        return ProgrammeClosed(programme=programme.name)
    band = rules.band_for(terms.bands, amount)
    if offer is not None and (band is None or band.id != offer):
        return OfferGone(bonus=band.bonus if band else 0)
    return None


def _grants(
    programme: Known, terms: Terms, amount: int, method: Method, *, funding: str, at: datetime | None
) -> tuple[Grant, ...]:
    granted_at, zone = at or timezone.now(), shop_zone()
    paid = Grant(
        asset=programme.asset,
        bucket=Bucket.PRINCIPAL,
        amount=amount,
        source=chart.account(System.CLEARING, method),
        granted_at=at,
        expires_at=rules.valid_until(granted_at, terms.principal_valid_days, zone),
        terms=terms.id,
        funding=funding[:100],
        repays_debt=True,
    )
    band = rules.band_for(terms.bands, amount)
    if band is None:
        return (paid,)
    given = Grant(
        asset=programme.asset,
        bucket=Bucket.BONUS,
        amount=band.bonus,
        source=BONUS_COST,
        granted_at=at,
        expires_at=rules.valid_until(granted_at, terms.bonus_valid_days, zone),
        terms=terms.id,
        funding=funding[:100],
    )
    return (paid, given)


def refund_top_up(
    *,
    wallet: Wallet,
    top_up: int,
    method: Method,
    reason: str,
    key: str,
    by: Actor,
    amount: int | None = None,
    store: int | None = None,
    till: int | None = None,
) -> Moved:
    """Money back to the payer for what is unspent of a top-up (its seq); without `amount` all that can be given back.

    Its bonus goes with it in proportion, and bonus that was spent already is kept back from the principal.
    """
    require(by, REFUND)
    programme = moves.programme_of(wallet)
    asked = TopUpRefund(
        **moves.common(wallet, programme, key=key, by=by),
        amount=0 if amount is None else money.check(amount),
        top_up=top_up,
        store=store,
        till=till,
        into=chart.account(System.CLEARING, method),
        reason=moves.reason(reason),
    )
    objection: Refused | None = None if method in AT_THE_COUNTER else MethodUnusable()
    if store is not None:
        objection = objection or counters.objection(store, till, by)
    return moves.make(wallet, asked, objection=objection)


def dispute(*, wallet: Wallet, top_up: int, key: str, by: Actor) -> Moved:
    """The payer's bank takes a top-up (its seq) back: what is left of it freezes, what is spent becomes a debt."""
    require(by, DISPUTES)
    programme = moves.programme_of(wallet)
    asked = Dispute(
        **moves.common(wallet, programme, key=key, by=by), top_up=top_up, clearing=_paid_through(_entry(wallet, top_up))
    )
    return moves.make(wallet, asked)


def end_dispute(*, wallet: Wallet, dispute: int, won: bool, key: str, by: Actor) -> Moved:
    """Won: frozen lots thaw and the debt is forgiven. Lost: frozen lots are gone and the debt stays."""
    require(by, DISPUTES)
    programme = moves.programme_of(wallet)
    disputed = _entry(wallet, dispute).outcome.ref_seq
    asked = DisputeEnd(
        **moves.common(wallet, programme, key=key, by=by),
        dispute=dispute,
        clearing=_paid_through(_entry(wallet, disputed or dispute)),
        won=won,
    )
    return moves.make(wallet, asked)


def _entry(wallet: Wallet, seq: int) -> Entry:
    found = queries.operation(wallet.book, seq)
    if found is None or found.outcome.wallet != wallet.pk:
        raise OperationUnknown
    return found


def _paid_through(top_up: Entry) -> int:
    """The company's account that a top-up was paid into: the bank takes it back from there."""
    accounts = [leg.account for leg in top_up.outcome.legs if leg.amount and leg.account != chart.BONUS_COST]
    return accounts[0] if accounts else chart.account(System.CLEARING)
