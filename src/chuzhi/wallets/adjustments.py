"""Corrections by hand: with a cause, with evidence, and above what somebody may do alone with a second person.

The second person signs on the spot, or decides a request that was sent to them (`approvals`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import ADJUSTMENT, Bucket
from chuzhi.ledger.operations import Adjust, Grant
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.errors import NotItsEntry
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

ADJUST = "wallets.adjust"
GIVE, TAKE = "give", "take"
CORRECTION = Kind(
    "correction",
    _("Correction of a balance"),
    ADJUST,
    {
        "finance": Limits(alone=1000_00, a_day=5000_00, approves=20_000_00),
        "administrator": Limits(alone=1000_00, a_day=5000_00, approves=None),
    },
)


@dataclass(frozen=True, slots=True)
class Why:
    """What a correction is made for; `corrects` is the seq of the wallet's entry that it puts right, if it is a single one."""

    reason: str
    evidence: str
    corrects: int | None


def give(
    *, wallet: Wallet, amount: int, reason: str, evidence: str, key: str, by: Actor, approved_by: Actor | None = None,
    corrects: str = "",
) -> Moved:  # fmt: skip
    """Add `amount` minor units as a bonus: a correction is never booked as paid principal."""
    return _correct(wallet, GIVE, amount, _why(wallet, reason, evidence, corrects), key, by, approved_by)


def take(
    *, wallet: Wallet, amount: int, reason: str, evidence: str, key: str, by: Actor, approved_by: Actor | None = None,
    corrects: str = "",
) -> Moved:  # fmt: skip
    """Take `amount` minor units away, bonus first. Refuses more than is available."""
    return _correct(wallet, TAKE, amount, _why(wallet, reason, evidence, corrects), key, by, approved_by)


def ask(
    *, wallet: Wallet, way: str, amount: int, reason: str, evidence: str, key: str, by: Actor, store: int | None = None,
    corrects: str = "",
) -> Request:  # fmt: skip
    """Send a correction (`GIVE` or `TAKE`) to whoever may approve it. Nothing moves before they do."""
    said = {"wallet": wallet.pk, "way": way, "amount": amount, "reason": reason, "evidence": evidence}
    if corrects and _why(wallet, reason, evidence, corrects).corrects:
        said["corrects"] = corrects
    return requests.ask(
        kind=CORRECTION, arguments=said,
        amount=amount, asset=moves.programme_of(wallet).asset_code, subject=f"wallet:{wallet.pk}", store=store, reason=reason,
        evidence=evidence, benefits=moves.holders_email(wallet) if way == GIVE else None, key=key, by=by,
    )  # fmt: skip


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """What `ask` asked for, once it is signed."""
    wallet = Wallet.objects.get(pk=asked["wallet"])
    why = _why(wallet, asked["reason"], asked["evidence"], asked.get("corrects", ""))
    return _post(wallet, asked["way"], asked["amount"], why, key, by, approved_by, None).id


def _why(wallet: Wallet, reason: str, evidence: str, corrects: str) -> Why:
    if not corrects:
        return Why(reason, evidence, None)
    book, seq = moves.place_of(corrects) or (wallet.book, 0)
    entry = journal.operation(book, seq)
    if entry is None or (book, entry.outcome.wallet) != (wallet.book, wallet.pk) or entry.outcome.refusal is not None:
        raise NotItsEntry(given=corrects[:40])
    return Why(reason, evidence, seq)


def _correct(wallet: Wallet, way: str, amount: int, why: Why, key: str, by: Actor, approved_by: Actor | None) -> Moved:
    require(by, ADJUST)
    amount = money.check(amount)
    gains = moves.holders_email(wallet) if way == GIVE else None
    with authority.counted(
        CORRECTION, amount, by=by, about=f"wallet:{wallet.pk}", key=key, approved_by=approved_by, benefits=gains
    ) as objection:
        return _post(wallet, way, amount, why, key, by, approved_by, objection)


def _post(
    wallet: Wallet,
    way: str,
    amount: int,
    why: Why,
    key: str,
    by: Actor,
    approved_by: Actor | None,
    objection: Refused | None,
) -> Moved:
    programme = moves.programme_of(wallet)
    given = Grant(asset=programme.asset, bucket=Bucket.BONUS, amount=amount, source=ADJUSTMENT)
    asked = Adjust(
        **moves.common(wallet, programme, key=key, by=by), amount=amount, grants=(given,) if way == GIVE else (),
        reason=moves.reason(why.reason), evidence=moves.reason(why.evidence), reverses=why.corrects,
        approved_by=approved_by.label if approved_by else "",
    )  # fmt: skip
    return moves.make(wallet, asked, objection=objection)
