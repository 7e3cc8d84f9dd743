"""Cards that one buyer takes at once over a counter: paid for one by one, and counted together where the law asks who buys."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers import contacts, profiles
from chuzhi.wallets import accounts
from chuzhi.wallets.vouchers.errors import BuyerIncomplete
from chuzhi.wallets.vouchers.models import Voucher, VoucherPurchase

AT_ONCE = timedelta(minutes=30)
"""From the last card on: whoever comes later buys anew."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as the law wants it registered: both, or neither."""

    name: str = ""
    identity_number: str = ""


def begun(*, mark: str, store: int, buyer: Buyer | None, by: Actor) -> VoucherPurchase:
    """The purchase of this mark, locked, with what is said of its buyer now. Part of the sale of a card.

    Raises BuyerIncomplete, NameInvalid, IdentityNumberInvalid.
    """
    purchase, _is_new = VoucherPurchase.objects.get_or_create(
        mark=accounts.mark(by, mark), store_id=store, defaults={"made_by": by.label}
    )
    purchase = VoucherPurchase.objects.select_for_update().get(pk=purchase.pk)
    if buyer is not None and (buyer.name.strip() or buyer.identity_number.strip()):
        _identify(purchase, buyer, by)
    return purchase


def of(*, mark: str, store: int, by: Actor) -> VoucherPurchase | None:
    """What was bought under this mark lately, if anything was."""
    found = VoucherPurchase.objects.filter(mark=accounts.mark(by, mark), store=store).first()
    last = found.cards.order_by("-sold_at").values_list("sold_at", flat=True).first() if found else None
    return found if last and last > timezone.now() - AT_ONCE else None


def paid(purchase: VoucherPurchase, asset: str, *, besides: Voucher | None = None) -> int:
    """For the cards of a purchase so far, in minor units. A card at a counter costs its value."""
    cards = purchase.cards.filter(batch__programme__asset=asset)
    return (cards.exclude(pk=besides.pk) if besides else cards).aggregate(paid=Sum("batch__value"))["paid"] or 0


def _identify(purchase: VoucherPurchase, buyer: Buyer, by: Actor) -> None:
    if not (buyer.name.strip() and buyer.identity_number.strip()):
        raise BuyerIncomplete
    purchase.name = str(profiles.cleaned({"name": buyer.name})["name"])
    purchase.identity_number = contacts.identity_number(buyer.identity_number)
    purchase.save(update_fields=["name", "identity_number"])
    audit.record("voucher.buyer_registered", f"voucher_purchase:{purchase.pk}", by=by)
