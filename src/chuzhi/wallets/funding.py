"""Value is sold, and given back to the payer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import chart, posting
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BONUS_COST, Bucket, Method, System
from chuzhi.ledger.errors import LedgerRefused
from chuzhi.ledger.operations import Document, Grant, TopUp, TopUpRefund
from chuzhi.ledger.outcomes import Outcome
from chuzhi.limits import bounds
from chuzhi.organization.authority import require
from chuzhi.payments.counter import slips
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets import ceilings, counters, moves, rules
from chuzhi.wallets.ceilings import Ceilings
from chuzhi.wallets.errors import MethodUnusable, OfferGone, ProgrammeClosed
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.rules import Terms

TOP_UP = "till.top_up"
REFUND = "till.refund"
AT_THE_COUNTER = frozenset({Method.CASH, Method.TERMINAL})
"""Methods that the cashier sees paid with their own eyes. Others are credited by their provider's verified notice."""


@dataclass(frozen=True, slots=True)
class Bonus:
    """Minor units, and whole days that they are valid (None: what the terms say)."""

    amount: int
    valid_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """What an offer gives with a payment at once, instead of the terms' own band. `mark` names its band.

    Only `topups.selling` decides one, never a request. The proof goes along: the row of the offer's use is written with the
    lots, in one fact, and the offer's table refuses it beyond the budget. Without the row there are no lots.
    """

    mark: str
    bonuses: tuple[Bonus, ...]
    proof: Document

    @property
    def bonus(self) -> int:
        return sum(bonus.amount for bonus in self.bonuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A top-up that is asked for: `amount` minor units of principal, paid by `method`.

    `offer` is the mark of the band that the customer was shown: refused if it is another by now. `promised_at` is when the
    terms were accepted, where that was before now. What a card terminal took is known by its `slip`, and one slip pays once.
    """

    wallet: Wallet
    amount: int
    method: Method
    store: int | None
    key: str
    till: int | None = None
    offer: str | None = None
    gift: Gift | None = None
    reference: str = ""
    slip: Slip | None = None
    effective_at: datetime | None = None
    promised_at: datetime | None = None
    documents: tuple[Document, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A payment that a provider's verified word says has come, by one of the channels of `limits`."""

    payment: Payment
    channel: str


def top_up(
    *,
    wallet: Wallet,
    amount: int,
    method: Method,
    store: int,
    key: str,
    by: Actor,
    till: int | None = None,
    offer: str | None = None,
    reference: str = "",
    slip: Slip | None = None,
    effective_at: datetime | None = None,
    documents: tuple[Document, ...] = (),
) -> Moved:
    """Sell `amount` minor units of principal, with the bonus of the band it reaches. What the wallet owes is repaid first.

    The bonus comes from the terms alone. Asking twice with one key sells once.
    """
    payment = Payment(
        wallet=wallet, amount=amount, method=method, store=store, key=key, till=till, offer=offer, reference=reference,
        slip=slip, effective_at=effective_at, documents=documents,
    )  # fmt: skip
    return top_up_for(payment=payment, by=by)


def top_up_for(*, payment: Payment, by: Actor) -> Moved:
    """The same, for a payment that brings its documents, or what an offer gives with it."""
    require(by, TOP_UP)
    payment = _recorded(payment)
    asked, objection = asked_of(payment, by)
    allowed = ceilings.of(payment.wallet, store=payment.store, by=by, method=payment.method)
    objection = objection or ceilings.objection(allowed, payment.amount)
    if payment.slip is None or objection is not None:
        return _sold(payment, allowed, asked, objection)
    with slips.claimed(payment.slip, amount=payment.amount, book=asked.book, key_hash=asked.key_hash(), by=by):
        return _sold(payment, allowed, asked, None)


def _recorded(payment: Payment) -> Payment:
    """With what is kept of a card payment: the slip stands on the receipt."""
    if payment.method is not Method.TERMINAL:
        return replace(payment, slip=None)
    slip = slips.checked(payment.slip)
    return replace(payment, slip=slip, reference=payment.reference or slip.text)


def _sold(payment: Payment, allowed: Ceilings, asked: TopUp, objection: Refused | None) -> Moved:
    answer = _told(payment, allowed, _within(allowed, allowed.applied_to(asked), objection))
    if isinstance(answer, Refused):
        raise answer
    return answer


def _told(payment: Payment, allowed: Ceilings, outcome: Outcome) -> Moved | Refused:
    if isinstance(outcome.refusal, LedgerRefused):
        return ceilings.told(outcome.refusal, allowed)
    return outcome.refusal or Moved(payment.wallet, outcome)


def _within(allowed: Ceilings, asked: TopUp, objection: Refused | None) -> Outcome:
    """Totals are looked at and added to under the lock of the book, so that two at once cannot both fit."""
    if not allowed.totals:
        return moves.answer(asked, objection=objection)
    with transaction.atomic():
        posting.lock(asked.book)
        return moves.answer(asked, objection=objection or ceilings.over_totals(allowed, asked.amount))


def credit_many(*, arrived: Sequence[Arrived], by: Actor) -> list[Moved | Refused]:
    """Value for money that has come, in order. No counter and no method can object any more.

    The ledger still can, and every limit (a frozen wallet, the law's ceiling): then the money has to go back. Only as a part of
    the caller's transaction. Where a total counts, each sees what came before it; the rest is posted together.
    """
    require(by, TOP_UP)
    allowed = _allowed(arrived, by)
    if len(arrived) > 1 and any(each.totals for each in allowed):
        posting.lock(*{each.payment.wallet.book for each in arrived})
    answers: dict[int, Moved | Refused] = {}
    together: dict[int, TopUp] = {}
    for place, (each, ceiling) in enumerate(zip(arrived, allowed, strict=True)):
        try:
            asked = operation_of(each.payment, by)
            if ceiling.totals:
                answers[place] = _sold(each.payment, ceiling, asked, None)
            else:
                together[place] = ceiling.applied_to(asked)
        except Refused as no:
            answers[place] = no
    for place, outcome in zip(together, posting.post(list(together.values())), strict=True):
        answers[place] = _told(arrived[place].payment, allowed[place], outcome)
    return [answers[place] for place in range(len(arrived))]


def _allowed(arrived: Sequence[Arrived], by: Actor) -> list[Ceilings]:
    """What the tables say of their customers is read once for each asset."""
    assets = [moves.programme_of(each.payment.wallet).asset_code for each in arrived]
    payers = {asset: {each.payment.wallet.customer_id for each in arrived} for asset in assets}
    standing = {asset: bounds.read(payers[asset], asset, timezone.localdate()) for asset in payers}
    return [
        ceilings.of(
            each.payment.wallet, store=each.payment.store, by=by, method=each.payment.method, channel=each.channel,
            standing=standing[asset],
        )
        for each, asset in zip(arrived, assets, strict=True)
    ]  # fmt: skip


def asked_of(payment: Payment, by: Actor) -> tuple[TopUp, Refused | None]:
    """What the ledger is asked for a payment at the counter, and what the shop objects to it, if it does."""
    asked, programme = operation_of(payment, by), moves.programme_of(payment.wallet)
    terms = programme.terms(payment.effective_at)
    objection = _objection(programme, terms, payment)
    if objection is None and payment.store is not None:
        objection = moves.not_here(programme.terms(), payment.store, payment.till, by)
        objection = objection or _cash_objection(payment.method, payment.store, payment.till)
    return asked, objection


def operation_of(payment: Payment, by: Actor) -> TopUp:
    """A payment under the terms that were accepted with it."""
    programme = moves.programme_of(payment.wallet)
    terms = programme.terms(payment.effective_at or payment.promised_at)
    amount = money.check(payment.amount)
    reference = moves.text(payment.reference)
    funding = f"{payment.method.name.lower()}:{reference or payment.key}"
    return TopUp(
        **moves.common(payment.wallet, programme, key=payment.key, by=by),
        amount=amount,
        store=payment.store,
        till=payment.till,
        effective_at=payment.effective_at,
        documents=(*payment.documents, payment.gift.proof) if payment.gift else payment.documents,
        grants=grants(programme, terms, amount, payment.method, funding=funding, at=payment.effective_at, gift=payment.gift),
        method=int(payment.method),
        reference=reference,
        most_at_once=terms.most_per_top_up,
        most_a_day=terms.most_topped_up_a_day,
        most_held=terms.most_held,
    )


def _cash_objection(method: Method, store: int, till: int | None) -> Refused | None:
    return counters.cash_objection(store, till) if method is Method.CASH else None


def _objection(programme: Known, terms: Terms, payment: Payment) -> Refused | None:
    if payment.method not in AT_THE_COUNTER:
        return MethodUnusable()
    if not programme.is_open:
        return ProgrammeClosed(programme=programme.name)
    band, gift = rules.band_for(terms.bands, payment.amount), payment.gift
    mark = gift.mark if gift else str(band.id) if band else None
    if payment.offer is not None and payment.offer != mark:
        return OfferGone(bonus=gift.bonus if gift else band.bonus if band else 0)
    return None


def grants(
    programme: Known, terms: Terms, amount: int, method: Method, *, funding: str, at: datetime | None = None,
    gift: Gift | None = None,
) -> tuple[Grant, ...]:  # fmt: skip
    """The lots that a payment brings: what was paid, and the bonus of the gift, or else of the terms' band that it reaches."""
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
    given = (
        Grant(
            asset=programme.asset,
            bucket=Bucket.BONUS,
            amount=bonus.amount,
            source=BONUS_COST,
            granted_at=at,
            expires_at=rules.valid_until(granted_at, bonus.valid_days or terms.bonus_valid_days, zone),
            terms=terms.id,
            funding=funding[:100],
        )
        for bonus in _bonuses(terms, amount, gift)
    )
    return (paid, *given)


def _bonuses(terms: Terms, amount: int, gift: Gift | None) -> tuple[Bonus, ...]:
    if gift is not None:
        return gift.bonuses
    band = rules.band_for(terms.bands, amount)
    return (Bonus(band.bonus),) if band else ()


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
    approved_by: Actor | None = None,
) -> Moved:
    """Money back to the payer for what is unspent of a top-up (its seq); without `amount` all that can be given back.

    Its bonus goes with it in proportion, and bonus that was spent already is kept back from the principal. How much somebody
    may pay back is not asked here: people come by `paybacks`.
    """
    require(by, REFUND)
    objection: Refused | None = None if method in AT_THE_COUNTER else MethodUnusable()
    if store is not None:
        objection = objection or counters.objection(store, till, by) or _cash_objection(method, store, till)
    asked = _return(wallet, top_up, amount, method, reason, key, by, store=store, till=till, signer=approved_by)
    return moves.make(wallet, asked, objection=objection)


def return_through_provider(
    *, wallet: Wallet, top_up: int, method: Method, reason: str, key: str, by: Actor, amount: int | None = None
) -> Moved:
    """The same for a top-up that was paid through a provider: what is taken from the wallet is paid back there."""
    require(by, REFUND)
    return moves.make(wallet, _return(wallet, top_up, amount, method, reason, key, by))


def _return(
    wallet: Wallet, top_up: int, amount: int | None, method: Method, why: str, key: str, by: Actor,
    *, store: int | None = None, till: int | None = None, signer: Actor | None = None,
) -> TopUpRefund:  # fmt: skip
    return TopUpRefund(
        **moves.common(wallet, moves.programme_of(wallet), key=key, by=by),
        amount=0 if amount is None else money.check(amount),
        top_up=top_up,
        store=store,
        till=till,
        into=chart.account(System.CLEARING, method),
        reason=moves.reason(why),
        approved_by=signer.label if signer else "",
    )
