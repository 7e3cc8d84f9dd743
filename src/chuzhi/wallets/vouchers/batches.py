"""Batches are ordered, printed once, and given new codes while all is still in the house."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from chuzhi.core import audit, money, vault
from chuzhi.core.actors import Actor
from chuzhi.organization import twins
from chuzhi.organization.authority import require
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers import codes
from chuzhi.wallets.vouchers.errors import BatchCodeTaken, BatchPrinted, BatchUnknown, BatchUnusable, NothingToRenew
from chuzhi.wallets.vouchers.models import Voucher, VoucherBatch, VoucherMove

MANAGE, VIEW = "vouchers.manage", "vouchers.view"
MOST = 20_000
"""Cards of one batch. A larger order is several batches, each with its own cartons."""

FEW = 20
"""Cards left of a larger batch: time to order the next."""

RENEW = """
    UPDATE voucher v SET mark = u.mark, key = %s FROM unnest(%s::bigint[], %s::bytea[]) AS u(id, mark) WHERE v.id = u.id"""


@dataclass(frozen=True, slots=True)
class Printed:
    """One card as it is handed to the printer: the only time that its code is seen."""

    serial: int
    number: str
    secret: str


def visible_to(actor: Actor) -> QuerySet[VoucherBatch]:
    batches = VoucherBatch.objects.select_related("programme").order_by("-pk")
    return batches if actor.may(VIEW) else batches.none()


def nearly_sold(actor: Actor) -> QuerySet[VoucherBatch]:
    """Of which a few cards are left, in the house or in stock."""
    left = Voucher.objects.filter(batch=OuterRef("pk"), status__in=Voucher.UNSOLD)
    return visible_to(actor).filter(Exists(left), ~Exists(left[FEW : FEW + 1]), count__gt=FEW, is_online=False)


def named(number: int, actor: Actor) -> VoucherBatch:
    found = visible_to(actor).filter(pk=number).first()
    if found is None:
        raise BatchUnknown
    return found


def by_status(batch: VoucherBatch) -> dict[str, int]:
    """How many cards stand where in their life."""
    counted = batch.vouchers.order_by().values_list("status").annotate(count=Count("pk"))
    return dict.fromkeys(Voucher.Status.values, 0) | dict(counted)


@transaction.atomic(durable=True)
def order(
    *, code: str, programme: Programme, value: int, count: int, form: VoucherBatch.Form, by: Actor, note: str = ""
) -> VoucherBatch:
    """A batch of `count` cards worth `value` minor units each. Nothing is printed, and no code exists yet."""
    require(by, MANAGE)
    if not 0 < count <= MOST:
        raise BatchUnusable(field="count")
    if programme.kind != Programme.Kind.MONEY or not programme.is_open:
        raise BatchUnusable(field="programme")
    with twins.refused(BatchCodeTaken(given=code)):
        batch = VoucherBatch.objects.create(
            code=code, programme=programme, value=money.check(value), count=count, form=form, note=note, ordered_by=by.label
        )
    audit.record("vouchers.ordered", subject(batch), by=by, code=code, value=value, count=count)
    return batch


@transaction.atomic(durable=True)
def print_once(*, batch: VoucherBatch, by: Actor) -> list[Printed]:
    """Make the cards and their codes. The answer is the only place where the codes ever stand."""
    require(by, MANAGE)
    batch = VoucherBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.printed_at is not None or batch.is_online:
        raise BatchPrinted
    made = [
        Printed(serial, number, codes.new_secret(batch.form))
        for serial, number in enumerate(codes.new_numbers(batch.count), start=1)
    ]
    Voucher.objects.bulk_create(list(_cards(batch, made)), batch_size=2000)
    batch.printed_at = timezone.now()
    batch.save(update_fields=["printed_at"])
    _note(batch, VoucherMove.Kind.PRINTED, made, by)
    audit.record("vouchers.printed", subject(batch), by=by, count=batch.count)
    return made


@transaction.atomic(durable=True)
def renew(*, batch: VoucherBatch, reason: str, by: Actor) -> list[Printed]:
    """New codes for the cards that have not left the house: the file was lost, or somebody saw it. The old codes are dead."""
    require(by, MANAGE)
    here = list(
        Voucher.objects.select_for_update().filter(batch=batch, status=Voucher.Status.PRINTED).order_by("serial").defer("mark")
    )
    if not here:
        raise NothingToRenew
    made = [Printed(card.serial, card.number, codes.new_secret(batch.form)) for card in here]
    keys = vault.latest()
    key = keys.encryption.current
    marks = [codes.mark(codes.code_of(batch.form, each.number, each.secret), keys, under=key) for each in made]
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [key, [card.pk for card in here], marks])
    _note(batch, VoucherMove.Kind.RENEWED, made, by, reason=reason)
    audit.record("vouchers.renewed", subject(batch), by=by, count=len(made), reason=reason)
    return made


def subject(batch: VoucherBatch) -> str:
    return f"vouchers:{batch.pk}"


def _cards(batch: VoucherBatch, made: list[Printed]) -> Iterator[Voucher]:
    keys = vault.latest()
    key = keys.encryption.current
    for each in made:
        code = codes.code_of(batch.form, each.number, each.secret)
        yield Voucher(batch=batch, serial=each.serial, number=each.number, mark=codes.mark(code, keys, under=key), key=key)


def _note(batch: VoucherBatch, kind: VoucherMove.Kind, made: list[Printed], by: Actor, *, reason: str = "") -> None:
    VoucherMove.objects.create(
        batch=batch, kind=kind, first=made[0].serial, last=made[-1].serial, count=len(made), reason=reason, made_by=by.label
    )
