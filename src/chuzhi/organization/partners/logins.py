"""A partner's people and programs: they can top up, look at their own statement, and nothing else."""

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization import invitations, keys
from chuzhi.organization.authority import require
from chuzhi.organization.models import ApiKey, Staff
from chuzhi.organization.partners.contracts import MANAGE, subject
from chuzhi.organization.partners.errors import NotAPartner
from chuzhi.organization.partners.models import Partner, PartnerKey, PartnerLogin
from chuzhi.organization.roles import PARTNER, Grant

TOP_UP = "partners.top_up"
SCOPE = "partner:topup"


@transaction.atomic(durable=True)
def invite(*, partner: Partner, base_url: str, by: Actor) -> str:
    """A one-time link: whoever comes in by it works for this partner."""
    require(by, MANAGE)
    link, invitation = invitations.promise(grants=[Grant(PARTNER)], base_url=base_url, by=by)
    PartnerLogin.objects.create(partner=partner, invitation=invitation)
    audit.record("partner.login_invited", subject(partner), by=by, invitation=invitation.pk)
    return link


@transaction.atomic(durable=True)
def add_key(*, partner: Partner, name: str, by: Actor) -> tuple[ApiKey, str]:
    """A key and its secret, which is shown this once."""
    require(by, MANAGE)
    key, secret = keys.make(name=name, scopes=[SCOPE], by=by)
    PartnerKey.objects.create(partner=partner, key=key)
    audit.record("partner.key_added", subject(partner), by=by, key=key.pk)
    return key, secret


@transaction.atomic(durable=True)
def revoke_key(*, partner: Partner, key: int, by: Actor) -> None:
    require(by, MANAGE)
    found = PartnerKey.objects.select_related("key").filter(partner=partner, key=key).first()
    if found is not None:
        keys.end(key=found.key, by=by)


def people(partner: Partner) -> QuerySet[Staff]:
    return Staff.objects.filter(came_by__partner_login__partner=partner).order_by("name", "pk")


def partner_of(actor: Actor) -> Partner:
    """The partner that this actor works for. Raises NotAPartner for everybody else."""
    require(actor, TOP_UP)
    if actor.kind is ActorKind.STAFF:
        found = Partner.objects.filter(logins__invitation__made=actor.id).first()
    elif actor.kind is ActorKind.KEY:
        found = Partner.objects.filter(keys__key=actor.id).first()
    else:
        found = None
    if found is None:
        raise NotAPartner
    return found
