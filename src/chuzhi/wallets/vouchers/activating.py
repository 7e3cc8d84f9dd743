"""What every sale of a card has in common: its value enters a bearer wallet of its own, and only then does the code open it."""

from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.ledger import chart
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BONUS_COST, Bucket, Method, System
from chuzhi.ledger.operations import Grant, TopUp
from chuzhi.wallets import accounts, moves, rules
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.vouchers.models import Voucher

SELLER = actors.system("vouchers")


def name_of(voucher: Voucher) -> str:
    """As it is printed and read aloud: batch and serial."""
    return f"{voucher.batch.code}-{voucher.serial:06d}"


def subject(voucher: Voucher) -> str:
    return f"voucher:{voucher.pk}"


def why(voucher: Voucher) -> str:
    """The state of the card, and where it belongs if that is the reason."""
    place = voucher.store or voucher.partner
    return f"{voucher.get_status_display()}, {place.name}" if place else str(voucher.get_status_display())


def locked(voucher: Voucher) -> Voucher:
    return Voucher.objects.select_for_update(of=("self",)).select_related("batch__programme").get(pk=voucher.pk)


def asked_of(
    voucher: Voucher, method: Method, *, key: str, by: Actor, reference: str, store: int | None = None, till: int | None = None,
    price: int | None = None,
) -> TopUp:  # fmt: skip
    """Face value and nothing else: offers are for top-ups, and the card's buyer was shown its value.

    What a card costs less than it is worth (`price`) is given as bonus.
    """
    wallet, value = wallet_of(voucher), voucher.batch.value
    programme, paid = moves.programme_of(wallet), value if price is None else price
    terms = programme.terms()
    parts = (
        (Bucket.PRINCIPAL, paid, chart.account(System.CLEARING, method), terms.principal_valid_days),
        (Bucket.BONUS, value - paid, BONUS_COST, terms.bonus_valid_days),
    )
    grants = tuple(
        Grant(
            asset=programme.asset, bucket=bucket, amount=amount, source=source, terms=terms.id,
            expires_at=rules.valid_until(timezone.now(), days, shop_zone()), funding=f"voucher:{name_of(voucher)}",
        )
        for bucket, amount, source, days in parts
        if amount
    )  # fmt: skip
    return TopUp(
        **moves.common(wallet, programme, key=key, by=by), amount=paid, store=store, till=till, grants=grants,
        method=int(method), reference=reference,
    )  # fmt: skip


def wallet_of(voucher: Voucher) -> Wallet:
    """The card's own bearer wallet. Opened when it is first asked for; without the sale it stays empty, or is rolled back."""
    return voucher.wallet or accounts.open_wallet(programme=voucher.batch.programme, key=f"voucher:{voucher.pk}", by=SELLER)


def known(voucher: Voucher, asked: TopUp) -> Moved | None:
    """What this key did to the card before."""
    found = journal.answer_to(asked)
    return Moved(wallet_of(voucher), found) if found is not None and found.refusal is None else None


def sold(voucher: Voucher, asked: TopUp, by: Actor) -> None:
    """The card is alive with the value that is posted in this transaction."""
    voucher.status, voucher.wallet = Voucher.Status.ACTIVE, wallet_of(voucher)
    voucher.sold_by, voucher.sold_at = by.label, timezone.now()
    voucher.save(update_fields=["status", "wallet", "sold_by", "sold_at", "purchase"])
    audit.record("voucher.sold", subject(voucher), by=by, wallet=voucher.wallet.pk, value=voucher.batch.value)


def bring_alive(voucher: Voucher, asked: TopUp, by: Actor) -> Moved:
    sold(voucher, asked, by)
    return moves.make(wallet_of(voucher), asked)
