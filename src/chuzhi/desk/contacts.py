"""A phone or an address that a customer gives is shown to be theirs: by a code that is sent to it, a call, or a document.

What was shown holds for that very value: once the detail changes, it is not shown any more.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chuzhi.core import audit, sentcodes
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer, FieldChange
from chuzhi.desk.contact_models import ContactCode, VerifiedContact
from chuzhi.desk.errors import CodeNotSent, CodesSpent, ContactMissing, ContactProofUnusable, WrongCode
from chuzhi.desk.telling import CODE
from chuzhi.messaging import outbox
from chuzhi.organization.authority import require

WRITE = "customers.edit"
Contact, How = VerifiedContact.Contact, VerifiedContact.How
PURPOSE = "chuzhi.desk.contacts"
MOST_WRONG, MOST_SENT, WITHIN = 5, 3, timedelta(hours=1)


def now(customer: Customer) -> Mapping[str, VerifiedContact]:
    """What is shown to be theirs at present, by contact: the latest proof since the detail last changed."""
    since = FieldChange.objects.filter(customer=customer, field=OuterRef("contact"), at__gt=OuterRef("at"))
    proofs = VerifiedContact.objects.filter(~Exists(since), customer=customer).order_by("id")
    return {proof.contact: proof for proof in proofs if _value(customer, proof.contact)}


@transaction.atomic
def send_code(*, customer: Customer, by: Actor) -> ContactCode:
    """To their e-mail address. The code sent before opens nothing any more."""
    require(by, WRITE)
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if not customer.email or customer.withdrawn_at:
        raise ContactMissing
    at = timezone.now()
    if ContactCode.objects.filter(customer=customer, sent_at__gt=at - WITHIN).count() >= MOST_SENT:
        raise CodesSpent
    code = sentcodes.fresh()
    sent = ContactCode.objects.create(
        customer=customer,
        code_hash=sentcodes.seal(PURPOSE, customer.pk, code),
        sent_by=by.label,
        sent_at=at,
        ends_at=at + sentcodes.LIFETIME,
    )
    minutes = str(sentcodes.LIFETIME // timedelta(minutes=1))
    outbox.tell(
        kind=CODE,
        facts={"minutes": minutes},
        secrets={"code": code},
        subject=f"contact_code:{sent.pk}",
        customer=customer,
        by=by,
    )
    audit.record("customer.code_sent", f"customer:{customer.pk}", by=by)
    return sent


def verify_by_code(*, customer: Customer, code: str, by: Actor) -> VerifiedContact:
    """What the customer read out is the code that was sent last. Raises CodeNotSent, WrongCode; a wrong one counts."""
    proof = _tried(customer, code, by)
    if proof is None:
        raise WrongCode
    return proof


@transaction.atomic
def verify(*, customer: Customer, contact: str, how: str, by: Actor) -> VerifiedContact:
    """Whoever serves them has seen or heard it. A code proves itself: see `verify_by_code`."""
    require(by, WRITE)
    if contact not in Contact.values or how not in {How.CALL, How.DOCUMENT} or (how == How.CALL and contact != Contact.PHONE):
        raise ContactProofUnusable
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if not _value(customer, contact):
        raise ContactMissing
    return _verified(customer, contact, how, by)


@transaction.atomic
def _tried(customer: Customer, code: str, by: Actor) -> VerifiedContact | None:
    """Ends well either way, so that a wrong try is counted whatever becomes of the request."""
    require(by, WRITE)
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    sent = ContactCode.objects.filter(customer=customer).order_by("-pk").first()
    if (
        sent is None
        or sent.used_at
        or sent.wrong >= MOST_WRONG
        or sent.ends_at <= timezone.now()
        or _has_changed(customer, sent)
    ):
        raise CodeNotSent
    if not sentcodes.opens(sent.code_hash, PURPOSE, customer.pk, code):
        sent.wrong += 1
        sent.save(update_fields=["wrong"])
        return None
    sent.used_at = timezone.now()
    sent.save(update_fields=["used_at"])
    return _verified(customer, Contact.EMAIL, How.CODE, by)


def _verified(customer: Customer, contact: str, how: str, by: Actor) -> VerifiedContact:
    proof = VerifiedContact.objects.create(customer=customer, contact=contact, how=how, by=by.label)
    audit.record("customer.contact_verified", f"customer:{customer.pk}", by=by, contact=str(contact), how=str(how))
    return proof


def _has_changed(customer: Customer, sent: ContactCode) -> bool:
    return FieldChange.objects.filter(customer=customer, field=Contact.EMAIL, at__gt=sent.sent_at).exists()


def _value(customer: Customer, contact: str) -> str | None:
    found: str | None = customer.phone if contact == Contact.PHONE else customer.email
    return found
