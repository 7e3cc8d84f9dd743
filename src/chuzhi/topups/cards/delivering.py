"""A paid order's cards come alive; their codes are shown once and written once; a card that nobody redeemed is given back."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.messaging import outbox
from chuzhi.messaging.outbox import Stranger
from chuzhi.organization.authority import require
from chuzhi.payments import refunds
from chuzhi.payments.models import Dispute, Payment, Refund
from chuzhi.topups.cards import clearing, telling
from chuzhi.topups.cards.errors import CodesShown, NotClearedYet, NotPaid
from chuzhi.topups.cards.models import CardOrder, OrderedCard
from chuzhi.topups.cards.offering import MANAGE
from chuzhi.topups.cards.orders import US, address_of, cards_of, payments_of, subject
from chuzhi.topups.errors import OrderOver
from chuzhi.wallets import disputes, funding
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.vouchers import online
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.vouchers.rules import grouped

Stage = CardOrder.Stage


@dataclass(frozen=True, slots=True)
class Shown:
    """What a buyer needs of one card."""

    number: str
    secret: str


def paid(payment: Payment) -> None:
    """A payment is paid (a reaction, in the payment's own transaction): the cards are alive, or the money goes back."""
    order = CardOrder.objects.select_related("offer__programme").select_for_update(of=("self",)).get(pk=payment.subject_id)
    if order.stage == Stage.OPEN and order.offer.programme.is_open:
        _deliver(order, payment)
    elif order.stage in {Stage.OPEN, Stage.EXPIRED}:
        _owe(order, payment, OrderOver.code if order.stage == Stage.EXPIRED else ProgrammeClosed.code)
    else:
        refunds.intend(payment=payment, amount=payment.amount, why="order.paid_twice", key="twice", by=US)


def returned_by(refund: Refund) -> None:
    """A refund is over: an order whose money was owed is settled with it."""
    if refund.stage == Refund.Stage.DONE:
        owed = CardOrder.objects.filter(pk=refund.payment.subject_id, stage=Stage.OWED)
        owed.update(stage=Stage.RETURNED, ended_at=timezone.now())


def disputed_by(dispute: Dispute) -> None:
    """The payer's bank takes the payment back: what is left on each card freezes, until the bank has decided."""
    held = OrderedCard.objects.filter(order=dispute.payment.subject_id, seq__isnull=False, returned_at=None)
    for card in held.select_related("voucher__wallet").order_by("book"):
        wallet, key = card.voucher.wallet, f"dispute:{dispute.pk}"
        if wallet is None or card.seq is None:
            continue
        opened = disputes.begin(wallet=wallet, top_up=card.seq, key=key, by=US)
        if dispute.stage != Dispute.Stage.OPENED:
            won = dispute.stage == Dispute.Stage.WON
            disputes.end(wallet=wallet, dispute=opened.seq, won=won, key=f"{key}:end", by=US)


@transaction.atomic(durable=True)
def reveal(*, order: CardOrder, by: Actor) -> list[Shown]:
    """The codes of a paid order, once: they are not kept here afterwards. Its number is what allows it."""
    order = _locked(order)
    if order.stage != Stage.PAID:
        raise NotPaid
    with_code = [card for card in cards_of(order) if card.secret]
    if order.shown_at is not None or not with_code:
        raise CodesShown
    order.shown_at = timezone.now()
    order.save(update_fields=["shown_at"])
    OrderedCard.objects.filter(order=order).update(secret=None)
    audit.record("card_order.codes_shown", subject(order), by=by)
    return [Shown(card.voucher.number, card.secret or "") for card in with_code]


@transaction.atomic(durable=True)
def renew_codes(*, order: CardOrder, by: Actor) -> CardOrder:
    """The letter was lost: new codes for the cards that are alive, written again and shown again. The old ones open nothing."""
    require(by, MANAGE)
    order = _locked(order)
    alive = [card for card in cards_of(order) if card.voucher.status == Voucher.Status.ACTIVE]
    if order.stage != Stage.PAID or not alive:
        raise NotPaid
    for card in alive:
        card.secret = online.renew_code(voucher=card.voucher, by=by)
        card.save(update_fields=["secret"])
    order.shown_at = None
    _write(order, alive, by)
    return order


@transaction.atomic(durable=True)
def give_back(*, card: OrderedCard, reason: str, key: str, by: Actor) -> Refund:
    """A card that nobody redeemed is void, and its price goes back the way it was paid. Asking twice gives once."""
    require(by, funding.REFUND)
    order = _locked(card.order)
    card = OrderedCard.objects.select_for_update(of=("self",)).select_related("voucher").get(pk=card.pk)
    payment = next((each for each in payments_of(order) if each.stage == Payment.Stage.PAID), None)
    if order.stage != Stage.PAID or payment is None or card.seq is None:
        raise NotPaid
    if card.returned_at is None and clearing.of(order):
        raise NotClearedYet
    moved = online.take_back(
        voucher=card.voucher, sale=card.seq, method=Method(payment.account.method), reason=reason, key=key, by=by
    )
    card.secret, card.returned_at = None, card.returned_at or timezone.now()
    card.save(update_fields=["secret", "returned_at"])
    return refunds.intend(payment=payment, amount=moved.amount, why=reason, key=f"{by.label}:{moved.id}", by=by)


def _deliver(order: CardOrder, payment: Payment) -> None:
    cards = {card.voucher_id: card for card in cards_of(order)}
    alive = online.activate_paid(
        vouchers=[card.voucher for card in cards.values()], price=order.price, method=Method(payment.account.method),
        reference=payment.number, key=subject(order), by=US, store=order.offer.store_id,
    )  # fmt: skip
    for each in alive:
        card = cards[each.voucher.pk]
        card.secret, card.book, card.seq = each.secret, each.moved.book, each.moved.seq
        card.save(update_fields=["secret", "book", "seq"])
    clearing.keep(order, payment)
    order.stage, order.ended_at = Stage.PAID, timezone.now()
    _write(order, list(cards.values()), US)


def _write(order: CardOrder, cards: list[OrderedCard], by: Actor) -> None:
    """The letter with the codes; and the order as it is now."""
    order.mailed += 1
    order.save(update_fields=["stage", "ended_at", "shown_at", "mailed"])
    value = money.text(order.value, order.currency)
    lines = [f"{grouped(card.voucher.number)}   {grouped(card.secret or '')}   {value}" for card in cards]
    facts = telling.codes(
        order=order.number, amount=order.amount, currency=order.currency, link=address_of(order),
        balance=f"{settings.PUBLIC_URL}/pay/card-balance/",
    )  # fmt: skip
    outbox.tell(
        kind=telling.CODES, facts=facts, subject=f"card_order:{order.pk}:{order.mailed}", by=by,
        stranger=Stranger(order.email or "", order.language), secrets={"codes": "\n".join(lines)},
    )  # fmt: skip


def _owe(order: CardOrder, payment: Payment, why: str) -> None:
    """The cards cannot be had any more; the money goes back."""
    order.stage, order.refusal = Stage.OWED, why
    order.save(update_fields=["stage", "refusal"])
    for card in cards_of(order):
        online.release(voucher=card.voucher, by=US)
    refunds.intend(payment=payment, amount=payment.amount, why=why, key="owed", by=US)


def _locked(order: CardOrder) -> CardOrder:
    return CardOrder.objects.select_for_update(of=("self",)).select_related("offer__programme").get(pk=order.pk)
