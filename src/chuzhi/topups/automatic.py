"""Automatic top-ups by the clock: announced before, one at a time, within what was agreed, never in a loop."""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from chuzhi.core.errors import Refused
from chuzhi.core.packs import reading
from chuzhi.core.packs.rules import Topic
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.models import Store
from chuzhi.payments import agreements
from chuzhi.payments.gateways.contract import NotSentError, OutcomeUnknownError, ProviderRefusedError, Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Agreement, Payment
from chuzhi.topups import mandate_rules, mandates, orders, telling
from chuzhi.topups.mandate_rules import Act, Decision, Standing
from chuzhi.topups.mandates import US, Kind
from chuzhi.topups.models import Mandate, MandateEvent, Order
from chuzhi.wallets import queries

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(hours=1)
MOST_AT_ONCE = 500


def run_due(now: datetime | None = None) -> int:
    """Look at every mandate whose time has come, one at a time: a failure costs one customer, not the night."""
    now = now or timezone.now()
    due = Mandate.objects.filter(stage=Mandate.Stage.ACTIVE, look_at__lte=now).order_by("look_at")
    found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for number in found:
        try:
            look(number, now)
        except Exception:
            log.exception("mandate %s could not be looked at", number)
    _release_ended()
    return len(found)


def look(number: int, now: datetime) -> None:
    """Decide about one mandate, and do it: decided and written under its lock, sent to the provider outside of it."""
    order = _decided(number, now)
    mandate = Mandate.objects.select_related("account", "agreement").get(pk=number)
    _announce_there(mandate, now)
    if order is not None:
        orders.pay(
            order=order, scene=Scene.ABSENT, account=mandate.account, agreement=mandate.agreement,
            circumstances=Circumstances(), by=US,
        )  # fmt: skip


def upcoming(mandate: Mandate) -> Decision:
    """What would be done next, for whoever wants to see it before it happens."""
    return mandate_rules.decide(_standing(mandate, timezone.now()))


def credited_by(payment: Payment) -> None:
    """An automatic order was paid (a reaction, after it was credited)."""
    if (mandate := _of(payment)) is not None:
        order = Order.objects.get(pk=payment.subject_id)
        mandate.failures, mandate.not_before = 0, None
        mandate.save(update_fields=["failures", "not_before"])
        kind = Kind.CREDITED if order.stage == Order.Stage.CREDITED else Kind.SKIPPED
        mandates.write(mandate, kind, by=US, amount=order.amount, order=order, reason=order.refusal)


def declined_by(payment: Payment) -> None:
    """An automatic payment failed (a reaction): rest for a while, or until somebody goes on with it. Never at once again."""
    mandate = _of(payment)
    if mandate is None:
        return
    order = Order.objects.get(pk=payment.subject_id)
    orders.end(order)
    mandate.failures += 1
    days = mandate_rules.rest_after(payment.decline, mandate.failures)
    if days is not None:
        mandate.not_before = mandate.look_at = timezone.now() + timedelta(days=days)
    mandate.save(update_fields=["failures", "not_before", "look_at"])
    mandates.write(mandate, Kind.DECLINED, by=US, amount=order.amount, order=order, reason=payment.reason)
    if days is None:
        mandates.become(mandate, Mandate.Stage.PAUSED, Kind.PAUSED, US, payment.decline or "declined")
    facts = telling.declined(amount=order.amount, currency=order.currency, stop=mandates.address_of(mandate))
    mandates.tell(mandate, telling.DECLINED, f"order:{order.number}", facts)


@transaction.atomic
def _decided(number: int, now: datetime) -> Order | None:
    """The order to be paid now, if there is one: a new one, or one that was placed and never sent."""
    mandate = mandates.locked(number)
    if mandate.stage != Mandate.Stage.ACTIVE:
        return None
    mandate.look_at = now + LOOK_EVERY
    mandate.save(update_fields=["look_at"])
    if (waiting := _in_flight(mandate)) is not None:
        return waiting if not orders.payments_of(waiting) and waiting.is_payable else None
    standing = _standing(mandate, now)
    decision = mandate_rules.decide(standing)
    if decision.act is Act.ANNOUNCE:
        _announce(mandate, decision, standing)
    elif decision.act is Act.SKIP:
        _skip(mandate, decision, standing)
    elif decision.act is Act.CHARGE:
        return _place(mandate, decision)
    return None


def _place(mandate: Mandate, decision: Decision) -> Order | None:
    """The key is made of how many charges there were, so that one decision is one order."""
    charges = mandate.events.filter(kind=Kind.CHARGED).count()
    try:
        with transaction.atomic():
            order = orders.place(
                wallet=mandate.wallet, amount=decision.amount, channel=Order.Channel.AUTO,
                key=f"recharge:{mandate.pk}:{charges}", by=US,
            )  # fmt: skip
    except Refused as no:
        mandates.write(mandate, Kind.SKIPPED, by=US, amount=decision.amount, reason=no.code)
        _rest_until_tomorrow(mandate)
        return None
    mandates.write(mandate, Kind.CHARGED, by=US, amount=decision.amount, order=order, reason=str(decision.on or ""))
    return order


