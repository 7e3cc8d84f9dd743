"""Which kiosk is asking, and who stands before it. Its browser holds one credential and no session; the rest is known here."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from chuzhi.kiosk import kiosks, rules, visits
from chuzhi.kiosk.models import Kiosk, Visit

COOKIE, LIFETIME_SECONDS = "kiosk", 400 * 24 * 60 * 60
START, GONE = "kiosk:start", "portal/kiosk/gone.html"
PAGES = {
    Kiosk.Service.BALANCE: "kiosk:account",
    Kiosk.Service.TOP_UP: "kiosk:top_up",
    Kiosk.Service.STATEMENT: "kiosk:statement",
    Kiosk.Service.LOSS: "kiosk:loss",
}

P = ParamSpec("P")


class KioskRequest(HttpRequest):
    """A request of a kiosk; `visit` is set where somebody has given the number of a card."""

    kiosk: Kiosk
    visit: Visit


KioskView = Callable[Concatenate[KioskRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def at_kiosk(view: KioskView[P]) -> View[P]:
    """Only for the browser that is a kiosk; any other is told what it is not. Nothing of it is kept by the browser."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        kiosk = kiosks.known(request.COOKIES.get(COOKIE, "")[:100])
        if kiosk is None or kiosk.revoked_at:
            response = _away(request, kiosk)
        else:
            known = cast(KioskRequest, request)
            known.kiosk = kiosk
            response = view(known, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    update_wrapper(guarded, view)
    guarded.permission = "kiosk"  # type: ignore[attr-defined]  # read by tests/test_house.py: its credential is asked for here
    return guarded


def serving(service: str, *, proven: bool = False, stays: bool = True) -> Callable[[KioskView[P]], View[P]]:
    """For whoever came with a card, for a service that this kiosk offers; `proven`: and has shown that the card is theirs."""

    def gate(view: KioskView[P]) -> View[P]:
        def guarded(request: KioskRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            visit = visits.of(request.kiosk)
            if visit is None or not request.kiosk.offers(service):
                return away(request, START)
            if proven and not visit.proof:
                return away(request, "kiosk:proof")
            if stays:
                visits.stay(visit)
            request.visit = visit
            return view(request, *args, **kwargs)

        update_wrapper(guarded, view)
        return at_kiosk(guarded)

    return gate


def away(request: HttpRequest, name: str) -> HttpResponse:
    """To another page; a part of a page takes the whole of it there."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": reverse(name)})
    return redirect(name)


def remember(response: HttpResponse, credential: str) -> HttpResponse:
    """For the whole site: a browser that is a kiosk is nothing else (`config.doors`)."""
    response.set_cookie(
        COOKIE, credential, max_age=LIFETIME_SECONDS, httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def waiting(request: KioskRequest, seconds: int | None = None) -> dict[str, object]:
    """What every page of a kiosk shows: who it is, and how long it waits for a touch."""
    visit = getattr(request, "visit", None)
    return {
        "kiosk": request.kiosk,
        "visit": visit,
        "ending": visit.card.number[-4:] if visit else "",
        "idle_seconds": seconds or request.kiosk.idle_seconds,
        "letters": rules.ALPHABET[10:],
    }


def _away(request: HttpRequest, kiosk: Kiosk | None) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"HX-Redirect": reverse(START)})
    return render(request, GONE, {"kiosk": kiosk, "was_one": bool(request.COOKIES.get(COOKIE))}, status=403)
