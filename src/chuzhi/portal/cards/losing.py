"""The holder blocks a lost card on the account's own page: seen by masked numbers, done with one press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuzhi.core.errors import Refused
from chuzhi.portal.access import by_address, reporter_of, wallet_of
from chuzhi.wallets import cards, losses, moves
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport

LOST = "portal/cards/lost.html"


@by_address
@never_cache
@require_http_methods(["GET", "POST"])
def lost(request: HttpRequest, token: str) -> HttpResponse:
    """Blocking is all that this page does: a found card is shown in a store, or told by phone."""
    wallet, said = wallet_of(token), ""
    mine = cards.of(wallet).exclude(status=Card.Status.DEAD)
    if request.method == "POST":
        number = request.POST.get("card", "")
        card = get_object_or_404(mine, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
        told = Said(channel=CardReport.Channel.ONLINE, verified=CardReport.Verified.PAGE, reason=_("Reported on line"))
        try:
            losses.report(card=card, said=told, by=reporter_of(wallet))
            return redirect("portal:lost_card", token)
        except Refused as no:
            said = str(no)
    shown = [{"pk": card.pk, "number": f"•••• {card.number[-4:]}", "is_lost": card.status == Card.Status.LOST} for card in mine]
    context = {"wallet": wallet, "programme": moves.programme_of(wallet), "cards": shown, "said": said, "token": token}
    return render(request, LOST, context, status=422 if said else 200)
