from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.kiosks.forms import AddKioskForm, KioskForm
from chuzhi.core.errors import Refused
from chuzhi.kiosk import kiosks

LIST, ADD, KIOSK, LINK = (f"console/kiosks/{name}.html" for name in ("list", "add", "kiosk", "link"))


@staff_can("kiosks.set_up")
@require_safe
def kiosks_page(request: StaffRequest) -> HttpResponse:
    return render(request, LIST, {"kiosks": kiosks.visible_to(request.actor)[:200]})


@staff_can("kiosks.set_up")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = AddKioskForm(posted(request), by=request.actor)
    if form.is_valid():
        try:
            made = kiosks.add(by=request.actor, **form.cleaned_data)
            messages.success(request, _("%(name)s is set up. Open its link on the terminal.") % {"name": made.name})
            return redirect("console:kiosk", made.pk)
        except Refused as no:
            form.add_error("name", str(no))
    return render(request, ADD, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("kiosks.set_up")
@require_http_methods(["GET", "POST"])
def kiosk(request: StaffRequest, kiosk_id: int) -> HttpResponse:
    found = get_object_or_404(kiosks.visible_to(request.actor), pk=kiosk_id)
    present = {field: getattr(found, field) for field in KioskForm.base_fields}
    form = KioskForm(posted(request), initial=present)
    if form.is_valid():
        try:
            kiosks.change(kiosk=found, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:kiosk", kiosk_id)
        except Refused as no:
            form.add_error("name", str(no))
    return render(request, KIOSK, {"kiosk": found, "form": form}, status=422 if form.is_bound else 200)


@staff_can("kiosks.set_up")
@require_POST
def link(request: StaffRequest, kiosk_id: int) -> HttpResponse:
    """The answer is the only page that ever shows the code."""
    found = get_object_or_404(kiosks.visible_to(request.actor), pk=kiosk_id)
    try:
        code = kiosks.link(kiosk=found, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:kiosk", kiosk_id)
    address = request.build_absolute_uri(reverse("kiosk:open_with", args=[code]))
    context = {"kiosk": found, "code": f"{code[:5]}-{code[5:]}", "link": address}
    return render(request, LINK, context | {"typed": request.build_absolute_uri(reverse("kiosk:open"))})


@staff_can("kiosks.set_up")
@require_POST
def revoke(request: StaffRequest, kiosk_id: int) -> HttpResponse:
    found = get_object_or_404(kiosks.visible_to(request.actor), pk=kiosk_id)
    try:
        kiosks.revoke(kiosk=found, by=request.actor)
        messages.success(request, _("%(name)s is revoked. Its screen says so.") % {"name": found.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:kiosks")
