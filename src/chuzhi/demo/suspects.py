"""What went on in the demo's shops today and should be looked into: the first rules on money have something to show."""

from chuzhi.core import actors
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Till
from chuzhi.wallets import funding, spending
from chuzhi.wallets.models import Wallet

BY = actors.system("demo")
OFTEN, OFTEN_PAID = 6, 100_00
BACK, BACK_SPENT = 3, 800_00


def act() -> None:
    """One wallet is topped up again and again; from another, large charges are given back at once. Safe to repeat."""
    till = Till.objects.order_by("pk").first()
    wallets = list(Wallet.objects.filter(customer__is_made_up=True).order_by("pk")[:2])
    if till is None or len(wallets) < 2:
        return
    often, back = wallets
    for number in range(OFTEN):
        _pay(often, OFTEN_PAID, till, f"suspect:often:{number}")
    for number in range(BACK):
        _pay(back, BACK_SPENT, till, f"suspect:paid:{number}")
        spent = spending.charge(
            wallet=back, amount=BACK_SPENT, store=till.store_id, till=till.pk, key=f"suspect:spent:{number}", by=BY
        )
        spending.refund(wallet=back, charge=spent.seq, amount=BACK_SPENT, reason="退回", key=f"suspect:back:{number}", by=BY)


def _pay(wallet: Wallet, amount: int, till: Till, key: str) -> None:
    funding.top_up(wallet=wallet, amount=amount, method=Method.CASH, store=till.store_id, till=till.pk, key=key, by=BY)
