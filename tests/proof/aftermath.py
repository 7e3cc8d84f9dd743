"""After the storm: what was on its way comes to its end, and the books are laid side by side."""

import base64
import contextlib
import time
import urllib.error
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chuzhi.finance import bills, comparing, following
from chuzhi.finance.models import Case
from chuzhi.finance.rules import Way
from chuzhi.payments.gateways.bank import references
from chuzhi.payments.models import Incident, Payment, Refund
from proof.town import Program, Town

QUIET_WITHIN_SECONDS = 150
DAY_SECONDS = 24 * 3600


def settle(town: Town, program: Program) -> None:
    """No more faults. Statements are brought, providers end what they held, and the clock comes round sooner than by itself."""
    for provider in town.providers.values():
        provider.control("faults")
    bring_statement(town, program)
    until = time.monotonic() + QUIET_WITHIN_SECONDS
    while under_way := _under_way():
        assert time.monotonic() < until, f"still under way: {under_way}"
        _end_refunds(town)
        if any("bank" in each for each in under_way):
            bring_statement(town, program)
        _hurry()
        time.sleep(1)


def bring_statement(town: Town, program: Program) -> None:
    """The bank's statement of these days, in the hand of somebody who has a program for it."""
    bank, today = town.providers["bank"], timezone.localdate()
    span = {"first": str(today - timedelta(days=1)), "last": str(today + timedelta(days=1))}
    content = httpx.get(f"{bank.address}/statements/camt.053", params=span, timeout=10).content
    if bank.books()["movements"]:
        asked = {"account": "bank", "file_name": "storm.xml", "content": base64.b64encode(content).decode()}
        assert program.post("/statements", asked).status_code in {200, 201}


def bring_bills(town: Town) -> None:
    """Of these days, as they come on the mornings after. What they name as paid and we have given up is asked about once more."""
    for name, account in town.accounts.items():
        if name in bills.ZONES:
            today = bills.today_of(account)
            bills.fetch(account, today)  # too early, but the provider's keys are known from here on
            town.providers[name].control("clock", ahead_seconds=3 * DAY_SECONDS)
            fetched = [bills.fetch(account, today + timedelta(days=day)) for day in (-1, 0, 1)]
            town.providers[name].control("clock", ahead_seconds=0)
            assert fetched[1].fetched_at, [day.trouble for day in fetched]


def reconcile(town: Town) -> dict[str, str]:
    """Answers what is open and was not told to anybody, by number."""
    following.catch_up()
    for account in town.accounts.values():
        comparing.match(account)
    return {case.movement.number: case.kind for case in Case.objects.filter(closed_at=None) if not _was_told(case)}


def _was_told(case: Case) -> bool:
    """Somebody has an incident in front of them, or a line of a statement, that says the same."""
    number = case.movement.number
    incidents = Incident.objects.filter(Q(number=number) | Q(payment__number=number), closed_at=None)
    return case.movement.way == Way.LINE or incidents.exists()


def _under_way() -> list[tuple[object, ...]]:
    waiting = Payment.objects.filter(Q(stage__in=["intended", "sent"]) | Q(next_ask_at__isnull=False))
    payments = waiting.values_list("number", "stage", "account__code", "scene", "asked_times")
    refunds = Refund.objects.filter(done_at=None).values_list("number", "stage", "payment__account__code", "asked_times")
    return [*payments, *refunds]


def _hurry() -> None:
    """Nobody will pay any more, and every provider is asked at the next turn of the clock."""
    now = timezone.now()
    _set(Payment.objects.filter(stage__in=["intended", "sent"], expires_at__gt=now), expires_at=now)
    _set(Payment.objects.filter(next_ask_at__gt=now), next_ask_at=now)
    _set(Refund.objects.filter(next_ask_at__gt=now), next_ask_at=now)


@transaction.atomic
def _set(rows: QuerySet[Any], **values: datetime) -> None:
    """Of the rows that nobody holds just now: a statement that is being read takes several, in an order of its own."""
    free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=free).update(**values)


def _end_refunds(town: Town) -> None:
    """Each provider ends what it held: WeChat and Stripe by number, Alipay all, the payer claims coins, the shop transfers."""
    town.providers["alipay"].control("end_refunds", is_done=True)
    for refund in Refund.objects.filter(stage=Refund.Stage.PROCESSING).select_related("payment__account"):
        name = refund.payment.account.code
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            match name:
                case "wechat":
                    town.providers[name].control("settle", number=refund.number, status="SUCCESS")
                case "stripe":
                    town.providers[name].control("refund", number=refund.number, status="succeeded")
                case "btcpay":
                    town.providers[name].control("claim", number=refund.number)
                case "bank":
                    _transfer(town, refund)


def _transfer(town: Town, refund: Refund) -> None:
    text = references.of(refund.number)
    if not any(each["text"] == text for each in town.providers["bank"].books()["movements"]):
        town.providers["bank"].control("pay_out", amount=refund.amount, text=text)
