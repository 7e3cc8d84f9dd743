"""What the worker does for lists."""

from django.utils import translation
from procrastinate.contrib.django import app

from chuzhi.console.listings import acts
from chuzhi.console.listings.every import LISTINGS
from chuzhi.console.lists import asking, files
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization import staff
from chuzhi.organization.lists import acting, taking
from chuzhi.organization.lists.acting import Done
from chuzhi.organization.lists.errors import NoLongerAllowed
from chuzhi.organization.lists.models import BulkAct, BulkRow, TakenList


@app.task(pass_context=False)
def take(number: int) -> None:
    """Write a list that was asked for, as its owner would see it now. Written again if the worker before was killed."""
    taken = TakenList.objects.select_related("owner", "store").filter(pk=number, written_at=None, refusal="").first()
    if taken is None:
        return
    listing, by = LISTINGS[taken.listing], staff.actor_of(taken.owner, at=taken.store)
    try:
        if not (taken.owner.is_active and by.may(listing.permission) and by.may(taking.TAKE)):
            raise NoLongerAllowed
        with translation.override(taken.language):
            asked = asking.read(listing.seen_by(by), taking.query_of(taken))
            asked.form.full_clean()
            file = files.of(asked, taken.form, by, tell=lambda done: taking.tell(taken, done))
        taking.keep(taken, file.content, count=file.count)
    except Refused as no:
        taking.refuse(taken, no)


@app.task(pass_context=False)
def act(number: int) -> None:
    """Do an act to the rows that wait for it, or put back those that it was done to, as whoever asked for it may now."""
    under_way = BulkAct.objects.select_related("owner", "store").get(pk=number)
    asked, by = acts.ACTS[under_way.listing][under_way.kind], staff.actor_of(under_way.owner, at=under_way.store)
    may = under_way.owner.is_active and by.may(asked.permission) and by.may(acting.ACT)
    if under_way.state == BulkAct.State.RUNNING and asked.do:
        acting.go_on(under_way, asked.do if may else _refused, by)
    elif under_way.state == BulkAct.State.UNDOING and asked.put_back:
        acting.put_back(under_way, asked.put_back if may else _refused_back, by)


def _refused(_act: BulkAct, _subject: int, _by: Actor) -> Done | None:
    raise NoLongerAllowed


def _refused_back(_row: BulkRow, _by: Actor) -> None:
    raise NoLongerAllowed


def finish_unfinished() -> int:
    """For the clock: files and acts whose worker may have been killed. Answers how many."""
    files_left, acts_left = taking.unfinished(), acting.unfinished()
    for number in files_left:
        take.defer(number=number)
    for number in acts_left:
        act.defer(number=number)
    return len(files_left) + len(acts_left)
