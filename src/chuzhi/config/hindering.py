"""What stands in the way of a top-up and is known only beside or above those who sell it."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from chuzhi.core import money
from chuzhi.refunds.models import RefundRequest
from chuzhi.risk.cases import WORK
from chuzhi.risk.models import Case
from chuzhi.topups.assisted.obstacles import Obstacle, Wish

DECIDE = "refunds.decide"


def refunds_asked(wish: Wish) -> Iterator[Obstacle]:
    """A balance that is asked back while more is to come in."""
    for request in RefundRequest.objects.filter(wallet=wish.wallet, status__in=RefundRequest.OPEN).order_by("pk"):
        amount = money.text(request.amount, request.currency)
        what = _("A balance refund of %(amount)s is under way, and holds the money.") % {"amount": amount}
        yield Obstacle(code="refund.under_way", subject=f"refund:{request.pk}", what=what, permission=DECIDE)


def suspicions(wish: Wish) -> Iterator[Obstacle]:
    """Open cases about the customer or the wallet. What they are about is told on their own pages."""
    about = Q(evidence__noted__wallet=wish.wallet)
    if wish.wallet.customer_id is not None:
        about |= Q(customer=wish.wallet.customer_id)
    for number in Case.objects.filter(about, closed_at=None).order_by("pk").values_list("pk", flat=True).distinct():
        what = _("Somebody looks into movements of this customer. Say nothing of it to them.")
        yield Obstacle(code="risk.open_case", subject=f"risk_case:{number}", what=what, permission=WORK)
