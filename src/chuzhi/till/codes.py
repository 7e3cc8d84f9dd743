"""The rest of a basket is paid by the code that a customer's phone shows: WeChat Pay or Alipay.

The sale is rehearsed, then asked for at the provider, and made when that says that it is paid. Until then the basket waits, and
what a wallet is to pay of it is held. Money that comes for a sale that cannot be made goes back: one of both, never neither.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from chuzhi.core import actors, audit, remembered
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import KeyReused
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, intents, refunds
from chuzhi.payments.counter import rules
from chuzhi.payments.counter.slips import Slip
from chuzhi.payments.counter.tenders import BY_CODE, Tender
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Payment
from chuzhi.till import baskets, paying, walkins
from chuzhi.till.errors import BasketChanged, BasketIsOver, BasketPaid, CodeUnusable, NoCodesTaken, NotByCode
from chuzhi.till.models import Basket, CodePayment
from chuzhi.till.paying import NOBODY, Asked, Means
from chuzhi.wallets import holds, moves, scopes
from chuzhi.wallets.models import Wallet

PURPOSE = "basket"
LASTS = timedelta(minutes=3)
"""How long a customer has to enter a password."""
HOLD_SECONDS = 30 * 60
State = CodePayment.State


class _RehearsedError(Exception):
    """All would go well: undo it."""


def are_taken(currency: str, amount: int) -> bool:
    """Whether an account of this shop takes codes; of an amount of nothing, none does."""
    routes = accounts.routes(scene=Scene.SCANNED, amount=max(amount, 1), currency=currency)
    return any(each.method in BY_CODE for each in routes)


def ask(
    *, basket: Basket, means: Means, code: str, key: str, by: Actor, till: int | None = None, from_wallet: int = 0,
    levels: frozenset[str] = NOBODY,
) -> CodePayment:  # fmt: skip
    """Ask for `means.code` by the code on the payer's phone, and sell what is in the basket if it is paid at once.

    Asking twice with one key asks once. What would refuse the sale refuses it here, before anybody pays: all that `paying.pay`
    raises, CodeUnusable and NoCodesTaken.
    """
    known = rules.provider_of(code := code.strip())
    if known is None:
        raise CodeUnusable
    asked = Asked(means=means, key=key, by=by, till=till, from_wallet=from_wallet, levels=levels)
    made = _made(basket, asked, Method[known.upper()])
    store = Store.objects.get(pk=basket.store_id)
    intents.send(made.payment, Circumstances(code=code, shop=store.code))
    return _again(made)


def look(*, basket: Basket, by: Actor) -> CodePayment:
    """Ask the provider now whether it is paid; it is asked by the clock as well. Raises NotByCode."""
    made = latest(basket, by)
    if made.state == State.WAITING:
        intents.ask(made.payment)
    return _again(made)


def give_up(*, basket: Basket, by: Actor) -> CodePayment:
    """The customer pays otherwise, or not at all. It is closed at the provider; if it was paid meanwhile, it is sold.

    Raises NotByCode.
    """
    made = latest(basket, by)
    if made.state == State.WAITING:
        audit.record("basket.code_given_up", f"basket:{basket.pk}", by=by, payment=made.payment.number)
        intents.ask(intents.give_up(payment=made.payment))
    return _again(made)


def asked_under(*, basket: Basket, key: str, by: Actor) -> CodePayment | None:
    """What this key has asked for already, whatever came of it."""
    found = CodePayment.objects.select_related("payment")
    return found.filter(basket=basket, asked_for=f"{by.label}:{key}").first()


def latest(basket: Basket, by: Actor) -> CodePayment:
    """The last time that this basket was to be paid by a code. Raises NotByCode if it never was."""
    found = baskets.visible_to(by).filter(pk=basket.pk)
    made = CodePayment.objects.filter(basket__in=found).select_related("payment__account", "basket__store").order_by("-pk")
    if (last := made.first()) is None:
        raise NotByCode
    return last


def paid(payment: Payment) -> None:
    """In the transaction that says so: sell it, or give the money back."""
    made = _locked(payment)
    if made is None:
        return
    try:
        if made.state != State.WAITING:
            raise BasketIsOver(state=State(made.state).label)
        with transaction.atomic():
            _sell(made)
    except Refused as no:
        _reopened(made)
        _ended(made, State.RETURNED, str(no))
        refunds.intend(
            payment=payment, amount=payment.amount, why=str(made.basket_id), key="not-sold", by=actors.system("till")
        )
        audit.record("basket.code_returned", f"basket:{made.basket_id}", by=actors.system("till"), amount=payment.amount)
    else:
        _ended(made, State.SOLD)


def over(payment: Payment) -> None:
    """It failed or was closed: the basket can be paid otherwise, and the wallet's part is free again."""
    made = _locked(payment)
    if made is not None and made.state == State.WAITING:
        _reopened(made)
        _ended(made, State.OVER)


