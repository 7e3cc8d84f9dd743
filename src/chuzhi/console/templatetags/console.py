"""What the frame around every console page needs to know."""

from django import template
from django.template.context import Context

from chuzhi.approvals import people
from chuzhi.console import nav
from chuzhi.messaging import inbox

register = template.Library()


@register.simple_tag(takes_context=True)
def unread(context: Context) -> int:
    """How many messages in the inbox of whoever is signed in have not been read."""
    actor = getattr(context["request"], "actor", None)
    return inbox.unread(actor) if actor else 0


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[nav.Place]:
    return list(nav.places(context["request"]))


@register.simple_tag(takes_context=True)
def acts(context: Context) -> list[nav.Place]:
    return list(nav.acts(context["request"]))


@register.filter
def grouped(found: list[nav.Place]) -> list[nav.Group]:
    return nav.grouped(found)


@register.filter
def who(label: str) -> str:
    """The name behind `staff:12` or `key:7`; what the product or a customer did says so."""
    return people.names({label}).get(label, label) if label else ""
