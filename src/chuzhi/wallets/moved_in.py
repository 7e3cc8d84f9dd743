"""Customers whom an import brought are told what came with them, once: before anybody can miss a fen of it."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Min, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.messaging import facts as said
from chuzhi.messaging import outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.wallets.models import Opening, Wallet

MOVED_IN = Kind(
    name="import.moved_in",
    label=_("A balance has moved in with us"),
    title=_("Your balance of {amount} is here"),
    body=_(
        "Hello {name},\n\nwe keep our customers’ balances in a new system now. Yours came over whole: {amount}, of which {paid} was "
        "paid and {given} was given. Its dates and terms stay as they were.\n\n"
        "If you remember another figure, tell us: in a store, or in answer to this message.\n\n{shop}"
    ),
    facts=("amount", "paid", "given"),
)
AT_ONCE = 500


def tell(*, batch: ImportBatch, by: Actor) -> None:
    """Tell everybody whose opening balance is posted and was not given back. Interrupted, nobody is told twice."""
    for customer, paid, given in _brought(batch):
        facts = {
            "amount": said.money(paid + given, batch.currency),
            "paid": said.money(paid, batch.currency),
            "given": said.money(given, batch.currency),
        }
        outbox.tell(kind=MOVED_IN, facts=facts, subject=f"import:{batch.pk}", by=by, customer=customer)
    with transaction.atomic():
        under_way = ImportBatch.objects.filter(pk=batch.pk, step=ImportBatch.Step.TELL)
        if under_way.update(step=ImportBatch.Step.NONE, told_at=timezone.now()):
            audit.record("import.told", f"import:{batch.pk}", by=by)


def _brought(batch: ImportBatch) -> Iterator[tuple[Customer, int, int]]:
    """Who got how much, paid and given, in all rows of the file; and how far it is."""
    there = Opening.objects.filter(batch=batch.pk, seq__isnull=False, reversed_seq=None).values_list("wallet")
    sums = list(there.annotate(paid=Sum("principal"), given=Sum("bonus"), first=Min("line")).order_by("first"))
    here = ImportBatch.objects.filter(pk=batch.pk)
    here.update(done=0, total=len(sums))
    for start in range(0, len(sums), AT_ONCE):
        part = sums[start : start + AT_ONCE]
        wallets = Wallet.objects.select_related("customer").in_bulk([number for number, *_sums in part])
        for number, paid, given, _line in part:
            if (customer := wallets[number].customer) is not None:
                yield customer, paid, given
        here.update(done=F("done") + len(part))
