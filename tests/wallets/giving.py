"""Somebody who may give by a link, and their gifts."""

import make

import cast
import shop
from chuzhi.customers import profiles
from chuzhi.organization.models import Store
from chuzhi.wallets.giving import links
from chuzhi.wallets.giving.models import GiftLink
from chuzhi.wallets.models import Wallet

FRIEND = "13700001111"


def funded(store: Store) -> Wallet:
    """500 paid, 80 given, by somebody with a phone and an address; up to 200 may be given by a link."""
    terms = {"bands": [(500_00, 80_00)], "bonus_valid_days": 365, "most_per_gift": 200_00}
    person = profiles.register(name="王小明", phone="13800138000", email="ming@example.com", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme(**terms), person)
    shop.top_up(wallet, 500_00, store)
    return wallet


def give(wallet: Wallet, amount: int = 100_00, **more: object) -> GiftLink:
    values: dict[str, object] = {"sender": "小明", "key": make.key(), "by": cast.OWNER} | more
    return links.make(wallet=wallet, amount=amount, **values)  # type: ignore[arg-type]  # any


def token(gift: GiftLink) -> str:
    return links.address_of(gift).rstrip("/").rpartition("/")[2]