@transaction.atomic(durable=True)
def _made(basket: Basket, asked: Asked, method: Method) -> CodePayment:
    """All that is known before the provider is asked: the payment that is intended, the wallet's part held, the basket waiting."""
    by, means = asked.by, asked.means
    with remembered.unchanged_here():
        basket = baskets.locked_for_payment(basket, by)
        asked_for = f"{by.label}:{baskets.checked_key(asked.key)}"
        if known := CodePayment.objects.filter(asked_for=asked_for).select_related("payment__account").first():
            return _replayed(known, basket, means)
        if basket.state == Basket.State.PAID:
            raise BasketPaid(operation=basket.operations[0])
        if basket.state != Basket.State.OPEN:
            raise BasketIsOver(state=Basket.State(basket.state).label)
        payment = _intended(basket, means.code, method, by)
        total = baskets.bill_of(basket, asked.levels).total
        _rehearse(basket, asked, payment)
        made = CodePayment.objects.create(
            basket=basket, payment=payment, till=asked.till, total=total, means=_written(asked),
            hold=_held(basket, asked, payment.number), asked_for=asked_for, made_by=by.label,
        )  # fmt: skip
        basket.state, basket.till = Basket.State.PAYING, asked.till
        basket.save(update_fields=["state", "till"])
        audit.record("basket.code_asked", f"basket:{basket.pk}", by=by, amount=means.code, payment=payment.number)
        return made


def _replayed(known: CodePayment, basket: Basket, means: Means) -> CodePayment:
    if known.basket_id != basket.pk or known.payment.amount != means.code:
        raise KeyReused
    known.is_replayed = True
    return known


def _intended(basket: Basket, amount: int, method: Method, by: Actor) -> Payment:
    routes = accounts.routes(scene=Scene.SCANNED, amount=amount, currency=basket.currency, method=method)
    if not routes:
        raise NoCodesTaken
    return intents.intend(
        account=routes[0], purpose=PURPOSE, subject_id=basket.pk, scene=Scene.SCANNED, amount=amount,
        shown=f"{basket.store.name} #{basket.pk}"[:80], expires_at=timezone.now() + LASTS, by=by,
    )  # fmt: skip


def _rehearse(basket: Basket, asked: Asked, payment: Payment) -> None:
    """Sell it and undo that: whatever would refuse it does so before the customer has paid."""
    try:
        with transaction.atomic():
            paying.settle(basket, asked, _tender(payment))
            raise _RehearsedError
    except _RehearsedError:
        basket.refresh_from_db(fields=["state", "till", "wallet", "paid_for", "operations"])


def _tender(payment: Payment) -> Tender:
    return Tender(method=Method(payment.account.method), amount=payment.amount, payment=payment.number)


def _held(basket: Basket, asked: Asked, payment: str) -> int | None:
    """What the wallet is to pay cannot be spent elsewhere meanwhile. Value for some goods only cannot be held for a sale."""
    wallet, amount = asked.means.wallet, asked.from_wallet or 0
    if wallet is None or scopes.objection(moves.programme_of(wallet).terms(), amount):
        return None
    placed = holds.place(
        wallet=wallet, amount=amount, store=basket.store_id, till=asked.till, key=f"code:{payment}",
        by=_at_the_till(asked.by.label, basket),
        expires_in_seconds=HOLD_SECONDS, reference=f"#{basket.pk}",
    )  # fmt: skip
    return placed.seq


