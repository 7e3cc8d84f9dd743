"""What somebody is about to buy: filled at a till, held for a while, taken up again at any till of the store.

Whatever is done to a basket has a key, so that a till which lost the network can send it again.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import PROGRAM, Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.catalogue import products
from chuzhi.catalogue.models import Product
from chuzhi.catalogue.rules import MOST_QUANTITY, THOUSAND
from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import assets
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.till import bills
from chuzhi.till.bills import Bill
from chuzhi.till.errors import (
    BasketIsOver,
    DiscountTooLarge,
    NotAColleague,
    NotInBasket,
    NotSold,
    OtherCurrency,
    QuantityUnusable,
    TooManyLines,
)
from chuzhi.till.models import Basket, BasketLine
from chuzhi.wallets import counters, moves
from chuzhi.wallets.errors import KeyMissing
from chuzhi.wallets.models import Wallet

CHARGE = "till.charge"
DISCOUNTS = "till.discount"
MOST_LINES = 200
EDITS_KEPT = 200
LONGEST_LABEL = 40
State = Basket.State

DISCOUNT = Kind(
    "discount",
    _("Discount at the till"),
    DISCOUNTS,
    {
        "cashier": Limits(alone=20_00, a_day=200_00),
        PROGRAM: Limits(alone=20_00, a_day=200_00),
        "manager": Limits(alone=200_00, a_day=2000_00, approves=1000_00),
        "administrator": Limits(alone=500_00, a_day=5000_00, approves=None),
    },
)


def visible_to(actor: Actor) -> QuerySet[Basket]:
    """Those of the stores that the actor works in."""
    found = Basket.objects.select_related("store") if actor.may(CHARGE) else Basket.objects.none()
    return found if actor.stores is None else found.filter(store__in=actor.stores)


def held_in(store: int, actor: Actor) -> QuerySet[Basket]:
    """Those that wait, the longest first."""
    return visible_to(actor).filter(store=store, state=State.HELD).order_by("held_at", "pk")


def open_at(till: int, actor: Actor) -> QuerySet[Basket]:
    """Those that somebody left standing at a till with something in them, the latest first."""
    return (
        visible_to(actor)
        .filter(till=till, state__in=[State.OPEN, State.PAYING], lines__isnull=False)
        .distinct()
        .order_by("-pk")
    )


@transaction.atomic(durable=True)
def begin(*, store: int, currency: str, key: str, by: Actor, till: int | None = None, wallet: Wallet | None = None) -> Basket:
    """An empty basket at a till. Asking twice with one key begins one."""
    require(by, CHARGE)
    money.exponent(currency)
    if no := counters.objection(store, till, by):
        raise no
    _check_payer(wallet, currency)
    values = {
        "store_id": store, "till": till, "currency": currency, "wallet": wallet.pk if wallet else None, "made_by": by.label
    }  # fmt: skip
    return Basket.objects.get_or_create(asked_for=f"{by.label}:{checked_key(key)}", defaults=values)[0]


@transaction.atomic(durable=True)
def add(*, basket: Basket, product: Product, quantity: int, key: str, by: Actor) -> Basket:
    """So many thousandths more of a product."""
    basket, is_new = _edited(basket, key, by)
    if not is_new:
        return basket
    if not product.is_active or product.pk not in products.prices([product.pk], basket.currency):
        raise NotSold(name=product.name, currency=basket.currency)
    line = basket.lines.filter(product=product).first() or BasketLine(basket=basket, product=product, quantity=0)
    _set_quantity(line, line.quantity + quantity)
    if basket.lines.count() > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    return basket


@transaction.atomic(durable=True)
def change(
    *, basket: Basket, line: int, key: str, by: Actor, quantity: int | None = None, discount: int | None = None
) -> Basket:
    """Another quantity, a discount off the line, or both; a quantity of nothing takes the line out."""
    basket, is_new = _edited(basket, key, by)
    if not is_new:
        return basket
    found = basket.lines.select_related("product").filter(pk=line).first()
    if found is None:
        raise NotInBasket
    if quantity == 0:
        found.delete()
        return basket
    if discount is not None and discount != found.discount:
        require(by, DISCOUNTS)
        found.discount = money.check(discount) if discount else 0
    _set_quantity(found, found.quantity if quantity is None else quantity)
    _check_discount(basket, found, by)
    return basket


@transaction.atomic(durable=True)
def pay_from(*, basket: Basket, wallet: Wallet | None, key: str, by: Actor) -> Basket:
    """Whose wallet pays, once it is known; None: nobody's yet."""
    basket, is_new = _edited(basket, key, by)
    if is_new:
        _check_payer(wallet, basket.currency)
        basket.wallet = wallet.pk if wallet else None
        basket.save(update_fields=["wallet"])
    return basket


@transaction.atomic(durable=True)
def serve(*, basket: Basket, served_by: int | None, key: str, by: Actor) -> Basket:
    """Which colleague sold it, where it was not whoever is at the till."""
    basket, is_new = _edited(basket, key, by)
    if is_new:
        if served_by is not None and not staff.working_in(basket.store_id).filter(pk=served_by).exists():
            raise NotAColleague
        basket.served_by = served_by
        basket.save(update_fields=["served_by"])
    return basket


