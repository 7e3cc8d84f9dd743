"""Language, card, proof, and the end of it."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.core.errors import Refused
from chuzhi.kiosk import visits
from chuzhi.kiosk.errors import ServiceNotOffered, TooManyAtTheKiosk, TooManyCodes, TooManyForTheCard
from chuzhi.kiosk.models import Kiosk
from chuzhi.portal.kiosk.access import PAGES, START, KioskRequest, at_kiosk, away, waiting
from chuzhi.portal.kiosk.forms import CodeForm, NumberForm

CHOOSE, CARD, PROOF = (f"portal/kiosk/{name}.html" for name in ("start", "card", "proof"))
ICONS = {
    Kiosk.Service.BALANCE: "wallet",
    Kiosk.Service.TOP_UP: "plus",
    Kiosk.Service.STATEMENT: "file-text",
    Kiosk.Service.LOSS: "ban",
}
STOPPED = (TooManyAtTheKiosk, TooManyForTheCard, TooManyCodes)


@at_kiosk
@require_safe
def start(request: KioskRequest) -> HttpResponse:
    """What this screen offers, in two languages. Whoever has given a card chooses what to do next."""
    if visit := visits.of(request.kiosk):
        visits.stay(visit)
        request.visit = visit
    offered = [(one, Kiosk.Service(one).label, ICONS[Kiosk.Service(one)]) for one in request.kiosk.services]
    is_touched = visit is not None or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return render(request, CHOOSE, waiting(request) | {"offered": offered, "is_touched": is_touched})


@at_kiosk
@require_POST
def language(request: KioskRequest) -> HttpResponse:
    """For whoever stands here now; the next one finds the shop's."""
    response, wanted = redirect(START), request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@at_kiosk
@require_http_methods(["GET", "POST"])
def card(request: KioskRequest, service: str) -> HttpResponse:
    """Scan or type the number. Whoever has done it goes straight on."""
    visit = visits.of(request.kiosk)
    try:
        if not request.kiosk.offers(service):
            raise ServiceNotOffered
        if visit is not None and request.method == "GET":
            visits.turn_to(visit, service)
            return redirect(PAGES[Kiosk.Service(service)])
    except ServiceNotOffered:
        return redirect(START)
    form, status = NumberForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = 422
    if form.is_valid():
        try:
            visits.begin(kiosk=request.kiosk, number=form.cleaned_data["number"], service=service)
            return redirect(PAGES[Kiosk.Service(service)])
        except Refused as no:
            form.add_error("number", str(no))
            status = 429 if isinstance(no, STOPPED) else 422
    context = {"form": form, "service": Kiosk.Service(service).label, "is_loss": service == Kiosk.Service.LOSS}
    return render(request, CARD, waiting(request) | context, status=status)


@at_kiosk
@require_http_methods(["GET", "POST"])
def proof(request: KioskRequest) -> HttpResponse:
    """A code to the address on file (`do=send`), or the code of a receipt. One field takes either."""
    visit = visits.of(request.kiosk)
    if visit is None:
        return away(request, START)
    visits.stay(visit)
    request.visit = visit
    is_sending = request.POST.get("do") == "send"
    form, status = CodeForm(request.POST if request.method == "POST" and not is_sending else None), 200
    try:
        if is_sending:
            visits.send_code(visit)
            return redirect("kiosk:proof_sent")
        if form.is_valid():
            visits.prove(visit, code=form.cleaned_data["code"])
            return redirect(PAGES[Kiosk.Service(visit.service)])
        status = 422 if form.is_bound else 200
    except Refused as no:
        status = 429 if isinstance(no, STOPPED) else 422
        form = form if form.is_bound else CodeForm({"code": ""})
        form.full_clean()
        form.errors.clear()
        form.add_error("code", str(no))
    is_sent = request.resolver_match is not None and request.resolver_match.url_name == "proof_sent"
    return render(request, PROOF, waiting(request) | {"form": form, "is_sent": is_sent}, status=status)


@at_kiosk
@require_POST
def stay(request: KioskRequest) -> HttpResponse:
    """The screen was touched without sending anything."""
    visit = visits.of(request.kiosk)
    if visit is not None:
        visits.stay(visit)
    return HttpResponse(status=204 if visit else 410)


@at_kiosk
@require_POST
def finish(request: KioskRequest) -> HttpResponse:
    visits.finish(request.kiosk)
    response = redirect(START)
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    response["Clear-Site-Data"] = '"cache"'
    return response