def _sell(made: CodePayment) -> None:
    """What was rehearsed, now that the code has paid its part."""
    basket, asked = made.basket, _read(made)
    _let_go(made)
    if baskets.bill_of(basket, asked.levels).total != made.total:
        raise BasketChanged
    done = paying.settle(basket, asked, _tender(made.payment))
    made.book, made.seq = _place_of(done.id)


def _place_of(operation: str) -> tuple[int, int]:
    if operation.startswith(walkins.MARK):
        return walkins.BOOK, int(operation.removeprefix(walkins.MARK))
    return moves.place_of(operation) or (0, 0)


def _let_go(made: CodePayment) -> None:
    """The wallet's part is free. A hold whose time is over, or that somebody let go at a till, is free already."""
    wallet = Wallet.objects.filter(pk=made.means["wallet"]).first() if made.hold else None
    if wallet is None or made.hold is None:
        return
    by = _at_the_till(made.made_by, made.basket)
    try:
        with transaction.atomic():
            holds.release(wallet=wallet, hold=made.hold, key=f"code:{made.pk}", by=by, store=made.basket.store_id)
    except Refused:
        pass


def _reopened(made: CodePayment) -> None:
    if made.state == State.WAITING:
        _let_go(made)
        Basket.objects.filter(pk=made.basket_id, state=Basket.State.PAYING).update(state=Basket.State.OPEN)


def _ended(made: CodePayment, state: State, why: str = "") -> None:
    made.state, made.why, made.ended_at = state, why[:200], timezone.now()
    made.save(update_fields=["state", "why", "ended_at", "book", "seq"])


def _locked(payment: Payment) -> CodePayment | None:
    """With its basket. The payment is locked already: that is the order of these locks."""
    found = CodePayment.objects.filter(payment=payment).first()
    if found is None:
        return None
    basket = Basket.objects.select_for_update(of=("self",)).select_related("store").get(pk=found.basket_id)
    found = CodePayment.objects.select_for_update().get(pk=found.pk)
    found.basket, found.payment = basket, payment
    return found


def _at_the_till(label: str, basket: Basket) -> Actor:
    """Whoever sold it, in this store: what they might do was looked at when it was rehearsed."""
    kind, _colon, number = label.partition(":")
    return Actor(ActorKind(kind), int(number), "", frozenset({"*"}), frozenset({basket.store_id}))


def _written(asked: Asked) -> dict[str, Any]:
    means = asked.means
    return {
        "wallet": means.wallet.pk if means.wallet else None, "from_wallet": asked.from_wallet, "cash": means.cash,
        "card": means.card, "slip": asdict(means.slip) if means.slip else None, "levels": sorted(asked.levels),
        "visits": {str(line): wallet.pk for line, wallet in means.visits.items()},
    }  # fmt: skip


def _read(made: CodePayment) -> Asked:
    said = made.means
    wallets = Wallet.objects.in_bulk([each for each in (said["wallet"], *said["visits"].values()) if each])
    means = Means(
        wallet=wallets[said["wallet"]] if said["wallet"] else None, cash=said["cash"], card=said["card"],
        slip=Slip(**said["slip"]) if said["slip"] else None, code=made.payment.amount,
        visits={int(line): wallets[number] for line, number in said["visits"].items()},
    )  # fmt: skip
    return Asked(
        means=means, key=made.asked_for.removeprefix(f"{made.made_by}:"), by=_at_the_till(made.made_by, made.basket),
        till=made.till, from_wallet=said["from_wallet"], levels=frozenset(said["levels"]),
    )  # fmt: skip


def _again(made: CodePayment) -> CodePayment:
    found = CodePayment.objects.select_related("payment__account", "basket__store").get(pk=made.pk)
    found.is_replayed = made.is_replayed
    return found
