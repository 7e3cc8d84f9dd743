"""Asking once more who is there, before an act that is worth it.

`asked` answers with a page while nobody has shown for long enough that it is they. The page keeps what was sent, passwords
aside, and sends it again with the proof, to the same address: nothing is lost, and nothing was done before. A view asks
right before its command.
"""

import json
import time
from collections.abc import Callable
from functools import update_wrapper
from typing import ParamSpec
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from chuzhi.console.access import StaffRequest, StaffView
from chuzhi.console.session import attempts
from chuzhi.console.session.forms import PasskeyForm, PresentPasswordForm, SecondFactorForm
from chuzhi.core import audit
from chuzhi.core.errors import Refused
from chuzhi.organization import confirmations, second_factors
from chuzhi.organization.models import Staff

PAGE = "console/security/confirm.html"
OPENED = "confirming-what-was-opened"
PROOF = {"confirming", OPENED, "password-proof", "code-proof", "credential", "csrfmiddlewaretoken"}
"""What the page adds to the form that it keeps."""

P = ParamSpec("P")


def confirmed(act: str, *, opening: bool = False) -> Callable[[StaffView[P]], StaffView[P]]:
    """For views that are such an act when a form is sent, or already when they are opened. Stands right below `staff_can`."""

    def gate(view: StaffView[P]) -> StaffView[P]:
        def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            page = asked(request, act) if opening or request.method == "POST" else None
            return page or view(request, *args, **kwargs)

        update_wrapper(guarded, view)
        return guarded

    return gate


def asked(request: StaffRequest, act: str, amount: int = 0) -> HttpResponse | None:
    """The page that asks, or nothing if there is no need to. Whoever has neither password nor factor is not asked."""
    rule = confirmations.rule_of(act)
    if not rule.holds(amount) or is_fresh(request, rule.minutes) or not _has_proof(request.user):
        return redirect(request.get_full_path()) if request.POST.get(OPENED) else None
    if request.headers.get("HX-Request") == "true":
        back = urlsplit(request.headers.get("HX-Current-URL", "")).path
        address = f"{reverse('console:confirm', args=[act])}?{urlencode({'next': back})}"
        return HttpResponse(headers={"HX-Redirect": address})
    return _page(request, act)


def is_fresh(request: StaffRequest, minutes: int) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < minutes * 60 for record in records)


def _page(request: StaffRequest, act: str) -> HttpResponse | None:
    person, proof = request.user, request.POST.get("confirming")
    password, code, passkey = PresentPasswordForm(prefix="password"), SecondFactorForm(user=person), PasskeyForm(user=person)
    if proof == "password":
        password = PresentPasswordForm(request.POST, prefix="password")
        if password.is_valid() and _is_password(request, password):
            return _go_on(request, act, "password")
    elif proof == "code":
        code = SecondFactorForm({"code": request.POST.get("code-proof", "")}, user=person)
        if code.is_valid():
            code.save()
            return _go_on(request, act, code.authenticator.type)
    elif proof == "passkey":
        passkey = PasskeyForm(request.POST, user=person)
        if passkey.is_valid():
            passkey.save()
            return _go_on(request, act, second_factors.PASSKEY)
    types = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    context = {
        "password": password if person.has_usable_password() else None,
        "code": code if types - {second_factors.PASSKEY} else None,
        "passkey": passkey,
        "options": json.dumps(webauthn.begin_authentication(person)) if second_factors.PASSKEY in types else "",
        "kept": [(name, value) for name, values in request.POST.lists() if _is_kept(name) for value in values],
        "is_read": request.method == "GET" or bool(request.POST.get(OPENED)),
    }
    return render(request, PAGE, context, status=422 if proof else 200)


def _is_kept(name: str) -> bool:
    """A password that was typed is not written into a page: a second person signs again."""
    return name not in PROOF and "password" not in name


def _go_on(request: StaffRequest, act: str, proof: str) -> HttpResponse | None:
    """A page that was only opened is opened again; a form that was sent goes on from here."""
    audit.record("session.confirmed", f"staff:{request.user.pk}", by=request.actor, act=act, proof=str(proof))
    return redirect(request.get_full_path()) if request.POST.get(OPENED) else None


def _is_password(request: StaffRequest, form: PresentPasswordForm) -> bool:
    try:
        attempts.check(request, username=request.user.username, password=form.cleaned_data["proof"])
    except Refused as no:
        form.add_error("proof", str(no))
        return False
    record_authentication(request, request.user, method="password", reauthenticated=True)
    return True


def _has_proof(person: Staff) -> bool:
    return person.has_usable_password() or second_factors.has_one(person)
