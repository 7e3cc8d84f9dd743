"""What a customer agreed to, with its proof, and the texts that they were shown."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import choices, keyset
from chuzhi.console.access import StaffRequest, forbid, posted, staff_can
from chuzhi.core import documents
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.customers.consent import agreeing, texts
from chuzhi.customers.consent.models import Consent, ConsentText, Purpose
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff

PAGE = "console/customers/consents.html"
TEXTS = "console/customers/consent_texts.html"
PAGE_SIZE = 30
WAYS = (Consent.How.COUNTER, Consent.How.PAPER, Consent.How.PHONE)


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    is_given = forms.ChoiceField(
        label=gettext_lazy("What they say"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("They agree")), ("no", gettext_lazy("They do not agree, or no longer"))],
    )  # fmt: skip
    how = forms.ChoiceField(label=gettext_lazy("How"), choices=[(way, way.label) for way in WAYS], widget=forms.RadioSelect)
    witness = choices.Named(
        label=gettext_lazy("Colleague who heard it"), required=False,
        queryset=Staff.objects.filter(is_active=True).order_by("name"), help_text=gettext_lazy("Needed by phone."),
    )  # fmt: skip
    scan = forms.FileField(
        label=gettext_lazy("Scan"), required=False, help_text=gettext_lazy("PDF, PNG or JPEG. Needed on paper.")
    )


class TextForm(forms.Form):
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    zh = forms.CharField(
        label=gettext_lazy("Text in Chinese"), max_length=texts.LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    en = forms.CharField(
        label=gettext_lazy("Text in English"), max_length=texts.LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )


@staff_can("customers.view")
@require_http_methods(["GET", "POST"])
def consents(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What holds, what was said before, and a new word of theirs."""
    if request.method == "POST" and not request.actor.may(agreeing.WRITE):
        return forbid(request, agreeing.WRITE)
    person = _visible(request, customer_id)
    form = ConsentForm(posted(request), request.FILES or None, initial={"how": Consent.How.COUNTER})
    if form.is_valid():
        try:
            _say(request, person, form.cleaned_data)
            messages.success(request, _("Written down."))
            return redirect("console:customer_consents", customer_id)
        except Refused as no:
            form.add_error(_field(no, form.cleaned_data), str(no))
    page = keyset.page(agreeing.history(person, request.actor), ["-id"], request.GET, size=PAGE_SIZE)
    held = agreeing.now(person)
    context = {
        "customer": person,
        "form": form,
        "page": page,
        "purposes": [(purpose.label, held.get(purpose)) for purpose in Purpose],
        "texts": [(text.get_purpose_display(), text, _words(text)) for text in texts.latest().values()],
        "may_write": request.actor.may(agreeing.WRITE),
        "may_manage": request.actor.may(texts.MANAGE),
    }
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@staff_can("customers.view")
@require_safe
def document(request: StaffRequest, customer_id: int, consent_id: int) -> HttpResponse:
    """The scan of what was signed."""
    kept = get_object_or_404(agreeing.history(_visible(request, customer_id), request.actor), pk=consent_id)
    content = documents.read(kept.document)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type=kept.media_type)


@staff_can(texts.MANAGE)
@require_http_methods(["GET", "POST"])
def consent_texts(request: StaffRequest) -> HttpResponse:
    """Every text, the latest version first, and a new one."""
    form = TextForm(posted(request), initial={"purpose": request.GET.get("purpose", "")})
    if form.is_valid():
        try:
            made = texts.publish(by=request.actor, **form.cleaned_data)
            messages.success(request, _("Version %(number)s is shown from now on.") % {"number": made.version})
            return redirect("console:consent_texts")
        except Refused as no:
            form.add_error("zh", str(no))
    found = ConsentText.objects.order_by("purpose", "-version")
    return render(request, TEXTS, {"form": form, "texts": found}, status=422 if form.is_bound else 200)


def _say(request: StaffRequest, person: Customer, given: dict[str, Any]) -> Consent:
    scan = given["scan"]
    return agreeing.say(
        customer=person, purpose=given["purpose"], is_given=given["is_given"] == "yes", how=given["how"], by=request.actor,
        witness=given["witness"].pk if given["witness"] else None,
        scan=(scan.name, scan.read(documents.MOST_BYTES + 1)) if scan else None,
    )  # fmt: skip


def _field(no: Refused, given: dict[str, Any]) -> str:
    """Where a refusal is shown."""
    if no.code == "consent.unproven":
        return "scan" if given["how"] == Consent.How.PAPER else "witness"
    return "scan" if no.code.startswith("document.") else "purpose"


def _words(text: ConsentText) -> str:
    return text.en if (get_language() or "").startswith("en") else text.zh


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
