"""An order for stored value: placed, paid for in one way or another, credited once, or its money given back."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chuzhi.core import actors, audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.remembered import unchanged_here
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.payments import intents, numbers, refunds
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account, Agreement, Dispute, Payment, Refund
from chuzhi.topups import clearing, paying, reservations, results, selling, settling
from chuzhi.topups.agents import AgentNamed
from chuzhi.topups.errors import NotCredited, NotMoney, OrderOver, OtherOrder
from chuzhi.topups.models import Channel, Order
from chuzhi.topups.paying import Bill
from chuzhi.wallets import beforehand, counters, disputes, funding, moves, policies
from chuzhi.wallets.errors import KeyMissing
from chuzhi.wallets.funding import Arrived
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.policies import Policy

PURPOSE = "top_up"
OPEN_FOR = timedelta(hours=2)
CREDITABLE = (Order.Stage.OPEN, Order.Stage.EXPIRED)
US = actors.system("orders")


@transaction.atomic
def place(
    *, wallet: Wallet, amount: int, channel: Channel, key: str, by: Actor, store: Store | None = None, device: str = "",
    open_for: timedelta = OPEN_FOR, request: str = "",
) -> Order:  # fmt: skip
    """An order for `amount` minor units, which holds the gift that is shown now. Nothing is charged yet. `device` is a mark of the
    payer's browser, where there is one; `request` the number of the assisted top-up that it is for.

    Refused before anybody pays, where the ledger would refuse it. Asking twice with one key places one order.
    """
    require(by, funding.TOP_UP)
    if not key or len(key) > moves.LONGEST_KEY:
        raise KeyMissing
    asked_for = mark(wallet, key=key, by=by)
    if known := Order.objects.filter(asked_for=asked_for).first():
        return _replayed(known, amount, channel)
    if store is not None and (objection := counters.objection(store.pk, None, by)):
        raise objection
    programme = moves.programme_of(wallet)
    if programme.kind != Programme.Kind.MONEY:
        raise NotMoney
    shown = selling.promise(wallet=wallet, amount=money.check(amount), store=store.pk if store else None, channel=channel)
    beforehand.refuse_top_up(wallet, amount, bonus=shown.bonus_at_once, store=store.pk if store else None, channel=channel)
    order, is_new = Order.objects.get_or_create(asked_for=asked_for, defaults={
        "number": numbers.fresh("T"), "wallet": wallet, "store": store, "channel": channel, "amount": amount,
        "currency": programme.asset_code, "terms_id": programme.terms().id, "bonus": shown.bonus, "device": device,
        "expires_at": timezone.now() + open_for, "made_by": by.label, "request": request,
    })  # fmt: skip
    if not is_new:
        return _replayed(order, amount, channel)
    reservations.reserve(order, shown.won)
    audit.record("order.placed", f"order:{order.pk}", by=by, wallet=wallet.pk, amount=amount, channel=str(channel))
    return order


def pay(
    *, order: Order, scene: Scene, circumstances: Circumstances, by: Actor, account: Account | None = None,
    method: Method | None = None, payer: str = "", agreement: Agreement | None = None,
) -> Payment:  # fmt: skip
    """Begin to pay an order, or go on with what was begun (`paying.pay`)."""
    customer = order.wallet.customer
    bill = Bill(
        purpose=PURPOSE, subject_id=order.pk, amount=order.amount, currency=order.currency,
        shown=moves.programme_of(order.wallet).name, expires_at=order.expires_at,
        usual_payer=customer.name[:80] if customer else "",
    )  # fmt: skip

    def lock() -> None:
        known = Order.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=order.pk)
        if not known.is_payable:
            raise OrderOver
        if known.accepted_at is None:
            reservations.begin(known)
            Order.objects.filter(pk=order.pk).update(accepted_at=timezone.now())

    payment = paying.pay(
        bill=bill, lock=lock, scene=scene, circumstances=circumstances, by=by, account=account, method=method, payer=payer,
        agreement=agreement,
    )  # fmt: skip
    Order.objects.filter(pk=order.pk, stage=Order.Stage.OPEN, expires_at__lt=payment.expires_at).update(
        expires_at=payment.expires_at  # a transfer takes longer than an order usually stays open
    )
    return payment


def payments_of(order: Order) -> list[Payment]:
    """Newest first."""
    return paying.payments_for(PURPOSE, order.pk)


def paid_by(order: Order) -> Payment | None:
    """The payment that it was credited for, if it was."""
    return next((each for each in payments_of(order) if each.stage == Payment.Stage.PAID), None)


@transaction.atomic
def give_back(*, order: Order, reason: str, key: str, by: Actor, amount: int | None = None) -> Refund:
    """What is unspent of a credited order goes back the way it was paid; without `amount`, all that can.

    Value leaves the wallet and the refund is intended together; the provider is asked afterwards. Asking twice gives once.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=order.pk)
    paid = paid_by(order)
    if order.stage != Order.Stage.CREDITED or order.seq is None or paid is None:
        raise NotCredited
    moved = funding.return_through_provider(
        wallet=order.wallet, top_up=order.seq, method=Method(paid.account.method), reason=reason, key=key, by=by, amount=amount
    )
    refund = refunds.intend(payment=paid, amount=moved.amount, why=reason, key=f"{by.label}:{moved.id}", by=by)
    refund.is_replayed = moved.replayed
    return refund


