"""An order of cards: reserved, paid for, alive with their codes; or given up, and the cards with it."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, profiles
from chuzhi.ledger.chart import Method
from chuzhi.limits.rules import Channel
from chuzhi.organization.authority import require
from chuzhi.payments import numbers
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Payment
from chuzhi.topups import paying
from chuzhi.topups.cards.errors import NotOnSale, SoldOut, TooMany, TooManyUnpaid
from chuzhi.topups.cards.models import CardOffer, CardOrder, OrderedCard
from chuzhi.topups.cards.offering import VIEW
from chuzhi.topups.errors import OrderOver, OtherOrder
from chuzhi.topups.paying import Bill
from chuzhi.wallets import moves
from chuzhi.wallets.errors import KeyMissing
from chuzhi.wallets.vouchers import lawful, online
from chuzhi.wallets.vouchers.errors import BuyerIncomplete
from chuzhi.wallets.vouchers.lawful import Sale

PURPOSE = "card_order"
ORDER = "vouchers.sell"
OPEN_FOR = timedelta(minutes=30)
MOST_UNPAID = 5
"""Open orders from one address: stock that somebody holds and does not pay for."""
MOST_AT_ONCE = 200
US = actors.system("card_orders")
Stage = CardOrder.Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Where the codes go, in which language; who buys, where the law wants to know; and the address that they call from."""

    email: str
    language: str
    phone: str = ""
    name: str = ""
    identity_number: str = ""
    source: str = ""


@transaction.atomic(durable=True)
def place(*, offer: CardOffer, count: int, buyer: Buyer, key: str, by: Actor) -> CardOrder:
    """Reserve `count` cards. They are worth nothing until they are paid. Asking twice with one key places one order.

    Refused before anybody pays: what the pack of the store and the shop's limits say against it.
    """
    require(by, ORDER)
    if not key or len(key) > moves.LONGEST_KEY:
        raise KeyMissing
    asked_for = f"{by.label}:{offer.pk}:{key}"
    if known := CardOrder.objects.filter(asked_for=asked_for).first():
        if known.count != count:
            raise OtherOrder
        return known
    offer = CardOffer.objects.select_for_update(of=("self",)).select_related("programme", "store").get(pk=offer.pk)
    _check(offer, count, buyer)
    order = CardOrder.objects.create(
        number=numbers.fresh("C"), offer=offer, count=count, value=offer.value, price=offer.price,
        currency=offer.programme.asset, asked_for=asked_for, expires_at=timezone.now() + OPEN_FOR, made_by=by.label,
        source=buyer.source[:64], language=_language(buyer.language), **_said_of(buyer),
    )  # fmt: skip
    for place_of_card in range(count):
        card = online.reserve(
            programme=offer.programme, value=offer.value, key=f"card_order:{order.number}:{place_of_card}", by=US
        )
        OrderedCard.objects.create(order=order, voucher=card)
    if offer.left is not None:
        offer.left -= count
        offer.save(update_fields=["left"])
    audit.record("card_order.placed", subject(order), by=by, offer=offer.pk, count=count)
    return order


def pay(
    *, order: CardOrder, scene: Scene, circumstances: Circumstances, by: Actor, method: Method | None = None, payer: str = ""
) -> Payment:
    """Begin to pay it, or go on with what was begun (`paying.pay`)."""
    bill = Bill(
        purpose=PURPOSE, subject_id=order.pk, amount=order.amount, currency=order.currency, shown=order.offer.programme.name,
        expires_at=order.expires_at,
    )  # fmt: skip

    def lock() -> None:
        if not CardOrder.objects.select_for_update(of=("self",)).get(pk=order.pk).is_payable:
            raise OrderOver

    return paying.pay(bill=bill, lock=lock, scene=scene, circumstances=circumstances, by=by, method=method, payer=payer)


def payments_of(order: CardOrder) -> list[Payment]:
    """Newest first."""
    return paying.payments_for(PURPOSE, order.pk)


def cards_of(order: CardOrder) -> QuerySet[OrderedCard]:
    return order.cards.select_related("voucher__batch", "voucher__wallet").order_by("pk")


def visible_to(actor: Actor) -> QuerySet[CardOrder]:
    return named() if actor.may(VIEW) else CardOrder.objects.none()


def named() -> QuerySet[CardOrder]:
    """For whoever has an order's number, which is the key to it."""
    return CardOrder.objects.select_related("offer__programme", "offer__store")


def expire() -> int:
    """For the clock: orders that nobody paid in time, once no payment of them is under way. Their cards are void."""
    due = CardOrder.objects.filter(stage=Stage.OPEN, expires_at__lte=timezone.now()).order_by("expires_at")
    return sum(_expired(number) for number in due.values_list("pk", flat=True)[:MOST_AT_ONCE])


def address_of(order: CardOrder) -> str:
    return f"{settings.PUBLIC_URL}/pay/cards/order/{order.number}/"


def subject(order: CardOrder) -> str:
    return f"card_order:{order.number}"


def sale_of(offer: CardOffer, count: int, *, is_identified: bool) -> Sale:
    return Sale(
        programme=offer.programme, value=offer.value, paid=count * offer.price, store=offer.store_id, channel=Channel.WEB,
        is_identified=is_identified,
    )  # fmt: skip


@transaction.atomic
def _expired(number: int) -> bool:
    order = CardOrder.objects.select_for_update(of=("self",)).get(pk=number)
    if order.stage != Stage.OPEN or any(not payment.is_over for payment in payments_of(order)):
        return False
    order.stage, order.ended_at = Stage.EXPIRED, timezone.now()
    order.save(update_fields=["stage", "ended_at"])
    for card in cards_of(order):
        online.release(voucher=card.voucher, by=US)
    CardOffer.objects.filter(pk=order.offer_id, left__isnull=False).update(left=F("left") + order.count)
    return True


def _check(offer: CardOffer, count: int, buyer: Buyer) -> None:
    if not (offer.is_on_sale and offer.programme.is_open and offer.store.is_open):
        raise NotOnSale
    if not 0 < count <= offer.most_at_once:
        raise TooMany(most=offer.most_at_once)
    if offer.left is not None and count > offer.left:
        raise SoldOut(left=offer.left)
    if bool(buyer.name.strip()) != bool(buyer.identity_number.strip()):
        raise BuyerIncomplete
    if buyer.source and CardOrder.objects.filter(stage=Stage.OPEN, source=buyer.source[:64]).count() >= MOST_UNPAID:
        raise TooManyUnpaid
    no: Refused | None = lawful.objection(sale_of(offer, count, is_identified=bool(buyer.identity_number.strip())))
    if no is not None:
        raise no


def _said_of(buyer: Buyer) -> dict[str, str | None]:
    """As it is kept. Raises EmailInvalid, PhoneInvalid, NameInvalid, IdentityNumberInvalid."""
    return {
        "email": contacts.email(buyer.email),
        "phone": contacts.phone(buyer.phone) if buyer.phone.strip() else None,
        "name": str(profiles.cleaned({"name": buyer.name})["name"]) if buyer.name.strip() else None,
        "identity_number": contacts.identity_number(buyer.identity_number) if buyer.identity_number.strip() else None,
    }


def _language(given: str) -> str:
    return given if given in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
