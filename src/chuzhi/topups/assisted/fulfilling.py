"""A request is paid: by a link that is sent to the customer, or with money that is taken at a counter. Once, either way."""

from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers import contacts
from chuzhi.ledger.chart import Method
from chuzhi.messaging import outbox
from chuzhi.messaging.outbox import Stranger
from chuzhi.organization.authority import require
from chuzhi.payments.counter.slips import Slip
from chuzhi.topups import follow_ups, orders, selling
from chuzhi.topups.agents import AgentNamed
from chuzhi.topups.assisted import telling
from chuzhi.topups.assisted.errors import AddressMissing, LinkIsOut
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.assisted.requests import ASSIST, Kind, Status, locked, step, subject, unfinished, withdraw_link
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Order
from chuzhi.wallets import funding, queries
from chuzhi.wallets.funding import Payment
from chuzhi.wallets.moves import Moved


@transaction.atomic
def send_link(
    *, request: AssistedTopUp, key: str, by: Actor, amount: int | None = None, is_mailed: bool = True, email: str = "",
    language: str = "",
) -> AssistedTopUp:  # fmt: skip
    """Make an order with its pay link, of the wished amount unless another is agreed, and mail it: to the address on file, or to
    `email`. One link is out at a time; asking twice with one key sends it once.

    Refuses what the top-up would meet now.
    """
    require(by, ASSIST)
    row = locked(request)
    if row.order is not None and row.order.asked_for == orders.mark(row.wallet, key=key, by=by):
        row.is_replayed = True
        return row
    row = unfinished(row)
    if row.status == Status.LINKED:
        raise LinkIsOut
    reader = _stranger(row, email, language) if is_mailed else None
    withdraw_link(row, by)
    row.order = order = orders.place(
        wallet=row.wallet, amount=row.amount if amount is None else amount, channel=Channel.AGENT, key=key, by=by, store=row.store,
        open_for=follow_ups.asked_open_for(), request=row.number,
    )  # fmt: skip
    row.save(update_fields=["order"])
    if is_mailed:
        _mail(order, reader, by)
    step(row, Kind.LINK_SENT if is_mailed else Kind.LINK_MADE, by=by, about=f"order:{order.number}")
    audit.record("assisted.linked", subject(row), by=by, order=order.number, mailed=is_mailed)
    return row


@transaction.atomic
def tender(
    *, request: AssistedTopUp, method: Method, store: int, key: str, by: Actor, amount: int | None = None,
    till: int | None = None, slip: Slip | None = None,
) -> Moved:  # fmt: skip
    """Money was taken at a counter: it is credited with what the best offer gives, and carries request and agent.

    Asking twice with one key credits once. A pay link that is out has to be cancelled before.
    """
    require(by, ASSIST)
    require(by, funding.TOP_UP)
    row = locked(request)
    if not _tendered_before(row, key, by):
        row = unfinished(row)
        if row.status == Status.LINKED:
            raise LinkIsOut
        withdraw_link(row, by)
    payment = Payment(
        wallet=row.wallet, amount=row.amount if amount is None else amount, method=method, store=store, till=till, key=key, slip=slip,
        documents=(AgentNamed(row.number, by.label),),
    )  # fmt: skip
    moved = selling.top_up(payment=payment, channel=Channel.COUNTER, by=by)
    if moved.replayed:
        return moved
    row.seq = moved.seq
    row.save(update_fields=["seq"])
    step(row, Kind.TENDERED, by=by, about=f"operation:{moved.id}")
    audit.record("assisted.tendered", subject(row), by=by, operation=moved.id)
    return moved


def _tendered_before(row: AssistedTopUp, key: str, by: Actor) -> bool:
    """Whether it was credited under this very key: then the ledger tells it again."""
    known = queries.by_key(by=by, wallet=row.wallet, key=key) if row.seq is not None else None
    return known is not None and known.outcome.seq == row.seq


def _stranger(row: AssistedTopUp, email: str, language: str) -> Stranger | None:
    """Whoever is written to at another address than the customer's own; None: the customer."""
    customer = row.wallet.customer
    if email.strip():
        return Stranger(contacts.email(email), language)
    if customer is None or not customer.email:
        raise AddressMissing
    return None


def _mail(order: Order, reader: Stranger | None, by: Actor) -> None:
    facts = telling.link(amount=order.amount, currency=order.currency, until=order.expires_at, address=orders.address_of(order))
    customer = None if reader else order.wallet.customer
    outbox.tell(kind=telling.LINK, facts=facts, subject=f"order:{order.number}", by=by, customer=customer, stranger=reader)
