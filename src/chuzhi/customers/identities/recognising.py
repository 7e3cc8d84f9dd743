"""An account of another channel is recognised: known, certain, likely, or somebody new; and taken off again.

Certain is only a phone number that the channel itself has verified. Whatever is less sure makes a record of its own and names
whom it may be, for a person to compare; made one, the two can be made two again for thirty days (`customers.merging`).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.customers import duplicates, profiles, queries
from chuzhi.customers.identities.errors import AccountNumberUnusable, ChannelUnusable, IdentityIsTheirOwn, IdentityUnknown
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.models import Customer
from chuzhi.customers.profiles import Given
from chuzhi.organization.authority import require

WRITE = "customers.edit"
LONGEST = 200
PHONE = "phone"
_CHANNEL, _NUMBER = re.compile(r"[a-z0-9][a-z0-9-]{0,19}"), re.compile(rf"[!-~]{{1,{LONGEST}}}")
How = Identity.How


class Confidence(StrEnum):
    """How sure it was whose account it is, the surest first."""

    KNOWN = "known"
    CERTAIN = "certain"
    LIKELY = "likely"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Recognised:
    identity: Identity
    confidence: Confidence


def visible_to(actor: Actor) -> QuerySet[Identity]:
    """Those of customers whom they may see."""
    seen = Exists(queries.visible_to(actor).filter(pk=OuterRef("customer")))
    return Identity.objects.filter(seen).select_related("perhaps").order_by("pk")


def beside(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The same customers, each with how many accounts they have elsewhere, as `own_identities`, without asking again."""
    mine = Identity.objects.filter(customer=OuterRef("pk")).order_by()
    count = mine.values("customer").annotate(count=Count("pk")).values("count")
    return customers.annotate(own_identities=Coalesce(Subquery(count), 0))


def of(customer: Customer, actor: Actor) -> QuerySet[Identity]:
    return visible_to(actor).filter(customer=customer)


def named(number: int, actor: Actor) -> Identity:
    """Raises IdentityUnknown."""
    found = visible_to(actor).filter(pk=number).first()
    if found is None:
        raise IdentityUnknown
    return found


@transaction.atomic
def recognise(
    *,
    channel: str,
    number: str,
    by: Actor,
    name: str = "",
    phone: str | None = None,
    is_phone_verified: bool = False,
    email: str | None = None,
    born_on: date | None = None,
) -> Recognised:
    """Whose account this is. Asked again, the answer is who was found first, whatever is said of them now.

    Refuses what is no channel, number, phone, e-mail address, name or birthday.
    """
    require(by, WRITE)
    if not _CHANNEL.fullmatch(channel):
        raise ChannelUnusable
    if not _NUMBER.fullmatch(number):
        raise AccountNumberUnusable
    _alone_with(channel, number)
    if known := _known(channel, number):
        return Recognised(known, Confidence.KNOWN)
    clean = profiles.cleaned(
        Given(name=name or _unnamed(channel, number), phone=phone or None, email=email or None, born_on=born_on)
    )
    owner = _by_phone(clean["phone"])
    if owner and is_phone_verified:
        return _attach(channel, number, owner, How.PHONE, name, by, Confidence.CERTAIN)
    likes = duplicates.like(name=clean["name"], email=clean["email"], born_on=born_on)
    perhaps = (owner, PHONE) if owner else next(((like.customer, str(like.why)) for like in likes), None)
    if owner:
        clean["phone"] = None  # it belongs to one record only
    record = profiles.register(by=by, **clean)
    return _attach(channel, number, record, How.OWN, name, by, Confidence.LIKELY if perhaps else Confidence.NEW, perhaps)


@transaction.atomic
def take_off(*, identity: Identity, by: Actor) -> Identity:
    """It is somebody else's: from now on of a record of its own. Refuses one whose record was made for it."""
    require(by, WRITE)
    found = Identity.objects.select_for_update(of=("self",)).select_related("customer").get(pk=identity.pk)
    if found.how == How.OWN and not _came_by_merge(found):
        raise IdentityIsTheirOwn
    before = found.customer_id
    name = found.name or _unnamed(found.channel, found.number)
    found.customer = profiles.register(by=by, name=name)
    found.how, found.perhaps, found.perhaps_why = How.STAFF, None, ""
    found.save(update_fields=["customer", "how", "perhaps", "perhaps_why"])
    audit.record("customer.identity_taken_off", f"customer:{before}", by=by, channel=found.channel, to=found.customer_id)
    return found


@transaction.atomic
def are_two(*, identity: Identity, by: Actor) -> Identity:
    """Who was thought to be the same person is somebody else."""
    require(by, WRITE)
    found = Identity.objects.select_for_update(of=("self",)).get(pk=identity.pk)
    if found.perhaps_id is not None:
        audit.record("customer.identity_of_another", f"customer:{found.customer_id}", by=by, other=found.perhaps_id)
        found.perhaps, found.perhaps_why = None, ""
        found.save(update_fields=["perhaps", "perhaps_why"])
    return found


def _alone_with(channel: str, number: str) -> None:
    """Of two who tell of one account at once, the second waits and finds what the first wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"identity {channel} {number}"])


def _known(channel: str, number: str) -> Identity | None:
    return Identity.objects.select_related("customer", "perhaps").filter(channel=channel, number=number).first()


def _by_phone(phone: str | None) -> Customer | None:
    marks = vault.latest().marks(phone, kind="phone") if phone else []
    return Customer.objects.filter(phone_mark__in=marks, withdrawn_at=None).first() if marks else None


def _attach(
    channel: str,
    number: str,
    customer: Customer,
    how: Identity.How,
    name: str,
    by: Actor,
    confidence: Confidence,
    perhaps: tuple[Customer, str] | None = None,
) -> Recognised:
    other, why = perhaps or (None, "")
    made = Identity.objects.create(
        channel=channel, number=number, customer=customer, how=how, name=name, perhaps=other, perhaps_why=why, made_by=by.label
    )
    subject = f"customer:{customer.pk}"
    audit.record("customer.identity_added", subject, by=by, channel=channel, confidence=str(confidence))
    return Recognised(made, confidence)


def _came_by_merge(identity: Identity) -> bool:
    """Whether the record that was made for it is part of another one now."""
    return identity.customer.merges.filter(undone_at=None, moved__identities__customer__contains=identity.pk).exists()


def _unnamed(channel: str, number: str) -> str:
    """What it is kept as, in no language."""
    return f"{channel} …{number[-4:]}"
