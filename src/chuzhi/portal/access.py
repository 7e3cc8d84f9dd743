"""Who may see a customer's page: whoever holds its address, where that cannot be guessed and shows nothing but a masked name."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.wallets.cards import ISSUE
from chuzhi.wallets.funding import TOP_UP
from chuzhi.wallets.models import Wallet

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

UNKNOWN = "portal/unknown.html"

_signer = signing.Signer(salt="chuzhi.portal.recharge")


def by_address(view: View[P]) -> View[P]:
    """Mark a page that needs no sign-in because its address is the key to it; an address that nobody has says what to do."""

    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, UNKNOWN, status=404)

    update_wrapper(opened, view)
    opened.public = True  # type: ignore[attr-defined]  # read by tests/test_house.py
    return opened


def for_anybody(view: View[P]) -> View[P]:
    """Mark a page that is open to everybody, and shows nothing of anybody until its visitor proves to hold something."""
    view.public = True  # type: ignore[attr-defined]  # as above
    return view


def payer_of(wallet: Wallet) -> Actor:
    """Whoever pays into a wallet by its address: may bring money, and nothing else."""
    return Actor(ActorKind.CUSTOMER, wallet.customer_id or 0, permissions=frozenset({TOP_UP}))


def reporter_of(wallet: Wallet) -> Actor:
    """Whoever has its address may block the wallet's cards: that opens nothing, and takes nothing from anybody."""
    return Actor(ActorKind.CUSTOMER, wallet.customer_id or 0, permissions=frozenset({ISSUE}))


def token_of(wallet: Wallet) -> str:
    """The part of an address by which anybody may top the wallet up."""
    return _signer.sign(str(wallet.pk)).replace(":", ".")


def wallet_of(token: str) -> Wallet:
    """Raises Http404 for a token that is not ours."""
    try:
        number = _signer.unsign(token.replace(".", ":"))
    except signing.BadSignature:
        raise Http404 from None
    found = Wallet.objects.select_related("customer", "programme").filter(pk=number).first()
    if found is None:
        raise Http404
    return found
