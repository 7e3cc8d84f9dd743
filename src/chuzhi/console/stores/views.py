from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.stores.forms import AddStoreForm, AddTillForm, StoreForm, TillForm
from chuzhi.core.errors import Refused
from chuzhi.organization import stores
from chuzhi.organization.models import Store

STORES = "console/stores/list.html"
STORE = "console/stores/store.html"
TILL = "console/stores/till.html"
PAGE_SIZE = 50


@staff_can("stores.manage")
@require_safe
def stores_page(request: StaffRequest) -> HttpResponse:
    find = request.GET.get("find", "")
    found = stores.matching(stores.visible_to(request.actor), find)
    counted = found.annotate(tills_in_use=Count("tills", filter=Q(tills__is_open=True)))
    page = Paginator(counted, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, STORES, {"page": page, "find": find})


@staff_can("stores.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = AddStoreForm(posted(request))
    if form.is_valid():
        try:
            made = stores.add(by=request.actor, **form.cleaned_data)
            messages.success(request, _("%(name)s is open. Give it a till.") % {"name": made.name})
            return redirect("console:store", made.pk)
        except Refused as no:
            form.add_error(None, str(no))
    return render(request, STORE, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("stores.manage")
@require_http_methods(["GET", "POST"])
def store(request: StaffRequest, store_id: int) -> HttpResponse:
    place = get_object_or_404(stores.visible_to(request.actor), pk=store_id)
    present = {field: getattr(place, field) for field in StoreForm.base_fields}
    form = StoreForm(posted(request), initial=present)
    if form.is_valid():
        try:
            stores.change(store=place, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:store", store_id)
        except Refused as no:
            form.add_error(None, str(no))
    return _store_page(request, place, form=form, till_form=AddTillForm(), status=422 if form.is_bound else 200)


@staff_can("stores.manage")
@require_POST
def add_till(request: StaffRequest, store_id: int) -> HttpResponse:
    place = get_object_or_404(stores.visible_to(request.actor), pk=store_id)
    form = AddTillForm(request.POST)
    if form.is_valid():
        try:
            made = stores.add_till(store=place, by=request.actor, **form.cleaned_data)
            messages.success(request, _("%(name)s is ready.") % {"name": made.name})
            return redirect("console:store", store_id)
        except Refused as no:
            form.add_error("name", str(no))
    present = {field: getattr(place, field) for field in StoreForm.base_fields}
    return _store_page(request, place, form=StoreForm(initial=present), till_form=form, status=422)


@staff_can("stores.manage")
@require_http_methods(["GET", "POST"])
def till(request: StaffRequest, till_id: int) -> HttpResponse:
    place = get_object_or_404(stores.tills_visible_to(request.actor), pk=till_id)
    form = TillForm(posted(request), initial={"name": place.name, "is_open": place.is_open})
    if form.is_valid():
        try:
            stores.change_till(till=place, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:store", place.store_id)
        except Refused as no:
            form.add_error("name", str(no))
    return render(request, TILL, {"till": place, "form": form}, status=422 if form.is_bound else 200)


def _store_page(request: StaffRequest, place: Store, *, form: StoreForm, till_form: AddTillForm, status: int) -> HttpResponse:
    context = {"store": place, "tills": place.tills.order_by("name"), "form": form, "till_form": till_form}
    return render(request, STORE, context, status=status)
