from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuzhi.core.errors import Refused
from chuzhi.portal import visitors
from chuzhi.portal.access import for_anybody
from chuzhi.portal.cards.forms import CodeForm
from chuzhi.portal.recharge import devices
from chuzhi.wallets.vouchers import looking
from chuzhi.wallets.vouchers.errors import TooManyTries

BALANCE = "portal/cards/balance.html"


@for_anybody
@never_cache
@require_http_methods(["GET", "POST"])
def balance(request: HttpRequest) -> HttpResponse:
    """What is on a card. One answer for every card that cannot be redeemed; tries count together with those to redeem."""
    form, seen, status = CodeForm(request.POST or None), None, 422 if request.method == "POST" else 200
    device = devices.known(request)
    if form.is_valid():
        try:
            seen = looking.balance(
                number=form.cleaned_data["number"], secret=form.cleaned_data["secret"], source=visitors.address_of(request),
                device=devices.mark(device), by=visitors.ANYBODY,
            )  # fmt: skip
            status = 200
        except Refused as no:
            form.add_error("secret", str(no))
            status = 429 if isinstance(no, TooManyTries) else 422
    return devices.remember(render(request, BALANCE, {"form": form, "seen": seen}, status=status), device)
