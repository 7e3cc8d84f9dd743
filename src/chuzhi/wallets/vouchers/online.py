"""Cards that are sold on line: reserved for an order, alive when it is paid, void when it is given up or given back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, funding
from chuzhi.wallets.models import Programme
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.vouchers import activating, codes
from chuzhi.wallets.vouchers.activating import SELLER, subject, why
from chuzhi.wallets.vouchers.errors import CannotBeSold
from chuzhi.wallets.vouchers.models import Voucher, VoucherBatch

Status = Voucher.Status


@dataclass(frozen=True, slots=True)
class Paid:
    """An online card that is alive now. `secret` is None when this was answered before: it is not kept."""

    voucher: Voucher
    moved: Moved
    secret: str | None


@transaction.atomic
def reserve(*, programme: Programme, value: int, key: str, by: Actor) -> Voucher:
    """A card for an online order: a number, and nothing that could be redeemed. Asking twice with one key reserves one.

    For `topups`: joins its transaction.
    """
    reserved_for = accounts.mark(by, key)
    if known := Voucher.objects.filter(reserved_for=reserved_for).select_related("batch").first():
        return known
    batch = _online_batch(programme, value)
    batch.count += 1
    batch.save(update_fields=["count"])
    return Voucher.objects.create(
        batch=batch, serial=batch.count, number=codes.new_number(), status=Status.RESERVED, reserved_for=reserved_for
    )


@transaction.atomic
def activate_paid(
    *, vouchers: Sequence[Voucher], price: int, method: Method, reference: str, key: str, by: Actor, store: int | None = None
) -> list[Paid]:
    """Reserved cards were paid, `price` each, by `method`, verified by its provider: their value enters, their codes are made.

    For `topups`: joins its transaction, in which the codes are handed on; they are not kept here. Whoever has paid gets what
    they paid for, so this refuses only cards that were given up (`release`). The books are locked by one posting of all.
    """
    held = [activating.locked(voucher) for voucher in sorted(vouchers, key=lambda one: one.pk)]
    asked = [
        activating.asked_of(voucher, method, key=key, by=by, reference=reference, store=store, price=price) for voucher in held
    ]
    before = [activating.known(voucher, one) for voucher, one in zip(held, asked, strict=True)]
    if all(before):
        return [Paid(voucher, moved, None) for voucher, moved in zip(held, before, strict=True) if moved]
    for voucher in held:
        if voucher.status != Status.RESERVED:
            raise CannotBeSold(why=why(voucher))
    made = []
    for voucher, one in zip(held, asked, strict=True):
        activating.sold(voucher, one, by)
        made.append(_new_secret(voucher))
    outcomes = posting.post(asked)
    for outcome in outcomes:
        outcome.raise_if_refused()
    moved = [Moved(activating.wallet_of(voucher), outcome) for voucher, outcome in zip(held, outcomes, strict=True)]
    return [Paid(*each) for each in zip(held, moved, made, strict=True)]


@transaction.atomic
def release(*, voucher: Voucher, by: Actor) -> Voucher:
    """The order was given up: the card can never be paid any more. A card that is paid already stays as it is."""
    voucher = activating.locked(voucher)
    if voucher.status == Status.RESERVED:
        _void(voucher, "voucher.released", by)
    return voucher


@transaction.atomic
def take_back(*, voucher: Voucher, sale: int, method: Method, reason: str, key: str, by: Actor) -> Moved:
    """A sold card that nobody has redeemed is void, and what was paid for it (the seq of its sale) leaves its wallet.

    For `topups`, which pays it back. Asking twice with one key takes it once.
    """
    voucher = activating.locked(voucher)
    if voucher.status == Status.ACTIVE:
        _void(voucher, "voucher.taken_back", by)
    elif voucher.status != Status.VOID or voucher.wallet is None:
        raise CannotBeSold(why=why(voucher))
    wallet = activating.wallet_of(voucher)
    return funding.return_through_provider(wallet=wallet, top_up=sale, method=method, reason=reason, key=key, by=by)


@transaction.atomic
def renew_code(*, voucher: Voucher, by: Actor) -> str:
    """A new code for a sold online card whose message was lost; the old one opens nothing any more."""
    require(by, "vouchers.manage")
    voucher = activating.locked(voucher)
    if voucher.status != Status.ACTIVE or not voucher.batch.is_online:
        raise CannotBeSold(why=why(voucher))
    audit.record("voucher.code_renewed", subject(voucher), by=by)
    return _new_secret(voucher)


def _void(voucher: Voucher, action: str, by: Actor) -> None:
    voucher.status = Status.VOID
    voucher.save(update_fields=["status"])
    audit.record(action, subject(voucher), by=by)


def _online_batch(programme: Programme, value: int) -> VoucherBatch:
    """The batch of all online cards of this value, locked: its count is the last serial."""
    code = f"WEB-{programme.pk}-{value}"
    VoucherBatch.objects.get_or_create(
        code=code,
        defaults={
            "programme": programme, "value": value, "count": 0, "form": VoucherBatch.Form.PIN, "is_online": True,
            "ordered_by": SELLER.label,
        },
    )  # fmt: skip
    return VoucherBatch.objects.select_for_update().get(code=code)


def _new_secret(voucher: Voucher) -> str:
    secret, keys = codes.new_secret(voucher.batch.form), vault.latest()
    voucher.key = keys.encryption.current
    voucher.mark = codes.mark(codes.code_of(voucher.batch.form, voucher.number, secret), keys, under=voucher.key)
    voucher.save(update_fields=["mark", "key"])
    return secret
