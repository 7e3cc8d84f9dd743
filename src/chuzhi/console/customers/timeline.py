"""A customer's whole timeline: what happened, of which kind, and when."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.customers import story
from chuzhi.console.lists.days import day
from chuzhi.core import days
from chuzhi.customers import queries
from chuzhi.insights import timeline
from chuzhi.insights.timeline import Asked

PAGE = "console/customers/timeline.html"
PAGE_SIZE = 50


class TimelineForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("Everything")), *story.KINDS.items()]
    )
    since = day(gettext_lazy("From"))
    until = day(gettext_lazy("To"))


@staff_can("customers.view")
@require_safe
def timeline_page(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Newest first, one stretch after the other."""
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    form = TimelineForm(request.GET)
    context = {"customer": person, "form": form}
    if not form.is_valid():
        return render(request, PAGE, context, status=422)
    given = form.cleaned_data
    since, until = days.begin(given["since"]) if given["since"] else None, days.end(given["until"]) if given["until"] else None
    further = days.moment(request.GET.get("before", ""))
    before = min(at for at in (until, further) if at) if until or further else None
    asked = Asked(person, request.actor, PAGE_SIZE, since=since, before=before)
    found = timeline.of(asked, [given["kind"]] if given["kind"] else [])
    kept = {name: said for name in form.fields if (said := request.GET.get(name))}
    context |= {
        "lines": story.told(found.moments, asked),
        "is_narrowed": bool(kept or further),
        "first": f"?{urlencode(kept)}" if further else "",
        "older": f"?{urlencode(kept | {'before': found.before.isoformat()})}" if found.before else "",
    }
    return render(request, PAGE, context)
