import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.core.errors import Refused
from chuzhi.portal import visitors
from chuzhi.portal.access import by_address, for_anybody
from chuzhi.portal.cards.forms import ApplicationForm
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.models import CardApplication

APPLY, STATUS = "portal/cards/apply.html", "portal/cards/application.html"


@for_anybody
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Ask for a card in one's own name. Sent twice, it is filed once."""
    form = ApplicationForm(request.POST or None, request.FILES or None)
    key = request.POST.get("key", "")[:60] or secrets.token_urlsafe(12)
    if form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "agrees"}
        try:
            made = reviewing.file(
                key=key,
                by=visitors.APPLICANT,
                language=get_language() or "",
                source=visitors.address_of(request) or "unknown",
                **said,
            )
            return redirect("portal:application", made.number)
        except Refused as no:
            form.add_error(next((name for name in form.fields if name.split("_")[0].rstrip("s") in no.code), None), str(no))
    return render(request, APPLY, {"form": form, "key": key}, status=422 if form.is_bound else 200)


@by_address
@never_cache
@require_safe
def status(request: HttpRequest, number: str) -> HttpResponse:
    """What became of it. Nothing personal is told again."""
    found = CardApplication.objects.select_related("programme", "card").filter(number=number[:32]).first()
    if found is None:
        raise Http404
    return render(request, STATUS, {"application": found, "ending": found.card.number[-4:] if found.card else ""})
