"""Customers of the tests who ask an agent for a top-up."""

import make

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.topups.assisted import requests
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.wallets.models import Programme, Wallet

PDF = ("id.pdf", b"%PDF-1.7 it is me")


def known_wallet(programme: Programme) -> Wallet:
    """Of somebody whom we can call back and write to."""
    who = profiles.register(by=cast.OWNER, name="王小明", phone="13800138000", email="wang@example.com")
    return shop.new_wallet(programme, who)


def asked(wallet: Wallet, by: Actor, **more: object) -> AssistedTopUp:
    values: dict[str, object] = {
        "amount": 500_00, "channel": "phone", "speaker": "holder", "verified": "called_back", "key": make.key(),
    }  # fmt: skip
    return requests.take_down(wallet=wallet, by=by, **values | more)  # type: ignore[arg-type]  # any facts a test has


def again(row: AssistedTopUp) -> AssistedTopUp:
    """As it stands now."""
    return AssistedTopUp.objects.select_related("order", "wallet").get(pk=row.pk)
