import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.core.errors import Refused
from chuzhi.payments import accounts, agreements
from chuzhi.payments.errors import ChargesNobodyLater
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.portal.access import by_address, payer_of, wallet_of
from chuzhi.portal.automatic.forms import MandateForm
from chuzhi.portal.recharge import devices
from chuzhi.portal.wording import sentence
from chuzhi.topups import automatic, mandates
from chuzhi.topups.mandate_texts import CURRENT, TEXTS
from chuzhi.topups.models import Mandate
from chuzhi.wallets import moves

AGREE, MANDATE = "portal/automatic/agree.html", "portal/automatic/mandate.html"


@by_address
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """Set it up: when, how much, at most, with which means, and the text. Nothing is charged by this."""
    wallet = wallet_of(token)
    programme = moves.programme_of(wallet)
    form = MandateForm(request.POST or None, currency=programme.asset_code)
    key = request.POST.get("key", "")[:60] or secrets.token_urlsafe(12)
    means = _means(programme.asset_code)
    if form.is_valid():
        account = next((each for each in means if str(each.pk) == request.POST.get("account")), None)
        given = {name: value for name, value in form.cleaned_data.items() if name != "agrees"}
        try:
            if account is None:
                raise ChargesNobodyLater
            mandate = mandates.agree(
                wallet=wallet, account=account, text_version=_version(request), key=key, by=payer_of(wallet), **given
            )
            return redirect("portal:mandate", mandate.number)
        except Refused as no:
            form.add_error(None, sentence(no, programme.asset_code))
    context = {
        "wallet": wallet,
        "programme": programme,
        "form": form,
        "key": key,
        "means": means,
        "text": TEXTS[CURRENT],
        "version": CURRENT,
    }
    return render(request, AGREE, context, status=422 if form.is_bound else 200)


@by_address
@require_safe
def mandate(request: HttpRequest, number: str) -> HttpResponse:
    """What comes next, the whole story, and the way to stop it."""
    found = _named(number)
    if found.stage == Mandate.Stage.WAITING and found.agreement and not found.agreement.started:
        back = request.build_absolute_uri(reverse("portal:mandate", args=[number]))
        scene = Scene.PHONE if Scene.PHONE in devices.scenes(request) else Scene.PAGE
        found = mandates.confirm(found, scene=scene, return_url=back)
    if found.stage == Mandate.Stage.WAITING and found.agreement and "back" in request.GET:
        agreements.ask(found.agreement)
        found = _named(number)
    context = {
        "mandate": found,
        "wallet": found.wallet,
        "programme": moves.programme_of(found.wallet),
        "currency": found.account.currency,
        "next": automatic.upcoming(found) if found.stage == Mandate.Stage.ACTIVE else None,
        "text": TEXTS[found.text_version],
        "events": found.events.order_by("-pk")[:100],
        "go_on": found.agreement.started.get("url", "") if found.agreement else "",
        "stand_in": accounts.stand_in_of(found.account),
    }
    return render(request, MANDATE, context)


@by_address
@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """One tap, at once, for good."""
    found = _named(number)
    mandates.stop(mandate=found, by=payer_of(found.wallet))
    return redirect("portal:mandate", number)


def _means(currency: str) -> list[Account]:
    """The accounts that can charge later."""
    return accounts.routes(scene=Scene.ABSENT, amount=1, currency=currency)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


def _named(number: str) -> Mandate:
    found = Mandate.objects.select_related("wallet__customer", "account", "agreement__account").filter(number=number).first()
    if found is None:
        raise Http404
    return found
