from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console.access import SIGNED_IN, StaffRequest, staff_can
from chuzhi.core.actors import Actor
from chuzhi.ledger import assets
from chuzhi.organization.models import Store
from chuzhi.till import takings
from chuzhi.till.takings import Takings

HOME = "console/board/home.html"


@dataclass(frozen=True, slots=True)
class Row:
    store: str
    asset: str
    figures: Takings


@staff_can(SIGNED_IN)
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    may_look = request.actor.may("wallets.view")
    return render(request, HOME, {"rows": _today(request.actor) if may_look else [], "may_look": may_look})


def _today(actor: Actor) -> list[Row]:
    """Today's takings of the stores this person works in."""
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = [one for one in takings.between(start, start + timedelta(days=1)) if actor.works_in(one.store)]
    names = dict(Store.objects.filter(pk__in={one.store for one in found}).values_list("pk", "name"))
    return [Row(names.get(one.store, ""), assets.code(one.asset), one) for one in found]
