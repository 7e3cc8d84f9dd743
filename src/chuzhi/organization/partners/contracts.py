"""Partners are taken on, given terms, suspended at once, and let go."""

from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.organization import twins
from chuzhi.organization.authority import require
from chuzhi.organization.partners.errors import AlreadyEnded, LocationTaken, PartnerCodeTaken, PartnerUnknown, TermsUnusable
from chuzhi.organization.partners.models import Partner, PartnerIncident, PartnerLocation, PartnerTerms
from chuzhi.organization.partners.rules import TEN_THOUSAND, Contract

MANAGE, VIEW = "partners.manage", "partners.view"


class Agreed(TypedDict, total=False):
    """What terms may say; what is absent is as `PartnerTerms` has it by default."""

    contract: str
    credit_limit: int
    commission: int
    most_a_day: int | None
    most_per_top_up: int | None
    busy_from: int
    ends_on: date | None


def visible_to(actor: Actor) -> QuerySet[Partner]:
    """For those of the merchant. A partner's own people come in by `logins.partner_of`."""
    return Partner.objects.order_by("code") if actor.may(VIEW) else Partner.objects.none()


def in_force(partner: Partner) -> Contract:
    return decided(partner.terms.order_by("-version")[0])


def decided(terms: PartnerTerms) -> Contract:
    return Contract(
        credit_limit=terms.credit_limit,
        commission=terms.commission,
        most_a_day=terms.most_a_day,
        most_per_top_up=terms.most_per_top_up,
        busy_from=terms.busy_from,
        ends_on=terms.ends_on,
    )


@transaction.atomic(durable=True)
def add(
    *,
    code: str,
    name: str,
    by: Actor,
    currency: str = "CNY",
    contact: str = "",
    phone: str | None = None,
    **agreed: Unpack[Agreed],
) -> Partner:
    """A partner with the first version of its terms, and nothing in its float."""
    require(by, MANAGE)
    money.exponent(currency)
    with twins.refused(PartnerCodeTaken(given=code)):
        partner = Partner.objects.create(code=code, name=name, currency=currency, contact=contact, phone=phone or None)
    _add_version(partner, 1, by, agreed)
    audit.record("partner.added", subject(partner), by=by, code=code)
    return partner


@transaction.atomic(durable=True)
def change(*, partner: Partner, name: str, contact: str, phone: str | None, by: Actor) -> Partner:
    require(by, MANAGE)
    partner = locked(partner.pk)
    partner.name, partner.contact, partner.phone = name, contact, phone or None
    partner.save(update_fields=["name", "contact", "phone"])
    audit.record("partner.changed", subject(partner), by=by)
    return partner


@transaction.atomic(durable=True)
def revise(*, partner: Partner, by: Actor, **agreed: Unpack[Agreed]) -> PartnerTerms:
    """New terms from now on: the whole of them, what is not given falls back to the default."""
    require(by, MANAGE)
    partner = locked(partner.pk)
    last = partner.terms.order_by("-version").values_list("version", flat=True)[0]
    terms = _add_version(partner, last + 1, by, agreed)
    audit.record("partner.revised", subject(partner), by=by, version=terms.version)
    return terms


@transaction.atomic(durable=True)
def suspend(*, partner: Partner, reason: str, by: Actor) -> Partner:
    """From this moment nobody of this partner credits anybody, whatever session or key they hold."""
    require(by, "partners.settle")
    return _become(partner, Partner.Status.SUSPENDED, reason, by)


@transaction.atomic(durable=True)
def resume(*, partner: Partner, by: Actor) -> Partner:
    require(by, MANAGE)
    return _become(partner, Partner.Status.ACTIVE, "", by)


@transaction.atomic(durable=True)
def end(*, partner: Partner, reason: str, by: Actor) -> Partner:
    """For good. What is left in its float can still be paid out."""
    require(by, MANAGE)
    return _become(partner, Partner.Status.ENDED, reason, by)


@transaction.atomic(durable=True)
def add_location(*, partner: Partner, name: str, by: Actor, address: str = "") -> PartnerLocation:
    require(by, MANAGE)
    with twins.refused(LocationTaken(name=name)):
        place = PartnerLocation.objects.create(partner=partner, name=name, address=address)
    audit.record("partner.location_added", subject(partner), by=by, name=name)
    return place


@transaction.atomic(durable=True)
def note_incident(*, partner: Partner, kind: PartnerIncident.Kind, note: str, by: Actor) -> PartnerIncident:
    """A complaint or a mistake, which its quality is judged by."""
    require(by, "partners.settle")
    incident = PartnerIncident.objects.create(partner=partner, kind=kind, note=note, made_by=by.label)
    audit.record("partner.incident", subject(partner), by=by, kind=str(kind))
    return incident


def locked(number: int) -> Partner:
    """The partner, and nobody else's until this transaction ends."""
    found = Partner.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise PartnerUnknown
    return found


def subject(partner: Partner) -> str:
    return f"partner:{partner.pk}"


def _become(partner: Partner, status: Partner.Status, reason: str, by: Actor) -> Partner:
    partner = locked(partner.pk)
    if partner.status == Partner.Status.ENDED and status != Partner.Status.ENDED:
        raise AlreadyEnded
    if partner.status != status:
        partner.status, partner.status_reason = status, reason
        partner.save(update_fields=["status", "status_reason"])
        audit.record(f"partner.{status}", subject(partner), by=by, reason=reason)
    return partner


def _add_version(partner: Partner, version: int, by: Actor, agreed: Agreed) -> PartnerTerms:
    _check(agreed)
    return PartnerTerms.objects.create(partner=partner, version=version, made_by=by.label, **agreed)


def _check(agreed: Agreed) -> None:
    """Refuse what the table would not take, by the name of what is wrong."""
    bounds = {"credit_limit": 0, "commission": 0, "most_a_day": 1, "most_per_top_up": 1, "busy_from": 1}
    most = {"commission": TEN_THOUSAND, "busy_from": 10**6}
    for name, least in bounds.items():
        given = agreed.get(name)
        if given is not None and not (isinstance(given, int) and least <= given <= most.get(name, money.LARGEST)):
            raise TermsUnusable(field=name)
