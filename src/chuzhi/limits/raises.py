"""A customer needs more than the limit: it is asked for with documents, looked at by somebody else, and ends on a day."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, documents, money
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.limits import reactions
from chuzhi.limits.errors import DocumentMissing, RaiseDecided, RaiseUnusable, SecondPersonNeeded
from chuzhi.limits.models import LimitKind, Raise, RaiseDocument
from chuzhi.organization.authority import require

APPLY = "limits.apply"
REVIEW = "limits.review"
VIEW = "wallets.view"
MOST_DAYS = 366
LONGEST_REASON = 200


def visible_to(actor: Actor) -> QuerySet[Raise]:
    """Newest first."""
    rows = Raise.objects.select_related("customer").prefetch_related("documents").order_by("-pk")
    return rows if actor.may(VIEW) else rows.none()


def apply(
    *,
    customer: Customer,
    kind: str,
    asset: str,
    amount: int,
    reason: str,
    ends_on: date,
    files: Sequence[tuple[str, bytes]],
    by: Actor,
) -> Raise:
    """Ask for `amount` minor units instead of what the shop allows, until a day at most a year away. Needs a document."""
    require(by, APPLY)
    if kind not in LimitKind.values or not asset:
        raise RaiseUnusable(field="kind" if kind not in LimitKind.values else "asset")
    _check_end(ends_on)
    if not reason.strip():
        raise RaiseUnusable(field="reason")
    if not files:
        raise DocumentMissing
    kept = documents.keep_all(list(files))
    with transaction.atomic():
        asked = Raise.objects.create(
            customer=customer, kind=kind, asset=asset, amount=money.check(amount), reason=reason.strip()[:LONGEST_REASON],
            ends_on=ends_on, asked_by=by.label,
        )  # fmt: skip
        RaiseDocument.objects.bulk_create(
            RaiseDocument(application=asked, hash=one.hash, name=one.name, media_type=one.media_type, size=one.size)
            for one in kept
        )
        audit.record(
            "raise.asked", f"raise:{asked.pk}", by=by, customer=customer.pk, kind=kind, amount=amount, documents=len(kept)
        )
    return asked


def grant(*, application: Raise, reason: str, by: Actor, ends_on: date | None = None) -> Raise:
    """It holds from now to its last day, which the reviewer may bring forward."""
    if ends_on is not None:
        _check_end(ends_on)
    return _decide(application, Raise.Status.GRANTED, reason, by, ends_on)


def refuse(*, application: Raise, reason: str, by: Actor) -> Raise:
    return _decide(application, Raise.Status.REFUSED, reason, by, None)


@transaction.atomic
def withdraw(*, application: Raise, by: Actor) -> Raise:
    """Taken back before it was decided, or ended early once it was granted."""
    require(by, APPLY)
    row = Raise.objects.select_for_update().get(pk=application.pk)
    if row.status not in {Raise.Status.ASKED, Raise.Status.GRANTED}:
        raise RaiseDecided
    row.status, row.decided_at = Raise.Status.WITHDRAWN, timezone.now()
    row.save(update_fields=["status", "decided_at"])
    audit.record("raise.withdrawn", f"raise:{row.pk}", by=by, customer=row.customer_id)
    return row


@transaction.atomic
def _decide(application: Raise, status: Raise.Status, reason: str, by: Actor, ends_on: date | None) -> Raise:
    require(by, REVIEW)
    row = Raise.objects.select_for_update(of=("self",)).select_related("customer").get(pk=application.pk)
    if not row.is_open:
        raise RaiseDecided
    if row.asked_by == by.label:
        raise SecondPersonNeeded
    if not reason.strip():
        raise RaiseUnusable(field="reason")
    row.status, row.decided_by, row.decided_at = status, by.label, timezone.now()
    row.decision, row.ends_on = reason.strip()[:LONGEST_REASON], ends_on or row.ends_on
    row.save()
    audit.record(f"raise.{status}", f"raise:{row.pk}", by=by, customer=row.customer_id, ends_on=row.ends_on.isoformat())
    reactions.announce(row)
    return row


def _check_end(day: date) -> None:
    if not 0 <= (day - timezone.localdate()).days <= MOST_DAYS:
        raise RaiseUnusable(field="ends_on")
