"""Who is what to a customer: shown from their side, added, ended."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console.access import StaffRequest, forbid, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.customers.models import Customer
from chuzhi.customers.relations import relating
from chuzhi.customers.relations.errors import RelationUnknown
from chuzhi.customers.relations.rules import Role
from chuzhi.wallets import lists

PAGE = "console/customers/relations.html"
LABELS: dict[Role, Promise] = {
    Role.PARENT: pgettext_lazy("relation", "Parent"),
    Role.CHILD: pgettext_lazy("relation", "Child"),
    Role.SPOUSE: pgettext_lazy("relation", "Spouse"),
    Role.EMPLOYER: pgettext_lazy("relation", "Employer"),
    Role.EMPLOYEE: pgettext_lazy("relation", "Employee"),
    Role.FRIEND: pgettext_lazy("relation", "Friend"),
}


class RelationForm(forms.Form):
    who = forms.CharField(
        label=gettext_lazy("Who"), max_length=100, help_text=gettext_lazy("Phone, card or outside number of a customer.")
    )
    role = forms.ChoiceField(label=gettext_lazy("Is their"), choices=[(str(role), label) for role, label in LABELS.items()])


@staff_can("customers.view")
@require_http_methods(["GET", "POST"])
def relations(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Those that hold, those that are over, and a new one."""
    if request.method == "POST" and not request.actor.may(relating.WRITE):
        return forbid(request, relating.WRITE)
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    form = RelationForm(posted(request))
    if form.is_valid() and (other := _found(form)):
        try:
            relating.relate(customer=person, other=other, role=Role(form.cleaned_data["role"]), by=request.actor)
            messages.success(request, _("Written down."))
            return redirect("console:customer_relations", customer_id)
        except Refused as no:
            form.add_error("who", str(no))
    rows = [(one, LABELS[one.role]) for one in relating.of(person, request.actor)]
    context = {"customer": person, "form": form, "rows": rows, "may_write": request.actor.may(relating.WRITE)}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@staff_can(relating.WRITE)
@require_POST
def end(request: StaffRequest, customer_id: int, relation_id: int) -> HttpResponse:
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    try:
        relating.end(relation=relating.named(relation_id, person, request.actor), by=request.actor)
        messages.success(request, _("It holds no longer. It stays on the page."))
    except RelationUnknown as no:
        messages.error(request, str(no))
    return redirect("console:customer_relations", customer_id)


def shown(person: Customer, request: StaffRequest) -> list[tuple[relating.Seen, Promise]]:
    """Those that hold, for the customer's page."""
    return [(one, LABELS[one.role]) for one in relating.of(person, request.actor) if not one.is_over]


def _found(form: RelationForm) -> Customer | None:
    number = lists.people([form.cleaned_data["who"].strip()])
    found = Customer.objects.filter(pk__in=number.values()).first()
    if found is None:
        form.add_error("who", _("Nobody is found by this phone, card or outside number."))
    return found
