from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuzhi.console.access import SIGNED_IN, StaffRequest, staff_can
from chuzhi.console.listings.every import LISTINGS
from chuzhi.console.lists import asking
from chuzhi.console.lists.listing import Listing
from chuzhi.core.errors import Refused
from chuzhi.organization.lists import keeping
from chuzhi.organization.lists.models import SavedView


@staff_can(SIGNED_IN)
@require_POST
def keep(request: StaffRequest, name: str) -> HttpResponse:
    """Save what the list shows now as a view."""
    listing = listed(request, name)
    asked = asking.read(listing, asking.plain(request.GET))
    if not asked.form.is_valid():
        return _back(listing, asked.query)
    columns = [column.name for column in asked.columns] if "columns" in asked.query else []
    try:
        view = keeping.keep(
            list_name=name, name=request.POST.get("name", ""), filters=asked.to_keep, columns=columns,
            sort=asked.query.get("sort", ""), is_shared=request.POST.get("is_shared") == "yes", by=request.actor,
        )  # fmt: skip
        messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
        return _back(listing, {"view": str(view.pk)})
    except Refused as no:
        messages.error(request, str(no))
        return _back(listing, asked.query)


@staff_can(SIGNED_IN)
@require_POST
def remove(request: StaffRequest, view_id: int) -> HttpResponse:
    view, listing = _view(request, view_id)
    try:
        keeping.remove(view=view, by=request.actor)
        messages.success(request, _("“%(name)s” is removed.") % {"name": view.name})
    except Refused as no:
        messages.error(request, str(no))
    return _back(listing, {"view": ""})


@staff_can(SIGNED_IN)
@require_POST
def usual(request: StaffRequest, view_id: int) -> HttpResponse:
    """The list opens with it, or (`not`) no longer does."""
    view, listing = _view(request, view_id)
    if request.POST.get("not") == "yes":
        keeping.forget_usual(list_name=view.listing, by=request.actor)
    else:
        keeping.make_usual(view=view, by=request.actor)
    messages.success(request, _("Saved."))
    return _back(listing, {"view": str(view.pk)})


def listed(request: StaffRequest, name: str) -> Listing[Any]:
    """The list of this name, as somebody sees it who may."""
    listing = LISTINGS.get(name)
    if listing is None:
        raise Http404
    if not request.actor.may(listing.permission):
        raise PermissionDenied
    return listing.seen_by(request.actor)


def _view(request: StaffRequest, view_id: int) -> tuple[SavedView, Listing[Any]]:
    name = get_object_or_404(SavedView, pk=view_id).listing
    listing = listed(request, name)
    return get_object_or_404(keeping.visible_to(request.actor, name), pk=view_id), listing


def _back(listing: Listing[Any], query: Any) -> HttpResponse:
    return redirect(f"{reverse(listing.url_name)}?{urlencode(query)}")
