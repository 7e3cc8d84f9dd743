"""Phone and e-mail of a customer: whether they were shown to be theirs, and showing it by a code, a call or a document."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.customers.models import Customer
from chuzhi.desk import contacts
from chuzhi.desk.contacts import WRITE, Contact, How

PAGE = "console/customers/contacts.html"


class ProofForm(forms.Form):
    """What whoever serves them has seen or heard."""

    contact = forms.ChoiceField(choices=Contact.choices, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=gettext_lazy("How we know"),
        widget=forms.RadioSelect,
        choices=[(one, one.label) for one in (How.CALL, How.DOCUMENT)],
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("The code that the customer reads out"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


@staff_can(WRITE)
@require_safe
def page(request: StaffRequest, customer_id: int) -> HttpResponse:
    return _page(request, _visible(request, customer_id))


@staff_can(WRITE)
@require_POST
def proof(request: StaffRequest, customer_id: int) -> HttpResponse:
    """A call or a document."""
    return _done(request, customer_id, "proof_form", ProofForm(request.POST), contacts.verify)


@staff_can(WRITE)
@require_POST
def code(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The code that was sent, as they read it out."""
    return _done(request, customer_id, "code_form", CodeForm(request.POST), contacts.verify_by_code)


@staff_can(WRITE)
@require_POST
def send(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = _visible(request, customer_id)
    try:
        contacts.send_code(customer=person, by=request.actor)
        messages.success(request, _("The code is on its way to %(address)s.") % {"address": person.masked_email})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:customer_contacts", customer_id)


def _done(request: StaffRequest, customer_id: int, name: str, form: forms.Form, command: Callable[..., object]) -> HttpResponse:
    """A refusal stands at the last field, which is the one that was filled in."""
    person = _visible(request, customer_id)
    if form.is_valid():
        try:
            command(customer=person, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Written down."))
            return redirect("console:customer_contacts", customer_id)
        except Refused as no:
            form.add_error(list(form.fields)[-1], str(no))
    return _page(request, person, **{name: form})


def _page(request: StaffRequest, person: Customer, **forms_sent: forms.Form) -> HttpResponse:
    held = contacts.now(person)
    context = {
        "customer": person, "phone_proof": held.get(Contact.PHONE), "email_proof": held.get(Contact.EMAIL),
        "proof_form": ProofForm(initial={"contact": Contact.PHONE}), "code_form": CodeForm(), "document": How.DOCUMENT,
    }  # fmt: skip
    return render(request, PAGE, context | forms_sent, status=422 if forms_sent else 200)


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
