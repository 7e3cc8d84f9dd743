"""Who is asking, from which till, and may they: the gate in front of every staff page.

Each view says what it needs with `staff_can`, or that anybody may come with `public`; a test walks the addresses and
fails for a view that says neither.
"""

import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization import devices, passwords, second_factors, staff, stores
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.organization.roles import PERMISSIONS

SIGNED_IN = "signed_in"
"""Asked for by pages that everybody who works here may use."""

SEEN, SEEN_SECONDS = "seen_at", 5 * 60
"""How exactly we know when a device was last seen: to know better would cost a write for each page."""
_STORE, _TILL = "workplace_store", "workplace_till"

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request that has passed the gate: `store` and `till` are where the person has chosen to work, if they have."""

    user: Staff
    actor: Actor
    store: Store | None
    till: Till | None


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def staff_can(permission: str, *, setting_up: bool = False) -> Callable[[StaffView[P]], View[P]]:
    """Let in staff who have the permission where they work now; send strangers to sign in and colleagues to a clear no.

    Whoever has to set up a second factor or a new password first gets no further than the pages of `setting_up`.
    """
    if permission not in PERMISSIONS and permission != SIGNED_IN:
        raise KeyError(permission)

    def gate(view: StaffView[P]) -> View[P]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not isinstance(request.user, Staff):
                return to_sign_in(request)
            known = cast(StaffRequest, request)
            translation.activate(known.user.language)
            _recognise(known)
            if not setting_up and (first := _to_do_first(known.user)):
                return _go(known, reverse(first))
            if permission != SIGNED_IN and not known.actor.may(permission):
                return forbid(known, permission)
            response = view(known, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        update_wrapper(guarded, view)
        guarded.permission = permission  # type: ignore[attr-defined]  # read by tests/test_house.py
        return guarded

    return gate


def at_till(view: StaffView[P]) -> StaffView[P]:
    """For pages that take money: whoever has not chosen a till yet chooses one first. Stands below `staff_can`."""

    def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.till is None:
            return _go(request, f"{reverse('console:workplace')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    update_wrapper(guarded, view)
    return guarded


def public(view: View[P]) -> View[P]:
    """Mark a page that needs no sign-in, so that its being open is a decision and not an oversight."""
    view.public = True  # type: ignore[attr-defined]  # read by tests/test_house.py
    return view


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the fields sent, even if there are none; nothing when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def work_at(request: StaffRequest, store: Store, till: Till | None) -> None:
    """Remember in the session where the person works from now on."""
    request.session[_STORE], request.session[_TILL] = store.pk, till.pk if till else None


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back here afterwards. htmx is told to change the page, not to put a form into a fragment."""
    back = request.get_full_path() if request.method == "GET" and not _is_htmx(request) else reverse("console:start")
    return _go(request, f"{reverse('console:sign_in')}?{urlencode({'next': back})}", status=401)


def forbid(request: StaffRequest, permission: str) -> HttpResponse:
    """A no that says which permission is missing, and leaves a trace."""
    page = request.resolver_match.view_name if request.resolver_match else request.path
    audit.record("access.refused", f"page:{page}"[:80], by=request.actor, permission=permission)
    return render(request, "console/session/forbidden.html", {"permission": PERMISSIONS[permission]}, status=403)


def _recognise(request: StaffRequest) -> None:
    prefetch_related_objects([request.user], "assignments")
    if time.time() - request.session.get(SEEN, 0) > SEEN_SECONDS:
        request.session[SEEN] = time.time()
        devices.touch(request.session.session_key or "")
    request.store, request.till = _workplace(request)
    request.actor = staff.actor_of(request.user, at=request.store)


def _to_do_first(person: Staff) -> str | None:
    """The page somebody has to be done with before any other."""
    if second_factors.is_missing(person):
        return "console:security"
    return "console:password" if passwords.is_too_old(person) else None


def _workplace(request: StaffRequest) -> tuple[Store | None, Till | None]:
    """What the session remembers, if it still is open and still is the person's to work at."""
    store, till = request.session.get(_STORE), request.session.get(_TILL)
    if not store:
        return None, None
    places = stores.workplaces(request.user).filter(pk=store)
    at_till = Till.objects.filter(pk=till, is_open=True, store__in=places).select_related("store").first() if till else None
    return (at_till.store, at_till) if at_till else (places.first(), None)


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _go(request: HttpRequest, address: str, status: int = 200) -> HttpResponse:
    if _is_htmx(request):
        return HttpResponse(status=status, headers={"HX-Redirect": address})
    return redirect(address)
