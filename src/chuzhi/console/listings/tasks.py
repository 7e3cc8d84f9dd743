"""What the worker does for lists."""

from django.utils import translation
from procrastinate.contrib.django import app

from chuzhi.console.listings.every import LISTINGS
from chuzhi.console.lists import asking, files
from chuzhi.core.errors import Refused
from chuzhi.organization import staff
from chuzhi.organization.lists import taking
from chuzhi.organization.lists.errors import NoLongerAllowed
from chuzhi.organization.lists.models import TakenList


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


def finish_unfinished() -> int:
    """For the clock: files whose worker may have been killed. Answers how many."""
    files_left = taking.unfinished()
    for number in files_left:
        take.defer(number=number)
    return len(files_left)
