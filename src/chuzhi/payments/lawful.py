"""What the law of the places where we are says against a way to be paid, before anybody is asked to pay by it."""

from django.utils import timezone

from chuzhi.core.packs import reading, rules
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store


def objection(method: int) -> PackRefused | None:
    """Virtual currency is refused while the pack of any open store refuses it: an order by web is of no one store."""
    if method != Method.CRYPTO:
        return None
    today, known = timezone.localdate(), reading.packs()
    chosen = Store.objects.filter(is_open=True).order_by("pack").values_list("pack", flat=True).distinct()
    broken = (rules.to_virtual_currency(known[pack], today) for pack in chosen if pack in known)
    return next((PackRefused(rule) for rule in broken if rule), None)
