from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.programmes import telling
from chuzhi.console.programmes.forms import (
    NewProgrammeForm,
    OffersForm,
    RevisionForm,
    TermsForm,
    as_typed,
    offers_as_typed,
)
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Store
from chuzhi.wallets import programmes
from chuzhi.wallets.errors import ProgrammeCodeTaken, TermsUnusable

PROGRAMMES = "console/programmes/list.html"
PROGRAMME = "console/programmes/programme.html"
TERMS = "console/programmes/terms.html"


@staff_can("programmes.manage")
@require_safe
def programmes_page(request: StaffRequest) -> HttpResponse:
    now, stores = timezone.now(), _stores()
    found = [programmes.known(one.pk) for one in programmes.visible_to(request.actor)]
    told = [(one, next(terms for terms in telling.versions(one, stores, now) if terms.is_current)) for one in found]
    return render(request, PROGRAMMES, {"programmes": told})


@staff_can("programmes.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = NewProgrammeForm(posted(request))
    offers = OffersForm(posted(request), prefix="offers", form_kwargs={"asset": form.asset})
    if form.is_valid() & offers.is_valid():
        given = form.cleaned_data
        try:
            made = programmes.open(
                code=given["code"], name=given["name"], asset=form.asset, by=request.actor, **form.promised(offers)
            )
            messages.success(request, _("%(name)s is open: wallets can be opened in it.") % {"name": made.name})
            return redirect("console:programme", made.pk)
        except Refused as no:
            _put(form, no)
    return render(request, TERMS, {"form": form, "offers": offers}, status=422 if form.is_bound else 200)


@staff_can("programmes.manage")
@require_safe
def programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """The terms in force, those to come, and those that were."""
    found = get_object_or_404(programmes.visible_to(request.actor), pk=programme_id)
    told = telling.versions(programmes.known(found.pk), _stores(), timezone.now())
    context = {
        "programme": found,
        "current": next(terms for terms in told if terms.is_current),
        "planned": [terms for terms in told if terms.is_planned],
        "versions": told,
    }
    return render(request, PROGRAMME, context)


@staff_can("programmes.manage")
@require_http_methods(["GET", "POST"])
def revise(request: StaffRequest, programme_id: int) -> HttpResponse:
    """A new version, which starts from what the terms say now."""
    found = get_object_or_404(programmes.visible_to(request.actor), pk=programme_id)
    known = programmes.known(found.pk)
    terms, asset = known.terms(), known.asset_code
    form = RevisionForm(posted(request), asset=asset, initial=as_typed(terms, asset))
    offers = OffersForm(posted(request), prefix="offers", form_kwargs={"asset": asset}, initial=offers_as_typed(terms, asset))
    if form.is_valid() & offers.is_valid():
        try:
            programmes.revise(programme=found, by=request.actor, **form.promised(offers))
            messages.success(request, _("The new terms are kept."))
            return redirect("console:programme", found.pk)
        except Refused as no:
            _put(form, no)
    currency = known.asset_code if known.kind == found.Kind.MONEY else ""
    context = {"programme": found, "form": form, "offers": offers, "currency": currency}
    return render(request, TERMS, context, status=422 if form.is_bound else 200)


@staff_can("programmes.manage")
@require_POST
def close(request: StaffRequest, programme_id: int) -> HttpResponse:
    found = get_object_or_404(programmes.visible_to(request.actor), pk=programme_id)
    try:
        programmes.close(programme=found, by=request.actor)
        messages.success(request, _("%(name)s takes no new value any more.") % {"name": found.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:programme", programme_id)


def _put(form: TermsForm, no: Refused) -> None:
    """A refusal at the field that it is about."""
    field = no.facts.get("field") if isinstance(no, TermsUnusable) else None
    if isinstance(no, ProgrammeCodeTaken):
        field = "code"
    form.add_error(str(field) if field in form.fields else None, str(no))


def _stores() -> Mapping[int, str]:
    return dict(Store.objects.values_list("pk", "name"))
