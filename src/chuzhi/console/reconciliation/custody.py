from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.core.packs import reporting
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.core.packs.rules import Pack
from chuzhi.finance import custody, queries
from chuzhi.finance.rules import Way

PAGE = "console/reconciliation/custody.html"


@staff_can("reconciliation.view")
@require_safe
def custody_page(request: StaffRequest) -> HttpResponse:
    """Pack by pack: what is wanted, what is there, and what came and went."""
    parts = [_part(request, pack) for pack in custody.packs()]
    context = {"parts": parts, "open_cases": queries.cases(request.actor).filter(closed_at=None).count()}
    return render(request, PAGE, context)


def _part(request: StaffRequest, pack: Pack) -> dict[str, object]:
    days = custody.days(request.actor, pack.id)
    share = next((rule for rule in reporting.shares(pack, timezone.localdate()) if days and rule.id == days[0].day.share), None)
    return {
        "pack": pack,
        "name": str(Worded(pack.name)),
        "accounts": custody.accounts(pack.id),
        "days": days,
        "told": next((each for each in days if each.balance is not None), None),
        "share": str(Told(share)) if share else "",
        "lines": custody.lines(request.actor, pack.id),
        "case": queries.cases(request.actor)
        .filter(movement__way=Way.CUSTODY, movement__number=pack.id, closed_at=None)
        .first(),
    }
