"""Recharge cards of the tests, made through the real commands."""

import itertools
from dataclasses import dataclass

import make

import cast
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.organization.partners.models import Partner
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.vouchers import batches, custody, redeeming, selling
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.models import Voucher, VoucherBatch
from chuzhi.wallets.vouchers.redeeming import Redeemed

_numbers = itertools.count(1)
FORM = VoucherBatch.Form


@dataclass(frozen=True)
class Lot:
    """A printed batch and, as only its printer knows them, its codes."""

    batch: VoucherBatch
    cards: list[Printed]

    def voucher(self, place: int = 0) -> Voucher:
        return selling.find(self.cards[place].number)


def printed(programme: Programme, count: int = 3, value: int = 100_00, form: VoucherBatch.Form = FORM.PIN) -> Lot:
    code = f"B{next(_numbers)}"
    batch = batches.order(code=code, programme=programme, value=value, count=count, form=form, by=cast.OWNER)
    return Lot(batch, batches.print_once(batch=batch, by=cast.OWNER))


def sent(programme: Programme, to: Store | Partner, count: int = 3, **more: object) -> Lot:
    made = printed(programme, count, **more)  # type: ignore[arg-type]  # any value and form
    place = {"store": to} if isinstance(to, Store) else {"partner": to}
    custody.send(batch=made.batch, first=1, last=count, by=cast.OWNER, **place)  # type: ignore[arg-type]  # one of the two
    return made


def sell(card: Voucher, store: Store, by: Actor = cast.OWNER, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key(), "method": Method.CASH} | more
    return selling.sell(voucher=card, store=store.pk, by=by, **values)  # type: ignore[arg-type]  # any


def sold(programme: Programme, store: Store, count: int = 1, **more: object) -> Lot:
    """A batch in a store, of which every card is sold."""
    made = sent(programme, store, count, **more)
    for place in range(count):
        sell(made.voucher(place), store)
    return made


def redeem(
    wallet: Wallet, card: Printed, by: Actor = cast.OWNER, form: VoucherBatch.Form = FORM.PIN, **more: object
) -> Redeemed:
    values: dict[str, object] = {"key": make.key(), "number": card.number if form == FORM.PIN else "", "secret": card.secret}
    return redeeming.redeem(wallet=wallet, by=by, **values | more)  # type: ignore[arg-type]  # any
