"""Customers of whom nothing is left but their data: found, and forgotten whole.

Nobody is forgotten while a wallet of theirs holds, owes or promises anything, or anything of theirs is open: value does not
lose its owner because time passes.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chuzhi.core.actors import system
from chuzhi.core.errors import Refused
from chuzhi.customers import forgetting as histories
from chuzhi.customers import profiles
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.models import Customer, Merge
from chuzhi.customers.relations.models import Relation
from chuzhi.desk import forgetting as tickets
from chuzhi.desk.models import Ticket
from chuzhi.ledger import standings
from chuzhi.ledger.chart import Standing
from chuzhi.messaging import forgetting as messages
from chuzhi.refunds import forgetting as refunds
from chuzhi.refunds.models import RefundRequest
from chuzhi.till import forgetting as baskets
from chuzhi.topups.assisted import forgetting as assisted
from chuzhi.topups.models import Mandate, Order
from chuzhi.wallets import accounts
from chuzhi.wallets import forgetting as wallets
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing.models import Member
from chuzhi.workforce import forgetting as notes
from chuzhi.workforce.models import Note, Task

CLOCK = system("retention")
REASON = "Nobody has used it for as long as data is kept."


def past(before: datetime) -> QuerySet[Customer]:
    """Records that nobody has touched since, and of whom nothing is open. Their wallets are asked when they are forgotten."""
    busy = (
        Ticket.objects.filter(customer=OuterRef("pk")).exclude(state=Ticket.State.RESOLVED),
        Ticket.objects.filter(customer=OuterRef("pk"), opened_at__gte=before),
        Task.objects.filter(customer=OuterRef("pk"), done_at=None),
        Note.objects.filter(customer=OuterRef("pk"), at__gte=before),
        Member.objects.filter(customer=OuterRef("pk"), ended_at=None),
        Merge.objects.filter(kept=OuterRef("pk"), made_at__gte=before),
        Order.objects.filter(wallet__customer=OuterRef("pk"), stage__in=[Order.Stage.OPEN, Order.Stage.OWED]),
        Mandate.objects.filter(wallet__customer=OuterRef("pk")).exclude(stage=Mandate.Stage.ENDED),
        RefundRequest.objects.filter(wallet__customer=OuterRef("pk"), status__in=RefundRequest.OPEN),
    )
    idle = Customer.objects.filter(withdrawn_at=None, created_at__lt=before, changed_at__lt=before)
    for rows in busy:
        idle = idle.exclude(Exists(rows))
    return idle


def forget(rows: QuerySet[Customer], before: datetime) -> int:
    """Those whose wallets have nothing in them, and had no booking since. Open wallets are closed for good."""
    asked = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    in_use = _in_use(asked, before)
    gone = [number for number in asked if number not in in_use and _close_wallets(number)]
    if not gone:
        return 0
    messages.forget(messages.of(gone))
    tickets.forget(tickets.of(gone))
    notes.forget(notes.of(gone))
    histories.forget(histories.of(gone))
    wallets.forget_of(gone)
    refunds.forget_of(gone)
    assisted.forget_of(gone)
    baskets.forget_of(list(Wallet.objects.filter(customer__in=gone).values_list("pk", flat=True)))
    Identity.objects.filter(customer__in=gone).delete()
    Identity.objects.filter(perhaps__in=gone).update(perhaps=None, perhaps_why="")
    Relation.objects.filter(customer__in=gone).delete()
    Relation.objects.filter(other__in=gone).delete()
    Merge.objects.filter(kept__in=gone).update(before="{}")
    return profiles.withdraw(Customer.objects.filter(pk__in=gone), by=CLOCK)


def _in_use(customers: list[int], before: datetime) -> set[int]:
    """Those with a wallet that holds, owes or promises something, is frozen, or had a booking since."""
    owners = {
        (book, wallet): customer
        for book, wallet, customer in Wallet.objects.filter(customer__in=customers).values_list("book", "pk", "customer_id")
    }
    if not owners:
        return set()
    places, owner_of = list(owners), {wallet: customer for (_book, wallet), customer in owners.items()}
    figures = standings.of(places, timezone.now())
    moved = {entry.outcome.wallet for entry in standings.latest(places, 1, since=before)}
    return {
        owner_of[wallet]
        for wallet in owner_of
        if wallet in moved
        or ((at := figures.get(wallet)) and (at.standing == Standing.FROZEN or any(units for units, _held in at.pots.values())))
    }


def _close_wallets(customer: int) -> bool:
    """Whether none is open any more. The ledger has the last word on what may be closed."""
    for wallet in Wallet.objects.filter(customer=customer):
        try:
            accounts.close(wallet=wallet, reason=REASON, key=f"retention:{wallet.pk}", by=CLOCK)
        except Refused:
            return False
    return True
