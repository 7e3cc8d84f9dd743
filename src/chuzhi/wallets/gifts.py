"""A bonus given by hand, for a cause that can be looked up: a complaint, a campaign. Never paid principal, whoever gives it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BONUS_COST, Bucket
from chuzhi.ledger.operations import Adjust, Grant
from chuzhi.organization.authority import require
from chuzhi.wallets import moves, rules
from chuzhi.wallets.errors import CauseUnknown, TicketMissing
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.programmes import Known

GIVE = "wallets.gift"
GIFT = Kind(
    "gift",
    _("Gift of a bonus"),
    GIVE,
    {
        "service": Limits(alone=50_00, a_day=500_00),
        "manager": Limits(alone=200_00, a_day=1000_00, approves=1000_00),
        "finance": Limits(alone=500_00, a_day=3000_00, approves=20_000_00),
        "administrator": Limits(alone=500_00, a_day=3000_00, approves=None),
    },
)


class Cause(TextChoices):
    """Why a bonus is given. The ticket or campaign beside it says which one."""

    COMPLAINT = "complaint", _("Making good for a complaint")
    CAMPAIGN = "campaign", _("Gift of a campaign")
    GOODWILL = "goodwill", _("Goodwill")
    MISTAKE = "mistake", _("Our own mistake")


def give(
    *, wallet: Wallet, amount: int, cause: str, ticket: str, key: str, by: Actor, approved_by: Actor | None = None
) -> Moved:
    """Give `amount` minor units as a bonus that lasts as long as the programme's. `ticket` names the complaint or campaign."""
    require(by, GIVE)
    amount, about = money.check(amount), f"wallet:{wallet.pk}"
    with authority.counted(
        GIFT, amount, by=by, about=about, key=key, approved_by=approved_by, benefits=moves.holders_email(wallet)
    ) as objection:
        return _post(wallet, amount, cause, ticket, key, by, approved_by, objection)


def ask(*, wallet: Wallet, amount: int, cause: str, ticket: str, key: str, by: Actor, store: int | None = None) -> Request:
    """Send a gift to whoever may approve it."""
    reason = checked_cause(cause)
    return requests.ask(
        kind=GIFT, arguments={"wallet": wallet.pk, "amount": amount, "cause": cause, "ticket": checked_ticket(ticket)},
        amount=amount, asset=moves.programme_of(wallet).asset_code, subject=f"wallet:{wallet.pk}", store=store, reason=reason,
        evidence=ticket, benefits=moves.holders_email(wallet), key=key, by=by,
    )  # fmt: skip


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """What `ask` asked for, once it is signed."""
    wallet = Wallet.objects.get(pk=asked["wallet"])
    return _post(wallet, asked["amount"], asked["cause"], asked["ticket"], key, by, approved_by, None).id


def grant_of(programme: Known, amount: int, *, ticket: str, at: datetime) -> Grant:
    """The lot of a gift: at the cost of the company, and good as long as any bonus of the programme."""
    terms = programme.terms()
    return Grant(
        asset=programme.asset, bucket=Bucket.BONUS, amount=amount, source=BONUS_COST, terms=terms.id,
        expires_at=rules.valid_until(at, terms.bonus_valid_days, shop_zone()), funding=f"gift:{ticket}"[:100],
    )  # fmt: skip


def checked_cause(cause: str) -> str:
    """As the journal keeps it: `gift:complaint`."""
    if cause not in Cause.values:
        raise CauseUnknown
    return f"gift:{cause}"


def said(reason: str) -> Promise | str:
    """A reason as people read it: a gift's is a code, anybody else's is their own words."""
    cause = reason.removeprefix("gift:")
    return Cause(cause).label if reason != cause and cause in Cause.values else reason


def checked_ticket(ticket: str) -> str:
    if not (clean := moves.text(ticket)):
        raise TicketMissing
    return clean


def _post(
    wallet: Wallet,
    amount: int,
    cause: str,
    ticket: str,
    key: str,
    by: Actor,
    approved_by: Actor | None,
    objection: Refused | None,
) -> Moved:
    programme, evidence = moves.programme_of(wallet), checked_ticket(ticket)
    asked = Adjust(
        **moves.common(wallet, programme, key=key, by=by), amount=amount, reason=checked_cause(cause), evidence=evidence,
        grants=(grant_of(programme, amount, ticket=evidence, at=timezone.now()),),
        approved_by=approved_by.label if approved_by else "",
    )  # fmt: skip
    return moves.make(wallet, asked, objection=objection)
