"""Money back to the payer of a top-up, handed out by people: as much as each may alone, and more with a second signature."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import PROGRAM, Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.wallets import funding, moves, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

PAYBACK = Kind(
    "payback",
    _("Refund of a top-up"),
    funding.REFUND,
    {
        "cashier": Limits(alone=1000_00, a_day=5000_00, approves=0),
        "manager": Limits(alone=5000_00, a_day=20_000_00, approves=20_000_00),
        "finance": Limits(alone=0, a_day=0, approves=100_000_00),
        "administrator": Limits(alone=20_000_00, a_day=50_000_00, approves=None),
        PROGRAM: Limits(alone=5000_00, a_day=50_000_00, approves=0),
    },
)


def pay_back(
    *,
    wallet: Wallet,
    top_up: int,
    method: Method,
    reason: str,
    key: str,
    by: Actor,
    amount: int | None = None,
    store: int | None = None,
    till: int | None = None,
) -> Moved:
    """See `funding.refund_top_up`. Refuses more than this actor may pay back alone."""
    require(by, funding.REFUND)
    asked = {"wallet": wallet, "top_up": top_up, "method": method, "reason": reason, "amount": amount, "store": store}
    with authority.counted(PAYBACK, at_most(wallet, top_up, amount), by=by, about=f"wallet:{wallet.pk}", key=key) as objection:
        if objection is not None and queries.by_key(by=by, wallet=wallet, key=key) is None:
            raise objection
        return funding.refund_top_up(**asked, till=till, key=key, by=by)  # type: ignore[arg-type]  # as they were given


def ask(
    *,
    wallet: Wallet,
    top_up: int,
    method: Method,
    reason: str,
    key: str,
    by: Actor,
    amount: int | None = None,
    store: int | None = None,
    till: int | None = None,
) -> Request:
    """Send it to whoever may approve it. The money is handed out when the answer is there, not before."""
    arguments = {
        "wallet": wallet.pk, "top_up": top_up, "method": method.name, "reason": reason, "amount": amount, "store": store,
        "till": till,
    }  # fmt: skip
    return requests.ask(
        kind=PAYBACK, arguments=arguments, amount=at_most(wallet, top_up, amount), asset=moves.programme_of(wallet).asset_code,
        subject=f"wallet:{wallet.pk}", store=store, reason=reason, evidence=moves.operation_id(wallet.book, top_up), key=key,
        by=by,
    )  # fmt: skip


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """What `ask` asked for, once it is signed."""
    maker = Actor(by.kind, by.id, by.name, frozenset({funding.REFUND}))
    moved = funding.refund_top_up(
        wallet=Wallet.objects.get(pk=asked["wallet"]), top_up=asked["top_up"], method=Method[asked["method"]],
        reason=asked["reason"], amount=asked["amount"], store=asked["store"], till=asked["till"], key=key, by=maker,
        approved_by=approved_by,
    )  # fmt: skip
    return moved.id


def at_most(wallet: Wallet, top_up: int, amount: int | None) -> int:
    """What may leave at the most: the amount that is asked for, or the whole of the top-up where all that is left is."""
    return amount if amount is not None else moves.entry_of(wallet, top_up).outcome.amount
