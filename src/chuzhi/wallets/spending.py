"""Value is spent in a store, and comes back when the customer brings the goods back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import chart, posting, queries
from chuzhi.ledger.chart import System
from chuzhi.ledger.operations import Charge, Document, Operation, Refund
from chuzhi.organization.authority import require
from chuzhi.wallets import counters, moves, scopes
from chuzhi.wallets.errors import TooMany
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.scopes import Bought
from chuzhi.wallets.sharing import allowances
from chuzhi.wallets.sharing.models import Member

CHARGE = "till.charge"
REFUND = "till.refund"
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A charge that is asked for. `amount` in minor units; `documents` are rows that belong to the same fact.

    `bought` says what it is for, where the wallet may be for some things only. `member` spends from it, if not its holder.
    """

    wallet: Wallet
    amount: int
    store: int
    key: str
    till: int | None = None
    allow_partial: bool = False
    reference: str = ""
    effective_at: datetime | None = None
    bought: Bought = ()
    documents: tuple[Document, ...] = field(default=(), repr=False)
    member: Member | None = None


def charge(
    *,
    wallet: Wallet,
    amount: int,
    store: int,
    key: str,
    by: Actor,
    till: int | None = None,
    allow_partial: bool = False,
    reference: str = "",
    effective_at: datetime | None = None,
) -> Moved:
    """Take `amount` minor units, or with `allow_partial` at most what is there. Asking twice with one key takes once.

    Refuses when the balance or a limit of the programme forbids it, and in a store where the wallet cannot be used.
    """
    purchase = Purchase(
        wallet=wallet, amount=amount, store=store, key=key, till=till, allow_partial=allow_partial, reference=reference,
        effective_at=effective_at,
    )  # fmt: skip
    return charge_for(purchase=purchase, by=by)


def charge_for(*, purchase: Purchase, by: Actor) -> Moved:
    """The same, for a purchase that brings its documents."""
    require(by, CHARGE)
    asked, objection = asked_of(purchase, by)
    return carried_out(purchase, asked, objection)


def carried_out(purchase: Purchase, asked: Charge, objection: Refused | None) -> Moved:
    """What a member may spend is looked at and added to under the lock of the book: two tills cannot both take the last of it."""
    if purchase.member is None:
        return moves.make(purchase.wallet, asked, objection=objection)
    with transaction.atomic():
        posting.lock(asked.book)
        no = objection or allowances.objection(purchase.member, asked.amount, purchase.store, purchase.bought)
        outcome = moves.answer(asked, objection=no)
    return moves.made(purchase.wallet, outcome)


def charge_many(*, purchases: Sequence[Purchase], by: Actor) -> list[Moved | Refused]:
    """Up to 500 charges, each with its own key, each done or refused alone; answers in the same order."""
    require(by, CHARGE)
    if len(purchases) > MOST_AT_ONCE:
        raise TooMany(most=MOST_AT_ONCE)
    answers: dict[int, Moved | Refused] = {}
    asked: dict[int, Operation] = {}
    for place, purchase in enumerate(purchases):
        try:
            operation, objection = asked_of(purchase, by)
            if objection is None and purchase.member is None:
                asked[place] = operation
            else:
                answers[place] = carried_out(purchase, operation, objection)
        except Refused as no:
            answers[place] = no
    for place, outcome in zip(asked, posting.post(list(asked.values())), strict=True):
        answers[place] = outcome.refusal or Moved(purchases[place].wallet, outcome)
    return [answers[place] for place in range(len(purchases))]


def refund(
    *,
    wallet: Wallet,
    charge: int,
    amount: int,
    reason: str,
    key: str,
    by: Actor,
    store: int | None = None,
    till: int | None = None,
    effective_at: datetime | None = None,
) -> Moved:
    """Give `amount` of an earlier charge or capture (its seq) back to the lots that paid it.

    Never more than was taken; a lot that has expired since comes back for the programme's days of grace.
    """
    require(by, REFUND)
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    asked = Refund(
        **moves.common(wallet, programme, key=key, by=by),
        amount=money.check(amount),
        charge=charge,
        store=store,
        till=till,
        effective_at=effective_at,
        proportional=terms.refunds_in_proportion,
        grace_days=terms.refund_grace_days,
        reason=moves.reason(reason),
    )
    objection = None if store is None else counters.objection(store, till, by)
    return moves.make(wallet, asked, objection=objection)


def refundable(wallet: Wallet, charge: int) -> int:
    """What of a charge can still be given back, in minor units."""
    return queries.left_to_give_back(wallet.book, charge)


def asked_of(purchase: Purchase, by: Actor) -> tuple[Charge, Refused | None]:
    """What the ledger is asked for a purchase under the terms of the day, and what the shop objects to it, if it does."""
    wallet = purchase.wallet
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    asked = Charge(
        **moves.common(wallet, programme, key=purchase.key, by=by),
        amount=money.check(purchase.amount),
        store=purchase.store,
        till=purchase.till,
        effective_at=purchase.effective_at,
        documents=purchase.documents,
        into=chart.account(System.SALES, purchase.store),
        order=terms.order,
        allow_partial=purchase.allow_partial,
        reference=moves.text(purchase.reference),
        most_at_once=terms.most_per_charge,
        most_a_day=terms.most_charged_a_day,
        spent_by=purchase.member.spender if purchase.member else "",
    )
    objection = moves.not_here(terms, purchase.store, purchase.till, by)
    return asked, objection or scopes.objection(terms, purchase.amount, purchase.bought)