@transaction.atomic(durable=True)
def hold(*, basket: Basket, by: Actor, label: str = "") -> Basket:
    """Put it aside under a name or the end of a phone number. Held already, it stays so."""
    basket = _locked(basket, by)
    if basket.state != State.HELD:
        _require_open(basket)
        basket.state, basket.label = State.HELD, moves.text(label)[:LONGEST_LABEL]
        basket.held_by, basket.held_at, basket.till = by.label, timezone.now(), None
        basket.save(update_fields=["state", "label", "held_by", "held_at", "till"])
        audit.record("basket.held", _subject(basket), by=by, store=basket.store_id)
    return basket


@transaction.atomic(durable=True)
def resume(*, basket: Basket, by: Actor, till: int | None = None) -> Basket:
    """Take it up at a till of its store. Two tills at once: one has it, the other finds it at a till."""
    basket = _locked(basket, by)
    if basket.state == State.OPEN and basket.till == till:
        return basket
    if basket.state != State.HELD:
        raise BasketIsOver(state=State(basket.state).label)
    if no := counters.objection(basket.store_id, till, by):
        raise no
    basket.state, basket.till, basket.held_at, basket.held_by = State.OPEN, till, None, ""
    basket.save(update_fields=["state", "till", "held_at", "held_by"])
    audit.record("basket.resumed", _subject(basket), by=by, till=till)
    return basket


@transaction.atomic(durable=True)
def drop(*, basket: Basket, by: Actor) -> Basket:
    """Give it up: nothing was sold."""
    basket = _locked(basket, by)
    if basket.state in {State.OPEN, State.HELD}:
        basket.state = State.DROPPED
        basket.save(update_fields=["state"])
        audit.record("basket.dropped", _subject(basket), by=by, lines=basket.lines.count())
    elif basket.state != State.DROPPED:
        raise BasketIsOver(state=State(basket.state).label)
    return basket


def ask_for_discount(*, basket: Basket, amount: int, reason: str, key: str, by: Actor) -> Request:
    """Have somebody else sign that up to so much may be taken off this basket."""
    require(by, DISCOUNTS)
    return requests.ask(
        kind=DISCOUNT, arguments={"basket": basket.pk, "amount": amount}, amount=amount, asset=basket.currency,
        subject=_subject(basket), store=basket.store_id, reason=reason, evidence=f"#{basket.pk}", key=key, by=by,
    )  # fmt: skip


@transaction.atomic
def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:  # as every command
    """What `ask_for_discount` asked for, once it is signed."""
    basket = Basket.objects.select_for_update().get(pk=asked["basket"])
    basket.allowed_discount = max(basket.allowed_discount, int(asked["amount"]))
    basket.save(update_fields=["allowed_discount"])
    audit.record("basket.discount_allowed", _subject(basket), by=approved_by, amount=basket.allowed_discount)
    return f"basket:{basket.pk}"


def discount_objection(basket: Basket, discount: int, by: Actor) -> Refused | None:
    """Why this person may not take so much off it, if so."""
    if discount <= basket.allowed_discount:
        return None
    return authority.objection(DISCOUNT, discount, by=by, approved_by=None)


def locked_for_payment(basket: Basket, by: Actor) -> Basket:
    """Only inside the payment's transaction."""
    return _locked(basket, by)


def bill_of(basket: Basket, levels: frozenset[str] = frozenset()) -> Bill:
    return bills.of(basket.lines.select_related("product").order_by("pk"), basket.currency, levels)


def _edited(basket: Basket, key: str, by: Actor) -> tuple[Basket, bool]:
    """The basket under lock, and whether this key is new to it."""
    basket = _locked(basket, by)
    mark = hashlib.sha256(f"{by.label}\0{checked_key(key)}".encode()).hexdigest()[:32]
    if mark in basket.edits:
        return basket, False
    _require_open(basket)
    basket.edits = [*basket.edits, mark][-EDITS_KEPT:]
    basket.save(update_fields=["edits"])
    return basket, True


def _locked(basket: Basket, by: Actor) -> Basket:
    require(by, CHARGE)
    basket = Basket.objects.select_for_update(of=("self",)).select_related("store").get(pk=basket.pk)
    if no := counters.objection(basket.store_id, None, by):
        raise no
    return basket


def _require_open(basket: Basket) -> None:
    if basket.state != State.OPEN:
        raise BasketIsOver(state=State(basket.state).label)


def _set_quantity(line: BasketLine, quantity: int) -> None:
    is_whole = line.product.is_weighed or quantity % THOUSAND == 0
    if not is_whole or not 0 < quantity <= MOST_QUANTITY:
        raise QuantityUnusable(name=line.product.name)
    line.quantity = quantity
    line.save()


def _check_discount(basket: Basket, line: BasketLine, by: Actor) -> None:
    """At ordinary prices: something stays to be paid, and all of the basket's is this person's to give."""
    bill = bill_of(basket)
    if any(each.id == line.pk and each.amount <= 0 for each in bill.lines):
        raise DiscountTooLarge(name=line.product.name)
    if line.discount and (no := discount_objection(basket, bill.discount, by)):
        raise no


def _check_payer(wallet: Wallet | None, currency: str) -> None:
    if wallet is not None and assets.code(moves.programme_of(wallet).asset) != currency:
        raise OtherCurrency(currency=currency)


def checked_key(given: str) -> str:
    if not 0 < len(given) <= moves.LONGEST_KEY or not given.isprintable():
        raise KeyMissing
    return given


def _subject(basket: Basket) -> str:
    return f"basket:{basket.pk}"
