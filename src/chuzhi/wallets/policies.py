"""What somebody agrees to who pays into a wallet: how long value is good for, and how money goes back."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Told
from chuzhi.core.packs.rules import CUSTOMER, Topic
from chuzhi.wallets import ceilings, moves, scopes
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.rules import Terms

REFUNDS = (
    Topic.COOLING_OFF_DAYS,
    Topic.COOLING_OFF_UNUSED,
    Topic.REFUND_METHOD,
    Topic.GIFTS,
    Topic.REFUND_DUE_DAYS,
    Topic.CASH_OUT_BELOW,
)
"""What a pack may say of money that goes back because the customer wants it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a programme's terms, in sentences: what was bought, and how it goes back."""

    programme: str
    version: int
    validity: tuple[str, ...]
    refunds: tuple[str, ...]
    scope: str = ""
    """Where and for what it is accepted, if not everywhere for everything."""


def of(wallet: Wallet, *, store: int | None, at: datetime | None = None) -> Policy:
    """As it holds for whoever pays into the wallet, in a store or in none; at a moment, or now."""
    programme = moves.programme_of(wallet)
    terms, pack = programme.terms(at), reading.pack(ceilings.pack_of(store))
    day = timezone.localdate(at)
    rules = (pack.rule(topic, day, of=CUSTOMER) for topic in REFUNDS)
    refunds = tuple(str(Told(rule)) for rule in rules if rule)
    return Policy(programme.name, terms.version, _validity(terms), refunds, scopes.of(terms).said)


def _validity(terms: Terms) -> tuple[str, ...]:
    return (
        _("What you pay: %(long)s.") % {"long": _long(terms.principal_valid_days)},
        _("Bonus: %(long)s, unless its offer says otherwise.") % {"long": _long(terms.bonus_valid_days)},
    )


def _long(days: int | None) -> str:
    if days is None:
        return _("good without end")
    return ngettext("good for %(count)s day", "good for %(count)s days", days) % {"count": days}
