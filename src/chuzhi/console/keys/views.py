from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.keys.forms import KeyForm
from chuzhi.core.errors import Refused
from chuzhi.organization import confirmations, keys

KEYS = "console/keys/list.html"
CREATE = "console/keys/create.html"
SECRET = "console/keys/secret.html"  # noqa: S105  # a template's name


@staff_can("keys.manage")
@require_safe
def keys_page(request: StaffRequest) -> HttpResponse:
    return render(request, KEYS, {"keys": keys.visible_to(request.actor), "now": timezone.now()})


@staff_can("keys.manage")
@confirmed(confirmations.KEYS)
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    """Make a key. The answer to the POST is the only page that ever shows the secret."""
    form = KeyForm(posted(request), by=request.actor)
    if form.is_valid():
        try:
            key, secret = keys.create(by=request.actor, **form.cleaned_data)
            return render(request, SECRET, {"key": key, "secret": secret})
        except Refused as no:
            form.add_error(None, str(no))
    return render(request, CREATE, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("keys.manage")
@confirmed(confirmations.KEYS)
@require_POST
def rotate(request: StaffRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(keys.visible_to(request.actor), pk=key_id)
    try:
        secret = keys.rotate(key=key, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:keys")
    return render(request, SECRET, {"key": key, "secret": secret, "is_rotated": True})


@staff_can("keys.manage")
@require_POST
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(keys.visible_to(request.actor), pk=key_id)
    try:
        keys.revoke(key=key, by=request.actor)
        messages.success(request, _("%(name)s is revoked.") % {"name": key.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:keys")
