"""A card is sold at the counter, or by a partner: the cashier scans it, has the money, and it is alive."""

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.limits.rules import Channel
from chuzhi.organization.authority import require
from chuzhi.organization.partners import alarms, contracts, floats, logins
from chuzhi.organization.partners.models import PartnerEntry
from chuzhi.payments.counter import slips
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets import counters, rules
from chuzhi.wallets.errors import MethodUnusable
from chuzhi.wallets.funding import AT_THE_COUNTER
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.vouchers import lawful, purchases
from chuzhi.wallets.vouchers.activating import asked_of, bring_alive, known, locked, name_of, why
from chuzhi.wallets.vouchers.errors import CannotBeSold, VoucherUnknown
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.vouchers.purchases import Buyer

SELL = "vouchers.sell"


def find(number: str) -> Voucher:
    """A card by the number that is printed on it, for those who sell it."""
    written = "".join(sign for sign in number if sign.isascii() and sign.isdigit())[:20]
    found = with_its_place().filter(number=written).first()
    if found is None:
        raise VoucherUnknown
    return found


def with_its_place() -> QuerySet[Voucher]:
    """Cards as they are shown one by one."""
    return Voucher.objects.select_related("batch__programme", "store", "partner", "wallet", "purchase")


def is_number(typed: str) -> bool:
    """Whether this is the number of a recharge card, as far as one can see."""
    written = "".join(typed.split())
    return written.startswith(str(settings.VOUCHER_PREFIX)) and rules.is_card_number(written)


@transaction.atomic(durable=True)
def sell(
    *, voucher: Voucher, method: Method, store: int, key: str, by: Actor, till: int | None = None, slip: Slip | None = None,
    purchase: str = "", buyer: Buyer | None = None,
) -> Moved:  # fmt: skip
    """The cashier has taken the money: the card is alive at once. What a card terminal took is known by its `slip`.

    Cards that one buyer takes at once carry one mark as their `purchase`: together they are measured by limits, and by what
    the law wants to know of the `buyer`.

    Asking twice with one key sells once.
    """
    require(by, SELL)
    voucher, slip = locked(voucher), slips.checked(slip) if method is Method.TERMINAL else None
    reference = f"{name_of(voucher)} {slip.text}" if slip else name_of(voucher)
    asked = asked_of(voucher, method, key=key, by=by, reference=reference, store=store, till=till)
    if before := known(voucher, asked):
        return before
    if method not in AT_THE_COUNTER:
        raise MethodUnusable
    if no := counters.objection(store, till, by):
        raise no
    if method is Method.CASH and (no := counters.cash_objection(store, till)):
        raise no
    if voucher.status != Voucher.Status.SENT or voucher.store_id != store:
        raise CannotBeSold(why=why(voucher))
    voucher.purchase = purchases.begun(mark=purchase or key, store=store, buyer=buyer, by=by)
    sale = lawful.sale_of(voucher, store=store, method=method, channel=Channel.COUNTER, purchase=voucher.purchase)
    if no := lawful.objection(sale):
        raise no
    if slip is None:
        return bring_alive(voucher, asked, by)
    with slips.claimed(slip, amount=asked.amount, book=asked.book, key_hash=asked.key_hash(), by=by):
        return bring_alive(voucher, asked, by)


@transaction.atomic(durable=True)
def sell_for_partner(*, voucher: Voucher, key: str, by: Actor) -> Moved:
    """A partner's person sells a card of the partner's stock, out of its float."""
    partner = contracts.locked(logins.partner_of(by).pk)
    voucher = locked(voucher)
    asked = asked_of(voucher, Method.PARTNER, key=key, by=by, reference=f"partner:{partner.pk} {name_of(voucher)}")
    if before := known(voucher, asked):
        return before
    if voucher.status != Voucher.Status.SENT or voucher.partner_id != partner.pk:
        raise CannotBeSold(why=why(voucher))
    if no := floats.objection(partner, voucher.batch.value):
        raise no
    moved = bring_alive(voucher, asked, by)
    floats.add(
        partner, PartnerEntry.Kind.TOP_UP, -asked.amount, by, earned=floats.commission_on(partner, asked.amount),
        place=(moved.book, moved.seq, moved.wallet.pk), reference=asked.reference,
    )  # fmt: skip
    alarms.watch(partner)
    return moved
