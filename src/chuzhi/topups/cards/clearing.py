"""Cards whose payment may still fail to arrive: alive, with their value held until it has cleared. Until then nobody redeems them."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import clearing
from chuzhi.topups.cards.models import CardOrder, OrderedCard, UnclearedCards
from chuzhi.topups.cards.orders import US, cards_of, subject
from chuzhi.topups.clearing import CLEAR, Held
from chuzhi.topups.errors import NotHeld
from chuzhi.wallets import withholding
from chuzhi.wallets.vouchers.activating import wallet_of
from chuzhi.wallets.withholding import Cause


def keep(order: CardOrder, payment: Payment) -> None:
    """Hold what is on the cards that a payment has just brought to life, if its account says so. In the same transaction."""
    term = clearing.term_of(payment.account)
    if term is None:
        return
    for card in cards_of(order).filter(seq__isnull=False):
        kept = withholding.keep(
            wallet=wallet_of(card.voucher), top_up=card.seq or 0, cause=Cause.UNCLEARED, until=term.lapses_at,
            reference=payment.number, key=f"clearing:{order.number}", by=US,
        )  # fmt: skip
        card.hold = kept.seq if kept else None
        card.save(update_fields=["hold"])
    UnclearedCards.objects.create(order=order, payment=payment, until=term.until)


def of(order: CardOrder) -> Held | None:
    """What is held on an order's cards now, together. None: it has cleared, is disputed, or never had to clear."""
    row = UnclearedCards.objects.filter(order=order, cleared_at=None).first()
    amount = sum(kept for _card, kept in _held(order)) if row else 0
    return Held(amount, row.until) if row and amount else None


def clear(*, order: CardOrder, key: str, by: Actor) -> CardOrder:
    """Somebody knows that the money is here. Raises NotHeld where nothing of it is held any more."""
    require(by, CLEAR)
    _let_go(order, key, by)
    return order


def waiting(account: Account) -> list[str]:
    """Numbers of payments that wait for the account's bill to name them."""
    rows = UnclearedCards.objects.filter(payment__account=account, cleared_at=None, until=None)
    return list(rows.values_list("payment__number", flat=True))


def settled(numbers: Iterable[str]) -> int:
    """The provider's bill has named these payments: the cards can be redeemed. Answers how many orders were let go."""
    rows = UnclearedCards.objects.filter(payment__number__in=list(numbers), cleared_at=None, until=None)
    count = 0
    for row in rows.select_related("order").order_by("pk"):
        try:
            _let_go(row.order, f"settled:{row.order.number}", US)
            count += 1
        except NotHeld:  # disputed meanwhile: the dispute has it
            UnclearedCards.objects.filter(pk=row.pk, cleared_at=None).update(cleared_at=timezone.now(), cleared_by=US.label)
    return count


@transaction.atomic
def _let_go(order: CardOrder, key: str, by: Actor) -> None:
    row = UnclearedCards.objects.select_for_update().filter(order=order).first()
    if row is not None and row.cleared_by == by.label:
        return
    held = _held(order) if row is not None and row.cleared_at is None else []
    if row is None or not held:
        raise NotHeld
    for card, _kept in held:
        withholding.let_go(wallet=wallet_of(card.voucher), hold=card.hold or 0, key=key, by=by)
    row.cleared_at, row.cleared_by = timezone.now(), by.label
    row.save(update_fields=["cleared_at", "cleared_by"])
    audit.record("card_order.cleared", subject(order), by=by)


def _held(order: CardOrder) -> list[tuple[OrderedCard, int]]:
    """The cards of which something is held still, in the order in which their books are locked, and how much."""
    cards = [card for card in cards_of(order).order_by("book", "pk") if card.hold is not None]
    kept = [(card, each) for card in cards for each in withholding.kept(wallet_of(card.voucher)) if each.hold == card.hold]
    return [(card, each.amount) for card, each in kept]
