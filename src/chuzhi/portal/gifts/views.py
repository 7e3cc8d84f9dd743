"""The page behind a gift's link: what somebody gives, and how to take it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import LedgerRefused
from chuzhi.portal import visitors
from chuzhi.portal.access import by_address
from chuzhi.portal.gifts.forms import TakeForm
from chuzhi.wallets import moves, scopes
from chuzhi.wallets.giving import links
from chuzhi.wallets.giving.errors import GiftLinkUnknown, GiftOver, GiftTaken
from chuzhi.wallets.giving.models import GiftLink

GIFT = "portal/gifts/gift.html"


@by_address
@never_cache
@require_http_methods(["GET", "POST"])
def gift(request: HttpRequest, token: str) -> HttpResponse:
    """Sent twice, it is taken once. Nothing of the taker's own record is shown: only the address was proven."""
    try:
        found = links.by_token(token)
    except GiftLinkUnknown:
        raise Http404 from None
    form, is_mine, is_there = TakeForm(request.POST or None), False, True
    if form.is_valid():
        try:
            given = {name: form.cleaned_data[name] for name in ("phone", "name")}
            found, is_mine = links.take(gift=found, key=given["phone"], by=visitors.TAKER, **given), True
        except (GiftTaken, GiftOver):
            is_there = False
            found.refresh_from_db()
        except LedgerRefused:
            form.add_error("phone", _("It cannot be put into this account now. Ask the shop."))
        except Refused as no:
            form.add_error("name" if "name" in no.code else "phone", str(no))
    programme = moves.programme_of(found.wallet)
    context = {
        "gift": found, "programme": programme, "form": form, "is_mine": is_mine,
        "can_be_taken": is_there and found.state == GiftLink.State.OPEN and not found.is_over,
        "scope": scopes.of(programme.terms()).said,
    }  # fmt: skip
    return render(request, GIFT, context, status=422 if form.errors else 200)
