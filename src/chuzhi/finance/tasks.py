"""What the clock calls: yesterday's bills, and those of the days before that are still missing."""

import logging
from datetime import date, timedelta

from django.db.models import Min
from django.utils import timezone

from chuzhi.finance import bills, comparing, custody, drawers, following, payouts
from chuzhi.finance.models import Day, Movement
from chuzhi.finance.rules import Way
from chuzhi.payments.bank.intake import GATEWAY as BANK
from chuzhi.payments.models import Account
from chuzhi.topups import clearing
from chuzhi.topups.cards import clearing as card_clearing

log = logging.getLogger(__name__)

ASKED_FOR_DAYS = 10
"""Bills older than this are not asked for by the clock any more."""


def reconcile() -> int:
    """Fetch what is missing and compare every account, each by itself. Answers how many accounts failed.

    Called again, also after it was killed in the middle, it goes on where the rows say that it was.
    """
    following.catch_up()
    drawers.match()
    failed = 0
    providers, banks = Account.objects.exclude(gateway=BANK), Account.objects.filter(gateway=BANK)
    for account in [*providers.order_by("pk"), *banks.order_by("pk")]:
        try:
            for on in _missing(account):
                bills.fetch(account, on)
            comparing.match(account)
            payouts.match(account)
            _clear(account)
        except Exception:  # one account's fault must not keep the others waiting
            log.exception("reconciling the account %s failed", account.code)
            failed += 1
    custody.match(until=timezone.localdate() - timedelta(days=1))
    return failed


def again(day: Day) -> Day:
    """Ask for a day's bill now, if it is not here, and compare its account."""
    following.catch_up()
    if day.account.gateway in bills.ZONES:
        day = bills.fetch(day.account, day.on)
    comparing.match(day.account)
    payouts.match(day.account)
    _clear(day.account)
    return day


def _clear(account: Account) -> None:
    """What the account's bill has named, and all books agree on, can be spent."""
    paid = Movement.objects.filter(account=account, way=Way.PAYMENT, is_settled=True, billed__gt=0)
    for sold in (clearing, card_clearing):
        if numbers := sold.waiting(account):
            sold.settled(paid.filter(number__in=numbers).values_list("number", flat=True))


def _missing(account: Account) -> list[date]:
    """Past days since its first payment whose bills are not here, the oldest first."""
    first = account.payments.aggregate(first=Min("created_at"))["first"]
    if account.gateway not in bills.ZONES or first is None:
        return []
    zone, today = bills.ZONES[account.gateway], bills.today_of(account)
    since = max(first.astimezone(zone).date(), today - timedelta(days=ASKED_FOR_DAYS))
    here = set(Day.objects.filter(account=account, fetched_at__isnull=False, on__gte=since).values_list("on", flat=True))
    return [day for day in (since + timedelta(days=n) for n in range((today - since).days)) if day not in here]
