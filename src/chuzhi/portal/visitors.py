"""Somebody whom we do not know: what they may do, and where they call from."""

from dataclasses import replace

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from chuzhi.core.actors import Actor, ActorKind

ANYBODY = Actor(ActorKind.CUSTOMER, 0)
"""Allowed nothing: what they hold (a code, an address that cannot be guessed) is what allows it."""
BUYER = replace(ANYBODY, permissions=frozenset({"vouchers.sell"}))
"""May order cards, which are worth nothing until they are paid."""
APPLICANT = replace(ANYBODY, permissions=frozenset({"applications.file"}))
"""May apply for a card; somebody who works here decides."""
TAKER = replace(ANYBODY, permissions=frozenset({"wallets.transfer"}))
"""May bring home the gift whose address they have."""


def address_of(request: HttpRequest) -> str:
    return str(get_adapter(request).get_client_ip(request) or "")
