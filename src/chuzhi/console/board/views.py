from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console.access import SIGNED_IN, StaffRequest, staff_can
from chuzhi.console.board.waiting import may_wait_for, waiting_for
from chuzhi.core.actors import Actor
from chuzhi.ledger import assets
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import drawer, shifts
from chuzhi.payments.counter.models import Shift
from chuzhi.till import takings
from chuzhi.till.takings import Takings

HOME = "console/board/home.html"


@dataclass(frozen=True, slots=True)
class Row:
    """The takings of one store; of none where it has no name."""

    store: str
    asset: str
    figures: Takings


@dataclass(frozen=True, slots=True)
class Today:
    """All that this person may see of today, for each asset, and store by store."""

    together: Sequence[Row]
    stores: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Drawer:
    """The drawer of the till where somebody works, when it needs them: no shift is open, or one from a day before (`shift`)."""

    shift: Shift | None


@staff_can(SIGNED_IN)
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    actor = request.actor
    context = {
        "now": timezone.localtime(),
        "today": _today(actor) if actor.may("wallets.view") else None,
        "may_wait": may_wait_for(actor),
        "desks": waiting_for(actor),
        "drawer": _drawer(request.till) if request.till and actor.may(drawer.USE) else None,
    }
    return render(request, HOME, context)


def _today(actor: Actor) -> Today:
    """Of the stores where this person works; what has no store is for whoever works in all of them."""
    start = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    found = [one for one in takings.between(start, start + timedelta(days=1)) if _is_theirs(one, actor)]
    names = dict(Store.objects.filter(pk__in={one.store for one in found if one.store}).values_list("pk", "name"))
    stores = [Row(names.get(one.store or 0, ""), assets.code(one.asset), one) for one in found]
    return Today([Row("", assets.code(one.asset), one) for one in takings.together(found)], stores)


def _is_theirs(one: Takings, actor: Actor) -> bool:
    return actor.stores is None if one.store is None else actor.works_in(one.store)


def _drawer(till: Till) -> Drawer | None:
    shift = shifts.open_at(till)
    if shift is None:
        return Drawer(None) if drawer.keeping_of(till.store).needs_shift else None
    return Drawer(shift) if timezone.localdate(shift.opened_at) < timezone.localdate() else None
