"""Something suspicious, done through the real commands."""

import make

import cast
from chuzhi.core.actors import Actor
from chuzhi.organization.models import Store
from chuzhi.risk import thresholds, watching
from chuzhi.risk.models import Action, Case
from chuzhi.risk.rules import RULES, Thresholds
from chuzhi.wallets.models import Wallet
from shop import top_up

THREE = Thresholds(minutes=60, count=3)
CODE = "top_ups_of_wallet"


def only(code: str = CODE, limits: Thresholds = THREE, action: Action = Action.NONE) -> None:
    """One rule is on, with these thresholds."""
    for each, rule in RULES.items():
        thresholds.change(
            code=each, limits=limits if each == code else rule.usual, is_on=each == code,
            action=action if each == code else Action.NONE, by=cast.OWNER,
        )  # fmt: skip


def three_top_ups(wallet: Wallet, store: Store, by: Actor = cast.OWNER) -> None:
    for _each in range(3):
        top_up(wallet, 100_00, store, by, key=make.key())


def case_of(wallet: Wallet, store: Store, action: Action = Action.NONE) -> Case:
    """An open case of three top-ups."""
    only(action=action)
    three_top_ups(wallet, store)
    watching.follow()
    return Case.objects.get(closed_at=None)
