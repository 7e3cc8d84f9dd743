"""Money, cards and messages moved from inside a ticket: by the commands that everybody uses, within what the agent may do.

The step and the act are one transaction, so a ticket never tells of what has not happened, nor hides what has.
"""

from typing import Any

from django.db import transaction

from chuzhi.core.actors import Actor
from chuzhi.desk import tickets
from chuzhi.desk.errors import NotTheirs, SomebodyActed, TicketResolved
from chuzhi.desk.models import Step, Ticket
from chuzhi.messaging import outbox
from chuzhi.messaging.models import Delivery
from chuzhi.wallets import accounts, gifts, losses
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, Wallet
from chuzhi.wallets.moves import Moved

Kind = Step.Kind


@transaction.atomic
def credit(*, ticket: Ticket, wallet: Wallet, amount: int, cause: str, key: str, by: Actor, seen: int | None = None) -> Step:
    """A bonus of `amount` smallest units to make good, as far as the agent may give alone; the entry names the ticket.

    `seen` is the number of the last step that the agent has read: refused if a colleague has done something since.
    """
    held = _for(ticket, wallet, by)
    given = gifts.give(wallet=wallet, amount=amount, cause=cause, ticket=held.number, key=key, by=by)
    return _moved(held, Kind.CREDITED, given, by, amount=amount, seen=seen)


@transaction.atomic
def ask_credit(
    *,
    ticket: Ticket,
    wallet: Wallet,
    amount: int,
    cause: str,
    key: str,
    by: Actor,
    store: int | None = None,
    seen: int | None = None,
) -> Step:
    """The same sent to whoever may approve it. Nothing moves before."""
    held = _for(ticket, wallet, by)
    asked = gifts.ask(wallet=wallet, amount=amount, cause=cause, ticket=held.number, key=key, by=by, store=store)
    known = Step.objects.filter(approval=asked).first()
    return known or _acted(held, Kind.CREDIT_ASKED, by, wallet=wallet, amount=amount, approval=asked, seen=seen)


@transaction.atomic
def freeze(*, ticket: Ticket, wallet: Wallet, key: str, by: Actor) -> Step:
    """Nothing goes into or out of the wallet any more."""
    held = _for(ticket, wallet, by)
    return _moved(held, Kind.FROZEN, accounts.freeze(wallet=wallet, reason=held.number, key=key, by=by), by)


@transaction.atomic
def unfreeze(*, ticket: Ticket, wallet: Wallet, key: str, by: Actor) -> Step:
    held = _for(ticket, wallet, by)
    return _moved(held, Kind.UNFROZEN, accounts.unfreeze(wallet=wallet, reason=held.number, key=key, by=by), by)


@transaction.atomic
def report_lost(*, ticket: Ticket, card: Card, said: Said, by: Actor) -> Step:
    """The number is blocked everywhere. Reported again from the same ticket, it is the same step."""
    held = _for(ticket, card.wallet, by)
    losses.report(card=card, said=said, by=by)
    known = held.steps.filter(kind=Kind.CARD_LOST, card=card).first()
    return known or _acted(held, Kind.CARD_LOST, by, wallet=card.wallet, card=card)


@transaction.atomic
def replace_card(*, ticket: Ticket, card: Card, said: Said, key: str, by: Actor) -> Step:
    """A new number for the same wallet, without a fee; the old one ends. Only for whoever is known to be the holder."""
    held = _for(ticket, card.wallet, by)
    made = losses.replace(card=card, said=said, key=key, by=by)
    known = Step.objects.filter(kind=Kind.CARD_REPLACED, card=made).first()
    return known or _acted(held, Kind.CARD_REPLACED, by, wallet=made.wallet, card=made)


@transaction.atomic
def send_again(*, ticket: Ticket, delivery: Delivery, by: Actor, seen: int | None = None) -> Step:
    """A receipt, or whatever else the customer was told and says never came. `seen` as for a bonus."""
    held = tickets.locked(ticket, by)
    if delivery.message.customer_id != held.customer_id:
        raise NotTheirs
    step = _acted(held, Kind.MESSAGE_SENT, by, delivery=delivery.pk, seen=seen)
    outbox.resend(delivery=delivery, by=by)
    return step


@transaction.atomic
def refund_asked(*, ticket: Ticket, wallet: Wallet, refund: int, by: Actor) -> Step:
    """A balance refund (its number) was asked for in this transaction, because of this ticket."""
    held = _for(ticket, wallet, by)
    known = Step.objects.filter(refund=refund).first()
    return known or _acted(held, Kind.REFUND_ASKED, by, wallet=wallet, refund=refund)


def _for(ticket: Ticket, wallet: Wallet, by: Actor) -> Ticket:
    held = tickets.locked(ticket, by)
    if wallet.customer_id != held.customer_id:
        raise NotTheirs
    return held


def _moved(ticket: Ticket, kind: Step.Kind, done: Moved, by: Actor, **more: int | None) -> Step:
    """One step for one entry, however often it is asked for."""
    known = Step.objects.filter(wallet=done.wallet, seq=done.seq).first()
    return known or _acted(ticket, kind, by, wallet=done.wallet, seq=done.seq, **more)


def _acted(ticket: Ticket, kind: Step.Kind, by: Actor, *, seen: int | None = None, **named: Any) -> Step:
    """What is refused here takes all that was done just now with it."""
    if not ticket.is_open:
        raise TicketResolved
    if seen is not None and tickets.latest(ticket) > seen:
        raise SomebodyActed
    return tickets.write(ticket, kind, by=by, **named)