def credited_by(payments: Sequence[Payment]) -> list[tuple[Payment, Order]]:
    """Payments are paid (a reaction, in their own transaction): credit the orders, or give the money back.

    Answers each payment with its order.
    """
    orders = settling.locked(payment.subject_id for payment in payments)
    found = [(payment, orders[payment.subject_id]) for payment in payments]
    waiting = {order.pk: (payment, order) for payment, order in reversed(found) if order.stage in CREDITABLE}
    _credit(list(waiting.values()))
    for payment, order in found:
        if (payment, order) != waiting.get(order.pk):
            why = "order.cancelled" if order.stage == Order.Stage.CANCELLED else "order.paid_twice"
            refunds.intend(payment=payment, amount=payment.amount, why=why, key="twice", by=US)
    return found


def returned_by(refund: Refund) -> None:
    """A refund is over: an order whose money was owed is settled with it."""
    if refund.stage == Refund.Stage.DONE:
        owed = Order.objects.filter(pk=refund.payment.subject_id, stage=Order.Stage.OWED)
        owed.update(stage=Order.Stage.RETURNED, ended_at=timezone.now())


def disputed_by(dispute: Dispute) -> None:
    """The payer's bank takes the payment back: exactly what is left of that top-up freezes, until the bank has decided."""
    order = Order.objects.select_related("wallet").get(pk=dispute.payment.subject_id)
    if order.stage != Order.Stage.CREDITED or order.seq is None:
        return
    wallet, key = order.wallet, f"dispute:{dispute.pk}"
    opened = disputes.begin(wallet=wallet, top_up=order.seq, key=key, by=US)
    if dispute.stage != Dispute.Stage.OPENED:
        won = dispute.stage == Dispute.Stage.WON
        disputes.end(wallet=wallet, dispute=opened.seq, won=won, key=f"{key}:end", by=US)


@transaction.atomic
def cancel(*, order: Order, by: Actor) -> Order:
    """The customer wants it no more: nobody is reminded, and money that still comes goes back. Safe to repeat."""
    require(by, funding.TOP_UP)
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.stage == Order.Stage.CANCELLED:
        return order
    if order.stage not in {Order.Stage.OPEN, Order.Stage.EXPIRED}:
        raise OrderOver
    order.stage, order.ended_at = Order.Stage.CANCELLED, timezone.now()
    order.save(update_fields=["stage", "ended_at"])
    for payment in payments_of(order):
        if not payment.is_over:
            intents.give_up(payment=payment)
    reservations.release([order.pk])
    audit.record("order.cancelled", f"order:{order.pk}", by=by)
    return order


def end(order: Order) -> None:
    """Nobody will pay it any more. If somebody has, it is credited all the same."""
    Order.objects.filter(pk=order.pk, stage=Order.Stage.OPEN).update(stage=Order.Stage.EXPIRED, ended_at=timezone.now())


def mark(wallet: Wallet, *, key: str, by: Actor) -> str:
    """What a key is remembered by on an order."""
    return f"{by.label}:{wallet.pk}:{key}"


def policy_of(order: Order) -> Policy:
    """The terms that were shown with it, and how money goes back."""
    return policies.of(order.wallet, store=order.store_id, at=order.created_at)


def address_of(order: Order) -> str:
    """Where the payer goes on with it."""
    return f"{settings.PUBLIC_URL}/pay/order/{order.number}/"


def expire() -> int:
    """Orders that nobody paid in time. A payment that still arrives is credited all the same."""
    due = Order.objects.filter(stage=Order.Stage.OPEN, expires_at__lte=timezone.now())
    expired = due.update(stage=Order.Stage.EXPIRED, ended_at=timezone.now())
    _release_over()
    return expired


@transaction.atomic
def _release_over() -> None:
    """What orders that are over were promised is for others, once no payment for them is under way: it may be paid in time."""
    under_way = Payment.objects.filter(purpose=PURPOSE, subject_id=OuterRef("pk"), ended_at=None)
    over = Order.objects.filter(~Exists(under_way), reservation__ended_at=None, reservation__isnull=False)
    due = over.exclude(stage=Order.Stage.OPEN).select_for_update(of=("self",), skip_locked=True).order_by("pk")
    reservations.release(list(due.values_list("pk", flat=True)))


def _credit(due: Sequence[tuple[Payment, Order]]) -> None:
    """All of them at once, each once."""
    arrived = [Arrived(_asked(order, payment), order.channel) for payment, order in due]
    kept = reservations.kept(order for _payment, order in due)
    promised = {_key(order): kept[order.pk] for _payment, order in due if order.pk in kept}
    with unchanged_here():
        answers = selling.credit(arrived=arrived, promised=promised, by=US)
    for (payment, order), answer in zip(due, answers, strict=True):
        if isinstance(answer, Refused):
            order.stage, order.refusal = Order.Stage.OWED, answer.code
            refunds.intend(payment=payment, amount=payment.amount, why=answer.code, key="owed", by=US)
        else:
            order.stage, order.book, order.seq, order.ended_at = Order.Stage.CREDITED, answer.book, answer.seq, answer.at
            order.given, order.repaid = answer.bonus, order.amount - answer.principal
            clearing.keep(order, payment)
            results.tell_if_less(order)
    settling.write([order for _payment, order in due])
    reservations.used(order for _payment, order in due if order.stage == Order.Stage.CREDITED)
    reservations.release(order.pk for _payment, order in due if order.stage == Order.Stage.OWED and order.band is not None)


def _asked(order: Order, payment: Payment) -> funding.Payment:
    return funding.Payment(
        wallet=order.wallet, amount=order.amount, method=Method(payment.account.method), store=order.store_id,
        key=_key(order), reference=payment.number, promised_at=order.created_at,
        documents=(AgentNamed(order.request, order.made_by),) if order.request else (),
    )  # fmt: skip


def _key(order: Order) -> str:
    return f"order:{order.number}"


def _replayed(known: Order, amount: int, channel: Channel) -> Order:
    if (known.amount, known.channel) != (amount, channel):
        raise OtherOrder
    known.is_replayed = True
    return known
