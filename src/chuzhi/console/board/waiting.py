"""What waits for somebody, each kind with the page where it is worked off: counted together, in one read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, IntegerField, Min, Q, QuerySet, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import queries as approvals
from chuzhi.core.actors import Actor
from chuzhi.finance import queries as finance
from chuzhi.limits import raises
from chuzhi.limits.models import Raise
from chuzhi.messaging import queries as messages
from chuzhi.messaging.models import Delivery
from chuzhi.organization.partners import alarms
from chuzhi.payments import queries as payments
from chuzhi.payments.bank import queries as bank
from chuzhi.payments.counter import shifts
from chuzhi.refunds import requests as refunds
from chuzhi.refunds.models import RefundRequest
from chuzhi.risk import queries as risk
from chuzhi.topups import clearing
from chuzhi.topups import queries as orders
from chuzhi.topups.assisted import requests as assisted
from chuzhi.topups.assisted.models import AssistedTopUp, standing
from chuzhi.topups.models import Order
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.vouchers import batches, guarding

AUDIT = "audit.view"
LATELY = timedelta(days=7)
"""A message that could not be delivered is news for as long."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of it: whoever has the permission may finish it, and whoever audits looks on. `since` is the column of its age."""

    permission: str
    label: Promise
    icon: str
    url_name: str
    found: Callable[[Actor], QuerySet[Any]]
    since: str
    query: str = ""
    late: Callable[[], Q] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    work: Work
    number: int
    late: int
    days: int
    """The age of the oldest."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Kinds of work of one sort, those of which there is something."""

    title: Promise
    rows: Sequence[Waiting]


def _start_of_today() -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))


def _past_its_day() -> Q:
    return Q(due_on__lt=timezone.localdate())


TO_DECIDE = (
    Work("approvals.decide", _("Requests to approve"), "shield-check", "console:approvals", approvals.waiting_for, "asked_at"),
    Work(
        "refunds.decide", _("Balance refunds to decide"), "undo-2", "console:refund_requests",
        lambda actor: refunds.visible_to(actor).filter(status=RefundRequest.Status.ASKED).exclude(asked_by=actor.label),
        "asked_at", late=_past_its_day,
    ),
    Work(
        "limits.review", _("Higher limits asked for"), "chevrons-up-down", "console:raises",
        lambda actor: raises.visible_to(actor).filter(status=Raise.Status.ASKED), "asked_at",
    ),
    Work(
        "applications.decide", _("Card applications"), "user-plus", "console:applications",
        lambda actor: reviewing.visible_to(actor).filter(state=reviewing.State.WAITING), "filed_at",
    ),
)  # fmt: skip
TO_PUT_RIGHT = (
    Work(
        "refunds.pay", _("Balance refunds to pay out"), "banknote", "console:refund_requests",
        lambda actor: refunds.visible_to(actor).filter(status=RefundRequest.Status.APPROVED), "asked_at", late=_past_its_day,
    ),
    Work("payments.refund", _("Payment incidents"), "credit-card", "console:payment_incidents", payments.incidents, "opened_at"),
    Work(
        "bank.settle", _("Bank lines without a payment"), "arrow-left-right", "console:statements", bank.cases,
        "statement__made_at",
    ),
    Work(
        "reconciliation.close", _("Differences between the books"), "scale", "console:reconciliation_cases",
        lambda actor: finance.cases(actor).filter(closed_at=None), "opened_at",
    ),
    Work(
        "risk.work", _("Cases of suspicion"), "triangle-alert", "console:risk",
        lambda actor: risk.visible_to(actor).filter(closed_at=None), "raised_at",
    ),
    Work("partners.settle", _("Alarms about partners"), "hand-coins", "console:partners", alarms.open_ones, "raised_at"),
    Work("vouchers.manage", _("Guessed card codes"), "ticket", "console:vouchers", guarding.open_alarms, "raised_at"),
    Work(
        "messages.resend", _("Messages that did not arrive"), "mail", "console:messages",
        lambda actor: messages.visible_to(actor).filter(
            state=Delivery.State.FAILED, ended_at__gt=timezone.now() - LATELY
        ),
        "ended_at", query=f"?state={Delivery.State.FAILED}",
    ),
)  # fmt: skip
UNDER_WAY = (
    Work(
        assisted.ASSIST, _("Customers who asked for a top-up"), "phone", "console:assisted",
        lambda actor: assisted.visible_to(actor).filter(standing(AssistedTopUp.Status.OPEN)), "made_at",
        query=f"?status={AssistedTopUp.Status.OPEN}",
    ),
    Work(
        "till.top_up", _("Top-up orders not paid yet"), "receipt", "console:orders",
        lambda actor: orders.visible_to(actor).filter(stage=Order.Stage.OPEN, expires_at__gt=timezone.now()),
        "created_at", query=f"?stage={Order.Stage.OPEN}",
    ),
    Work(
        clearing.CLEAR, _("Top-ups that have not cleared"), "hourglass", "console:orders",
        lambda actor: clearing.uncleared(orders.visible_to(actor)), "created_at", query="?stage=uncleared",
    ),
    Work(
        "drawer.review", _("Open cash drawers"), "coins", "console:shifts",
        lambda actor: shifts.visible_to(actor).filter(closed_at=None), "opened_at",
        late=lambda: Q(opened_at__lt=_start_of_today()),
    ),
    Work(batches.MANAGE, _("Batches of cards nearly sold"), "ticket", "console:vouchers", batches.nearly_sold, "printed_at"),
)  # fmt: skip
DESKS = ((_("To decide"), TO_DECIDE), (_("To put right"), TO_PUT_RIGHT), (_("Under way"), UNDER_WAY))
KINDS = [(title, work) for title, kinds in DESKS for work in kinds]


def may_wait_for(actor: Actor) -> bool:
    """Whether there is any kind of work that this person would see."""
    return any(_sees(actor, work) for _title, work in KINDS)


def waiting_for(actor: Actor) -> list[Desk]:
    """Only what there is any of."""
    counts = [_counted(place, work.found(actor), work) for place, (_title, work) in enumerate(KINDS) if _sees(actor, work)]
    if not counts:
        return []
    today = timezone.localdate()
    found = [
        (KINDS[place][0], Waiting(KINDS[place][1], number, late, (today - timezone.localdate(since)).days))
        for place, number, late, since in sorted(counts[0].union(*counts[1:], all=True))
        if number
    ]
    return [Desk(title, [row for _title, row in rows]) for title, rows in groupby(found, key=lambda each: each[0])]


def _sees(actor: Actor, work: Work) -> bool:
    return actor.may(work.permission) or actor.may(AUDIT)


def _counted(place: int, found: QuerySet[Any], work: Work) -> QuerySet[Any, Any]:
    """One row: which kind, how many, how many of them late, and since when there is the oldest."""
    late = Count("pk", filter=work.late()) if work.late else Value(0, IntegerField())
    plain: QuerySet[Any, Any] = found.order_by().prefetch_related(None).values(place=Value(place, IntegerField()))
    counted: QuerySet[Any, Any] = plain.annotate(number=Count("pk"), late=late, since=Min(work.since))
    return counted.values_list("place", "number", "late", "since")
