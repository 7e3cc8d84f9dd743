"""Where, when and how much a customer buys."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.lists.days import day
from chuzhi.core import days
from chuzhi.customers import queries
from chuzhi.insights import trail
from chuzhi.insights.trail import Asked
from chuzhi.organization.models import Store

PAGE = "console/customers/trail.html"
PAGE_SIZE = 50


class TrailForm(forms.Form):
    store = forms.ModelChoiceField(
        label=gettext_lazy("Store"), required=False, queryset=Store.objects.order_by("code"),
        empty_label=gettext_lazy("All stores"),
    )  # fmt: skip
    since = day(gettext_lazy("From"))
    until = day(gettext_lazy("To"))


@staff_can("wallets.view")
@require_safe
def trail_page(request: StaffRequest, customer_id: int) -> HttpResponse:
    """By store and by month, and each purchase, the latest first."""
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    form = TrailForm(request.GET)
    context: dict[str, Any] = {"customer": person, "form": form}
    if not form.is_valid():
        return render(request, PAGE, context, status=422)
    given = form.cleaned_data
    since, until = days.begin(given["since"]) if given["since"] else None, days.end(given["until"]) if given["until"] else None
    store, further = given["store"], days.moment(request.GET.get("before", ""))
    asked = Asked(person.pk, request.actor, since, until, store.pk if store else None)
    found, before = trail.purchases(replace(asked, before=min(filter(None, (until, further)), default=None)), limit=PAGE_SIZE)
    trails = trail.of(asked)
    named = dict(
        Store.objects.filter(pk__in={number for one in trails for number in one.stores if number}).values_list("pk", "name")
    )
    kept = {name: said for name in form.fields if (said := request.GET.get(name))}
    context |= {
        "trails": [
            {"trail": one, "stores": [(named.get(number or 0, ""), sum_) for number, sum_ in one.stores.items()]}
            for one in trails
        ],
        "purchases": [(one, named.get(one.store or 0, "")) for one in found],
        "is_narrowed": bool(kept or further),
        "first": f"?{urlencode(kept)}" if further else "",
        "older": f"?{urlencode(kept | {'before': before.isoformat()})}" if before else "",
    }
    return render(request, PAGE, context)
