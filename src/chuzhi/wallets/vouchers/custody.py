"""Where the cards are: sent to stores and partners by runs of serials, taken back, counted, and made void in one act."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.organization.partners.models import Partner
from chuzhi.wallets.errors import NotYourStore
from chuzhi.wallets.moves import reason as reasoned
from chuzhi.wallets.vouchers import batches
from chuzhi.wallets.vouchers.errors import NotInStock, PlaceUnusable, RunUnusable
from chuzhi.wallets.vouchers.models import Voucher, VoucherBatch, VoucherCount, VoucherMove

Status, Kind = Voucher.Status, VoucherMove.Kind
COUNT = "vouchers.count"


@dataclass(frozen=True, slots=True)
class Stock:
    """The cards of one batch that went to one place: what is there, and what became of the others. Neither store nor partner: here."""

    store: Store | None
    partner: Partner | None
    in_stock: int
    active: int
    used: int
    void: int
    counted: VoucherCount | None

    @property
    def received(self) -> int:
        return self.in_stock + self.active + self.used + self.void


@transaction.atomic(durable=True)
def send(
    *, batch: VoucherBatch, first: int, last: int, by: Actor, store: Store | None = None, partner: Partner | None = None
) -> VoucherMove:
    """A run of unsold cards goes to a store or to a partner. From now on they can be sold there, and only there."""
    require(by, batches.MANAGE)
    if (store is None) == (partner is None):
        raise PlaceUnusable
    run = _run(batch, first, last)
    _refuse_others(run, Voucher.UNSOLD, last - first + 1)
    count = run.update(status=Status.SENT, store=store, partner=partner)
    return _note(batch, Kind.SENT, first, last, count, by, store=store, partner=partner)


@transaction.atomic(durable=True)
def take_back(*, batch: VoucherBatch, first: int, last: int, reason: str, by: Actor) -> VoucherMove:
    """A run of unsold cards comes back to the house."""
    require(by, batches.MANAGE)
    run = _run(batch, first, last)
    _refuse_others(run, Voucher.UNSOLD, last - first + 1)
    count = run.update(status=Status.PRINTED, store=None, partner=None)
    return _note(batch, Kind.RETURNED, first, last, count, by, reason=reasoned(reason))


@transaction.atomic(durable=True)
def void(*, batch: VoucherBatch, first: int, last: int, reason: str, by: Actor) -> VoucherMove:
    """A lost carton: no card of the run that was not sold can be sold or redeemed any more. Sold ones are their buyers'."""
    require(by, batches.MANAGE)
    reason = reasoned(reason)
    run = _run(batch, first, last)
    count = run.filter(status__in=Voucher.UNSOLD).update(status=Status.VOID)
    return _note(batch, Kind.VOIDED, first, last, count, by, reason=reason)


@transaction.atomic(durable=True)
def count_stock(
    *,
    batch: VoucherBatch,
    counted: int,
    by: Actor,
    store: Store | None = None,
    partner: Partner | None = None,
    remark: str = "",
) -> VoucherCount:
    """Somebody counted what lies in a place (none: in the house); kept with what there should have been."""
    require(by, COUNT)
    if store is not None and partner is not None:
        raise PlaceUnusable
    if store is not None and not by.works_in(store.pk):
        raise NotYourStore
    there = batch.vouchers.filter(status__in=Voucher.UNSOLD, store=store, partner=partner)
    made = VoucherCount.objects.create(
        batch=batch, store=store, partner=partner, expected=there.count(), counted=counted, remark=remark, made_by=by.label
    )
    audit.record("vouchers.counted", batches.subject(batch), by=by, expected=made.expected, counted=counted)
    return made


def stocks(batch: VoucherBatch) -> list[Stock]:
    """Place by place, the house first."""
    rows = list(
        batch.vouchers.order_by("store", "partner")
        .values("store", "partner")
        .annotate(
            in_stock=Count("pk", filter=Q(status__in=Voucher.UNSOLD)),
            active=Count("pk", filter=Q(status__in=[Status.ACTIVE, Status.REDEEMING])),
            used=Count("pk", filter=Q(status=Status.USED)),
            void=Count("pk", filter=Q(status=Status.VOID)),
        )
    )
    stores = Store.objects.in_bulk([row["store"] for row in rows if row["store"]])
    partners = Partner.objects.in_bulk([row["partner"] for row in rows if row["partner"]])
    counts = {(made.store_id, made.partner_id): made for made in batch.counts.order_by("pk")}
    found = [
        Stock(
            stores.get(row["store"]), partners.get(row["partner"]), row["in_stock"], row["active"], row["used"], row["void"],
            counts.get((row["store"], row["partner"])),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda stock: (stock.store is not None, stock.partner is not None))


def _run(batch: VoucherBatch, first: int, last: int) -> QuerySet[Voucher]:
    """The cards, locked in the order of their keys."""
    if not 1 <= first <= last <= batch.count:
        raise RunUnusable(last=batch.count)
    found = Voucher.objects.filter(batch=batch, serial__range=(first, last))
    list(found.select_for_update().order_by("pk").values_list("pk"))
    return found


def _refuse_others(run: QuerySet[Voucher], allowed: tuple[Voucher.Status, ...], wanted: int) -> None:
    if others := wanted - run.filter(status__in=allowed).count():
        raise NotInStock(count=others)


def _note(
    batch: VoucherBatch,
    kind: VoucherMove.Kind,
    first: int,
    last: int,
    count: int,
    by: Actor,
    *,
    store: Store | None = None,
    partner: Partner | None = None,
    reason: str = "",
) -> VoucherMove:
    audit.record(f"vouchers.{kind}", batches.subject(batch), by=by, first=first, last=last, count=count)
    return VoucherMove.objects.create(
        batch=batch, kind=kind, first=first, last=last, count=count, store=store, partner=partner, reason=reason,
        made_by=by.label,
    )  # fmt: skip
