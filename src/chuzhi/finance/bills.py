"""Bills are asked for outside any transaction and kept once, line by line, as the provider told them."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from chuzhi.finance.models import Day, Line
from chuzhi.finance.rules import Way
from chuzhi.payments import intents
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.gateways.contract import (
    Bill,
    BillLine,
    ForgedError,
    LineKind,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
)
from chuzhi.payments.models import Account, Payment, Refund

log = logging.getLogger(__name__)

BEIJING = ZoneInfo("Asia/Shanghai")
ZONES: Mapping[str, tzinfo] = {"wechat": BEIJING, "alipay": BEIJING, "stripe": UTC, "btcpay": UTC}
"""The gateways whose bills can be fetched, each with the zone in which its days begin and end."""

NO_BILL = frozenset({"isp.bill_not_exist"})
"""Said of a day without trades, and of one whose bill is not made yet: two days later there will be none."""


def today_of(account: Account) -> date:
    return timezone.now().astimezone(ZONES[account.gateway]).date()


def fetch(account: Account, on: date) -> Day:
    """The day with its bill, if the provider has it. Asked for again, it is the one that is here already."""
    day, _is_new = Day.objects.get_or_create(account=account, on=on)
    if day.fetched_at is not None:
        return day
    try:
        bill = gateway_of(account).bill(on)
    except ProviderRefusedError as no:
        if no.reason in NO_BILL and on < today_of(account) - timedelta(days=1):
            return _keep(day, Bill(on, ()))
        return _not_here(day, no.reason)
    except (NotSentError, OutcomeUnknownError, ForgedError) as fault:
        return _not_here(day, str(fault))
    return _keep(day, bill)


@transaction.atomic(durable=True)
def _keep(day: Day, bill: Bill) -> Day:
    day = Day.objects.select_for_update(of=("self",)).select_related("account").get(pk=day.pk)
    if day.fetched_at is None:
        lines = Line.objects.bulk_create(_lines(day, bill.lines), batch_size=5000)
        intents.ask_again(day.account, {line.number for line in lines if line.way == Way.PAYMENT})
        day.asked_at = day.fetched_at = timezone.now()
        day.trouble = ""
        day.save(update_fields=["asked_at", "fetched_at", "trouble"])
    return day


def _not_here(day: Day, why: str) -> Day:
    log.warning("the bill of %s of %s is not here: %s", day.on, day.account.code, why)
    Day.objects.filter(pk=day.pk, fetched_at=None).update(asked_at=timezone.now(), trouble=why[:120])
    return Day.objects.select_related("account").get(pk=day.pk)


def _lines(day: Day, told: Sequence[BillLine]) -> list[Line]:
    named = _named(day.account, told)
    lines = []
    for place, line in enumerate(told):
        way, number = named.get(line.provider_id) or _said(line)
        if way is Way.REFUND and number.startswith("P"):
            way = Way.PAYMENT  # a payment that was revoked: it is named by the payment's own number
        lines.append(
            Line(
                day=day, place=place, kind=line.kind, way=way, number=number[:80], provider_id=line.provider_id[:80],
                amount=line.amount, fee=line.fee, currency=line.currency, at=line.at,
            )
        )  # fmt: skip
    return lines


def _said(line: BillLine) -> tuple[Way | str, str]:
    ways = {LineKind.PAYMENT: Way.PAYMENT, LineKind.REFUND: Way.REFUND, LineKind.DISPUTE: Way.DISPUTE}
    number = line.provider_id if line.kind is LineKind.DISPUTE else line.number or line.provider_id
    return ways.get(line.kind, "") if line.amount else "", number


def _named(account: Account, told: Sequence[BillLine]) -> dict[str, tuple[Way | str, str]]:
    """What lines are of that the provider names by its own number only."""
    nameless = [line for line in told if not line.number and line.provider_id]
    payments = {line.provider_id for line in nameless if line.kind is LineKind.PAYMENT}
    refunds = {line.provider_id for line in nameless if line.kind is LineKind.REFUND}
    found: dict[str, tuple[Way | str, str]] = {}
    for theirs, ours in Payment.objects.filter(account=account, provider_id__in=payments).values_list("provider_id", "number"):
        found[theirs] = (Way.PAYMENT, ours)
    of_account = Refund.objects.filter(payment__account=account, provider_id__in=refunds)
    for theirs, ours in of_account.values_list("provider_id", "number"):
        found[theirs] = (Way.REFUND, ours)
    return found
