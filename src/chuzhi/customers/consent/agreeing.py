"""A customer says yes or no to a purpose; what holds is the last word. Nothing is ever changed, only said again."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, documents
from chuzhi.core.actors import Actor
from chuzhi.customers import queries
from chuzhi.customers.consent import texts
from chuzhi.customers.consent.errors import ConsentInTheFuture, ConsentUnproven, PurposeUnknown
from chuzhi.customers.consent.models import Consent, Purpose
from chuzhi.customers.models import Customer
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff

WRITE = "customers.edit"
How = Consent.How
SAID = (How.PAGE, How.COUNTER, How.PAPER, How.PHONE, How.PROGRAM)


@transaction.atomic
def say(
    *,
    customer: Customer,
    purpose: str,
    is_given: bool,
    how: str,
    by: Actor,
    version: int | None = None,
    witness: int | None = None,
    scan: tuple[str, bytes] | None = None,
    said_at: datetime | None = None,
) -> Consent:
    """Write down what a customer said. Without a version, they saw the latest text.

    Refuses an unknown purpose, yes to a purpose without a text, paper without its scan, a phone call without a witness.
    """
    require(by, WRITE)
    if purpose not in Purpose.values:
        raise PurposeUnknown
    if how not in SAID or (how == How.PAPER and scan is None) or (how == How.PHONE and not _is_colleague(witness)):
        raise ConsentUnproven
    now = timezone.now()
    if said_at is not None and said_at > now:
        raise ConsentInTheFuture
    text = texts.shown(purpose, version) if is_given or version is not None else None
    kept = documents.keep(*scan) if scan else None
    Customer.objects.select_for_update().get(pk=customer.pk)
    made = Consent.objects.create(
        customer=customer, purpose=purpose, is_given=is_given, how=how, text=text,
        witness=f"staff:{witness}" if how == How.PHONE else "", document=kept.hash if kept else "",
        media_type=kept.media_type if kept else "", said_at=said_at or now, by=by.label, at=now,
    )  # fmt: skip
    act = "consent.given" if is_given else "consent.withdrawn"
    audit.record(act, f"customer:{customer.pk}", by=by, purpose=purpose, how=how, text=text.version if text else None)
    return made


def history(customer: Customer, actor: Actor) -> QuerySet[Consent]:
    """Everything they said, newest first."""
    seen = Consent.objects.filter(customer=customer, customer__in=queries.visible_to(actor))
    return seen.select_related("text").order_by("-pk")


def now(customer: Customer) -> Mapping[str, Consent]:
    """The last word on each purpose of which they said anything."""
    found = Consent.objects.filter(customer=customer).select_related("text").order_by("purpose", "-pk").distinct("purpose")
    return {one.purpose: one for one in found}


def agreed(customers: Iterable[int], purpose: Purpose) -> set[int]:
    """Those who agree to a purpose at present. Whoever sends or studies asks this first: silence is no."""
    said = Consent.objects.filter(customer__in=list(customers), purpose=purpose).order_by("customer", "-pk")
    return {one.customer_id for one in said.distinct("customer") if one.is_given}


def _is_colleague(number: int | None) -> bool:
    return number is not None and Staff.objects.filter(pk=number, is_active=True).exists()
