from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.webhooks import calls, endpoints, sending
from chuzhi.webhooks.models import Endpoint

LIST, ADD, ONE, SECRET = (f"console/webhooks/{name}.html" for name in ("list", "add", "webhook", "secret"))
PAGE_SIZE = 50


class EndpointForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Which program listens, so that you know it again.")
    )
    url = forms.CharField(label=gettext_lazy("Address"), max_length=sending.LONGEST_URL)


@staff_can("webhooks.manage")
@require_safe
def webhooks_page(request: StaffRequest) -> HttpResponse:
    return render(request, LIST, {"endpoints": endpoints.visible_to(request.actor)})


@staff_can("webhooks.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """The answer to the POST is the only page that ever shows the secret."""
    form = EndpointForm(posted(request))
    if form.is_valid():
        try:
            endpoint, secret = endpoints.add(by=request.actor, **form.cleaned_data)
            return render(request, SECRET, {"endpoint": endpoint, "secret": secret})
        except Refused as no:
            form.add_error("url", str(no))
    return render(request, ADD, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("webhooks.manage")
@require_safe
def webhook(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """What the program was told, and each of its answers."""
    found = _named(request, endpoint_id)
    page = keyset.page(calls.visible_to(request.actor).filter(endpoint=found), ("-id",), request.GET, size=PAGE_SIZE)
    return render(request, ONE, {"endpoint": found, "page": page})


@staff_can("webhooks.manage")
@require_POST
def rotate(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    found = _named(request, endpoint_id)
    secret = endpoints.rotate(endpoint=found, by=request.actor)
    return render(request, SECRET, {"endpoint": found, "secret": secret, "is_rotated": True})


@staff_can("webhooks.manage")
@require_POST
def stand(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Stop it, or start it again."""
    found = _named(request, endpoint_id)
    if found.stopped_at is None:
        endpoints.stop(endpoint=found, by=request.actor)
    else:
        endpoints.start(endpoint=found, by=request.actor)
    return redirect("console:webhook", endpoint_id)


@staff_can("webhooks.manage")
@require_POST
def test(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    try:
        calls.try_out(endpoint=_named(request, endpoint_id), by=request.actor)
        messages.success(request, _("A test is on its way. It stands first in the log."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:webhook", endpoint_id)


@staff_can("webhooks.manage")
@require_POST
def again(request: StaffRequest, number: str) -> HttpResponse:
    call = get_object_or_404(calls.visible_to(request.actor), number=number)
    try:
        calls.send_again(call=call, by=request.actor)
        messages.success(request, _("It is on its way once more."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:webhook", call.endpoint_id)


def _named(request: StaffRequest, endpoint_id: int) -> Endpoint:
    return get_object_or_404(endpoints.visible_to(request.actor), pk=endpoint_id)