def _announce(mandate: Mandate, decision: Decision, standing: Standing) -> None:
    assert decision.on is not None  # noqa: S101 # what is announced has a day
    on = decision.on
    if standing.is_monthly:
        on = mandate_rules.charge_day(on, standing.today, standing.notice_days)
    mandate.announced_for, mandate.announced_at, mandate.announced_there_at = decision.on, standing.now, None
    mandate.save(update_fields=["announced_for", "announced_at", "announced_there_at"])
    mandates.write(mandate, Kind.ANNOUNCED, by=US, amount=mandate.amount, reason=on.isoformat())
    facts = telling.upcoming(
        amount=mandate.amount, currency=mandate.account.currency, day=on, stop=mandates.address_of(mandate)
    )
    mandates.tell(mandate, telling.UPCOMING, f"mandate:{mandate.pk}:{decision.on}", facts)


def _announce_there(mandate: Mandate, now: datetime) -> None:
    """Some providers want a charge announced through them, and refuse it otherwise. Tried until it has worked."""
    if mandate.announced_for is None or mandate.announced_there_at is not None or mandate.agreement is None:
        return
    keeper, today = agreements.keeps(mandate.account), now.astimezone(shop_zone()).date()
    if not keeper.announce_days:
        return
    try:
        keeper.announce(
            agreement=mandate.agreement.provider_id, amount=mandate.amount, currency=mandate.account.currency,
            on=max(_charge_day(mandate, mandate.announced_for), today + timedelta(days=keeper.announce_days)),
        )  # fmt: skip
    except (NotSentError, OutcomeUnknownError, ProviderRefusedError) as fault:
        log.warning("mandate %s: not announced by the provider yet: %s", mandate.pk, fault)
    else:
        Mandate.objects.filter(pk=mandate.pk, announced_for=mandate.announced_for).update(announced_there_at=now)


def _charge_day(mandate: Mandate, due: date) -> date:
    if mandate.trigger != Mandate.Trigger.MONTHLY or mandate.announced_at is None:
        return due
    announced_on = mandate.announced_at.astimezone(shop_zone()).date()
    return mandate_rules.charge_day(due, announced_on, notice_days(announced_on))


def _skip(mandate: Mandate, decision: Decision, standing: Standing) -> None:
    mandates.write(
        mandate, Kind.SKIPPED, by=US, amount=decision.amount, reason=f"{decision.reason} {decision.on or ''}".strip()
    )
    if not standing.is_monthly:
        _rest_until_tomorrow(mandate)


def _rest_until_tomorrow(mandate: Mandate) -> None:
    mandate.not_before = mandate.look_at = timezone.now() + timedelta(days=1)
    mandate.save(update_fields=["not_before", "look_at"])


def _standing(mandate: Mandate, now: datetime) -> Standing:
    zone = shop_zone()
    today = now.astimezone(zone).date()
    return Standing(
        today=today,
        now=now,
        is_monthly=mandate.trigger == Mandate.Trigger.MONTHLY,
        amount=mandate.amount,
        refills=mandate.refills,
        day=mandate.day,
        floor=mandate.floor,
        most_a_month=mandate.most_a_month,
        available=queries.balance(mandate.wallet).available,
        charged=_charged(mandate, today.replace(day=1)),
        is_in_flight=_in_flight(mandate) is not None,
        not_before=mandate.not_before,
        notice_days=notice_days(today),
        announced_for=mandate.announced_for,
        announced_on=mandate.announced_at.astimezone(zone).date() if mandate.announced_at else None,
        charged_on=_settled_for(mandate),
        provider_days=agreements.announce_days(mandate.account),
        told_there_on=mandate.announced_there_at.astimezone(zone).date() if mandate.announced_there_at else None,
    )


def notice_days(on: date) -> int:
    """How long before an automatic charge it must be announced: the strictest of the packs that our stores have chosen."""
    chosen = Store.objects.filter(is_open=True).values_list("pack", flat=True).distinct()
    rules = [reading.pack(each).rule(Topic.NOTICE_DAYS, on) for each in chosen]
    return max((rule.number for rule in rules if rule is not None), default=0)


def _charged(mandate: Mandate, since: date) -> int:
    """Credited or still under way since a day, by the orders."""
    start = datetime.combine(since, datetime.min.time(), shop_zone())
    begun = mandate.events.filter(kind=Kind.CHARGED, at__gte=start, order__stage__in=[Order.Stage.OPEN, Order.Stage.CREDITED])
    return begun.aggregate(total=Sum("order__amount"))["total"] or 0


def _settled_for(mandate: Mandate) -> date | None:
    """The last due day that is done with: credited, or skipped for a reason that was written down."""
    if mandate.announced_for is None:
        return None
    word = mandate.announced_for.isoformat()
    settled = mandate.events.filter(kind=Kind.CHARGED, reason=word, order__stage=Order.Stage.CREDITED)
    skipped = mandate.events.filter(kind=Kind.SKIPPED, reason__endswith=word)
    return mandate.announced_for if settled.exists() or skipped.exists() else None


def _in_flight(mandate: Mandate) -> Order | None:
    event = (
        mandate.events.filter(kind=Kind.CHARGED, order__stage=Order.Stage.OPEN).order_by("-pk").select_related("order").first()
    )
    return event.order if event else None


def _release_ended() -> None:
    ended = Mandate.objects.filter(stage=Mandate.Stage.ENDED, agreement__stage=Agreement.Stage.SIGNED)
    for mandate in ended.select_related("agreement__account")[:MOST_AT_ONCE]:
        if mandate.agreement is not None:
            agreements.release(mandate.agreement, reason="stopped")


def _of(payment: Payment) -> Mandate | None:
    event = MandateEvent.objects.filter(kind=Kind.CHARGED, order=payment.subject_id).first()
    return mandates.locked(event.mandate_id) if event else None
