"""The shop's own ceilings, and the tiers that some of them are for."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading
from chuzhi.customers.models import Customer
from chuzhi.limits.errors import LimitUnusable
from chuzhi.limits.models import Limit, LimitKind, Tier
from chuzhi.limits.rules import Channel, Scope
from chuzhi.organization.authority import require

MANAGE = "limits.manage"
VIEW = "wallets.view"
HOLDERS = ("named", "bearer")
METHODS = ("cash", "terminal", "bank", "wechat", "alipay", "stripe", "crypto")


def visible_to(actor: Actor) -> QuerySet[Limit]:
    rows = Limit.objects.select_related("customer").order_by("kind", "asset", "amount", "pk")
    return rows if actor.may(VIEW) else rows.none()


@transaction.atomic
def set_limit(*, kind: str, asset: str, amount: int, scope: Scope, by: Actor) -> Limit:
    """One ceiling of `amount` minor units for a scope; a second one for the same takes the place of the first."""
    require(by, MANAGE)
    _check(kind, asset, scope)
    customer = Customer.objects.get(pk=scope.customer) if scope.customer else None
    narrowed: dict[str, Any] = {name: str(getattr(scope, name)) for name in ("tier", "channel", "method", "holder", "pack")}
    limit, _is_new = Limit.objects.update_or_create(
        defaults={"amount": money.check(amount), "set_by": by.label}, kind=kind, asset=asset, customer=customer, **narrowed
    )
    facts = {"kind": kind, "asset": asset, "amount": amount, "customer": scope.customer} | narrowed
    audit.record("limit.set", f"limit:{limit.pk}", by=by, **facts)
    return limit


@transaction.atomic
def lift(*, limit: Limit, by: Actor) -> None:
    """The ceiling is gone; whatever else there is applies."""
    require(by, MANAGE)
    audit.record("limit.lifted", f"limit:{limit.pk}", by=by, kind=limit.kind, asset=limit.asset, amount=limit.amount)
    limit.delete()


@transaction.atomic
def put_in_tier(*, customer: Customer, code: str, by: Actor) -> None:
    """The tier that limits see; an empty code takes the customer out of any."""
    require(by, MANAGE)
    if code:
        Tier.objects.update_or_create(customer=customer, defaults={"code": code[:20]})
    else:
        Tier.objects.filter(customer=customer).delete()
    audit.record("limit.tier", f"customer:{customer.pk}", by=by, tier=code[:20])


def tier_of(customer: int | None) -> str:
    return Tier.objects.filter(customer=customer).values_list("code", flat=True).first() or "" if customer else ""


def _check(kind: str, asset: str, scope: Scope) -> None:
    """Refuse what no top-up could ever be, by the name of what is wrong."""
    known = {
        "kind": kind in LimitKind.values,
        "asset": 0 < len(asset) <= 40,
        "tier": len(scope.tier) <= 20,
        "channel": not scope.channel or scope.channel in list(Channel),
        "method": not scope.method or scope.method in METHODS,
        "holder": not scope.holder or scope.holder in HOLDERS,
        "pack": not scope.pack or scope.pack in reading.packs(),
        "customer": scope.customer is None or Customer.objects.filter(pk=scope.customer).exists(),
    }
    for field, is_right in known.items():
        if not is_right:
            raise LimitUnusable(field=field)
