"""Customers whom an import brought are told what came with them, once: before anybody can miss a fen of it."""

from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.models import ImportBatch
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
    for wallet, opening in _brought(batch):
        facts = {
            "amount": said.money(opening.principal + opening.bonus, batch.currency),
            "paid": said.money(opening.principal, batch.currency),
            "given": said.money(opening.bonus, batch.currency),
        }
        outbox.tell(kind=MOVED_IN, facts=facts, subject=f"import:{batch.pk}:{opening.line}", by=by, customer=wallet.customer)
    with transaction.atomic():
        under_way = ImportBatch.objects.filter(pk=batch.pk, step=ImportBatch.Step.TELL)
        if under_way.update(step=ImportBatch.Step.NONE, told_at=timezone.now()):
            audit.record("import.told", f"import:{batch.pk}", by=by)


def _brought(batch: ImportBatch) -> Iterator[tuple[Wallet, Opening]]:
    """What came with whom, and how far it is, a few hundred at a time."""
    there = Opening.objects.filter(batch=batch.pk, seq__isnull=False, reversed_seq=None).order_by("line")
    here, last = ImportBatch.objects.filter(pk=batch.pk), 0
    here.update(done=0, total=there.count())
    while openings := list(islice(there.filter(line__gt=last), AT_ONCE)):
        wallets = Wallet.objects.select_related("customer").in_bulk([one.wallet for one in openings])
        yield from ((wallets[one.wallet], one) for one in openings if wallets[one.wallet].customer)
        last = openings[-1].line
        here.update(done=F("done") + len(openings))
