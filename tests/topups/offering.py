"""Offers and those who use them, made through the real commands."""

import itertools
from datetime import timedelta
from typing import Any

import make
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.topups import offers, selling
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer
from chuzhi.topups.offer_rules import Every, Gift, Kind
from chuzhi.topups.offers import Conditions
from chuzhi.wallets.funding import Payment
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved

_numbers = itertools.count(1)


def bonus(amount: int, *, parts: int = 1, every: Every | None = None, valid_days: int | None = None) -> Gift:
    return Gift(kind=Kind.BONUS, amount=amount, worth=amount, parts=parts, every=every, valid_days=valid_days)


def lot(programme: Programme, amount: int, worth: int = 1_00, **more: Any) -> Gift:
    return Gift(kind=Kind.LOT, amount=amount, worth=worth, programme=programme.pk, **more)


def level(code: str, valid_days: int | None = 365, worth: int = 0) -> Gift:
    return Gift(kind=Kind.LEVEL, amount=1, worth=worth, code=code, valid_days=valid_days)


def coupon(code: str, amount: int = 1, worth: int = 5_00) -> Gift:
    return Gift(kind=Kind.COUPON, amount=amount, worth=worth, code=code, valid_days=30)


def since(**conditions: Any) -> Conditions:
    return Conditions(**({"starts_at": timezone.now() - timedelta(days=1)} | conditions))


def offer(
    programme: Programme, *bands: tuple[int, Gift | tuple[Gift, ...]], budget: int | None = None, **conditions: Any
) -> Offer:
    """Running since yesterday, in every store, for everybody, unless conditions say otherwise."""
    made = [(pay, gifts if isinstance(gifts, tuple) else (gifts,)) for pay, gifts in bands]
    return offers.add(
        programme=programme, name_zh=f"春季充值 {next(_numbers)}", name_en=f"Spring {next(_numbers)}", budget=budget,
        conditions=since(**conditions), bands=made, by=cast.OWNER,
    )  # fmt: skip


def payment(wallet: Wallet, amount: int, store: Store, **more: Any) -> Payment:
    return Payment(**({"key": make.key(), "method": Method.CASH} | more), wallet=wallet, amount=amount, store=store.pk)


def sell(wallet: Wallet, amount: int, store: Store, by: Actor = cast.OWNER, **more: Any) -> Moved:
    channel = more.pop("channel", Channel.COUNTER)
    return selling.top_up(payment=payment(wallet, amount, store, **more), channel=channel, by=by)


def points() -> Programme:
    return shop.new_programme(asset="POINTS", name="积分")


def haircuts() -> Programme:
    return shop.new_programme(asset="VISITS:haircut", name="洗剪吹次卡")
