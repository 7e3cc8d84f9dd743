"""What colleagues have noted of a customer: read, written, pinned."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, forbid, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.customers.models import Customer
from chuzhi.workforce import notes

PAGE = "console/customers/notes.html"
PAGE_SIZE = 30


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=notes.LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("@ and a colleague’s name tells them. It cannot be changed later."),
    )  # fmt: skip
    is_pinned = forms.BooleanField(label=gettext_lazy("Show it at the till"), required=False)


@staff_can("customers.view")
@require_http_methods(["GET", "POST"])
def notes_page(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Newest first, and a new one."""
    if request.method == "POST" and not request.actor.may(notes.WRITE):
        return forbid(request, notes.WRITE)
    person = _visible(request, customer_id)
    form = NoteForm(posted(request))
    if form.is_valid():
        try:
            made = notes.write(customer=person, by=request.actor, **form.cleaned_data)
            told = ", ".join(made.mentioned.values_list("name", flat=True))
            messages.success(request, _("Noted, and told %(names)s.") % {"names": told} if told else _("Noted."))
            return redirect("console:customer_notes", customer_id)
        except Refused as no:
            form.add_error("text", str(no))
    page = keyset.page(notes.of(person, request.actor), ["-id"], request.GET, size=PAGE_SIZE)
    context = {"customer": person, "form": form, "page": page, "may_write": request.actor.may(notes.WRITE)}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@staff_can(notes.WRITE)
@require_POST
def pin(request: StaffRequest, customer_id: int, note_id: int) -> HttpResponse:
    note = get_object_or_404(notes.of(_visible(request, customer_id), request.actor), pk=note_id)
    try:
        notes.pin(note=note, is_pinned=request.POST.get("pinned") == "yes", by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:customer_notes", customer_id)


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
