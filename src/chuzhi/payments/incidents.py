"""What does not fit: looked into by somebody, and closed with a remark."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments.errors import RemarkMissing
from chuzhi.payments.models import Incident, Payment

CLOSE = "payments.refund"


def open_for(payment: Payment, *, kind: Incident.Kind, facts: Mapping[str, object]) -> bool:
    """A task about a payment, once a kind. Joins the caller's transaction; answers whether it is new."""
    _incident, is_new = Incident.objects.get_or_create(
        account=payment.account, kind=kind, number=payment.number, defaults={"payment": payment, "facts": dict(facts)}
    )
    return is_new


@transaction.atomic
def close(*, incident: Incident, remark: str, by: Actor) -> Incident:
    """Say what was found and done. Closed once; the first remark stays."""
    require(by, CLOSE)
    remark = "".join(each for each in remark if each.isprintable()).strip()[:200]
    if not remark:
        raise RemarkMissing
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if incident.closed_at is None:
        incident.closed_at, incident.closed_by, incident.remark = timezone.now(), by.label, remark
        incident.save(update_fields=["closed_at", "closed_by", "remark"])
        audit.record("payment_incident.closed", f"payment_incident:{incident.pk}", by=by, kind=incident.kind)
    return incident
