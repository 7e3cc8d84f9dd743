"""What a member has spent, and whether they may spend more. Whoever must be sure holds the lock of the wallet's book."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from chuzhi.core.errors import Refused
from chuzhi.ledger import spenders
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.errors import LedgerRefused
from chuzhi.organization.models import Store
from chuzhi.wallets import moves, scopes
from chuzhi.wallets.models import JoinedWallet
from chuzhi.wallets.scopes import Bought
from chuzhi.wallets.sharing import rules
from chuzhi.wallets.sharing.errors import (
    MemberStopped,
    NotTheseDays,
    NotTheseHours,
    OverAtOnceAllowance,
    OverDayAllowance,
    OverMonthAllowance,
    OverWeekAllowance,
)
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import WEEK, Allowance, Period

_OVER: dict[Period, type[LedgerRefused]] = {
    Period.DAY: OverDayAllowance,
    Period.WEEK: OverWeekAllowance,
    Period.MONTH: OverMonthAllowance,
}


@dataclass(frozen=True, slots=True)
class Use:
    """A member as they stand: by period what they spent, less what they brought back, and what they may still spend."""

    member: Member
    spent: dict[Period, int]
    left: int | None


def use_of(member: Member, now: datetime | None = None) -> Use:
    spent = _spent(member, now or timezone.now())
    return Use(member, spent, rules.left(member.allowance, spent))


def objection(member: Member, amount: int, store: int, bought: Bought = ()) -> Refused | None:
    """Why this member may not spend so much in this store now, whatever the wallet holds. Their row is read anew."""
    now = timezone.now()
    member = Member.objects.select_related("wallet").get(pk=member.pk)
    if not member.may_spend:
        return MemberStopped()
    allowance, programme, here = member.allowance, moves.programme_of(member.wallet), now.astimezone(_zone(store))
    if not allowance.is_within_days(here):
        return NotTheseDays()
    if not allowance.is_within_hours(here):
        return NotTheseHours(allowed=said(allowance))
    if no := scopes.objection(allowance, amount, bought):
        return no
    if allowance.at_once is not None and amount > allowance.at_once:
        return moves.in_money(OverAtOnceAllowance(limit=allowance.at_once), programme)
    spent = _spent(member, now)
    period = rules.crossed(allowance, spent, amount)
    return moves.in_money(_OVER[period](limit=allowance.caps[period], used=spent[period]), programme) if period else None


def said(allowance: Allowance) -> str:
    """When they may spend: `Monday, Tuesday, 08:00 to 18:00`; nothing if always."""
    days = "" if allowance.weekdays == WEEK else scopes.in_words(str(WEEKDAYS[day]) for day in sorted(allowance.weekdays))
    hours = ""
    if allowance.from_time is not None and allowance.to_time is not None:
        hours = _("%(first)s to %(last)s") % {"first": _hour(allowance.from_time), "last": _hour(allowance.to_time)}
    return scopes.in_words(filter(None, (days, hours)))


def _hour(at: time) -> str:
    return f"{at:%H:%M}"


def _spent(member: Member, now: datetime) -> dict[Period, int]:
    """For every period. What was spent before the wallet went into another one counts."""
    joined = JoinedWallet.objects.filter(to=member.wallet_id, parted_at=None).values_list("wallet__book", "wallet")
    places = [(member.wallet.book, member.wallet_id), *joined]
    begins = {period: period.begins(now, shop_zone()) for period in Period}
    found = spenders.spent(places, member.spender, list(begins.values()))
    return dict(zip(begins, found, strict=True))


def _zone(store: int) -> ZoneInfo:
    named = Store.objects.filter(pk=store).values_list("time_zone", flat=True).first()
    return ZoneInfo(named) if named else shop_zone()
