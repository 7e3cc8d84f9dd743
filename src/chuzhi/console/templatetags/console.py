"""What the frame around every console page needs to know."""

from django import template
from django.template.context import Context

from chuzhi.console import nav

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[nav.Place]:
    return list(nav.places(context["request"]))
