"""The words of each kind of message, and who wants to know of which top-ups."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.messaging import kinds, texts
from chuzhi.organization.roles import ROLES
from chuzhi.payments import methods
from chuzhi.till import notices
from chuzhi.till.models import TopUpNotice
from chuzhi.webhooks.models import Endpoint

TEXTS = "console/messages/texts.html"
TEXT = "console/messages/text.html"
NOTICES = "console/messages/notices.html"
CURRENCY = "CNY"


class WordsForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=texts.LONGEST_TITLE)
    body = forms.CharField(label=gettext_lazy("Text"), max_length=texts.LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 12}))


class NoticeForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Who is told"), choices=[(name, role.label) for name, role in ROLES.items()],
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    endpoint = forms.ModelChoiceField(
        label=gettext_lazy("Or a program"), queryset=Endpoint.objects.filter(stopped_at=None).order_by("pk"), required=False,
        empty_label=gettext_lazy("No program"), help_text=gettext_lazy("A webhook. It is told at once."),
    )  # fmt: skip
    daily = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("", gettext_lazy("At once, each top-up")), ("yes", gettext_lazy("Every morning, all of the day before"))],
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )
    at_least = AmountField(
        label=gettext_lazy("From this amount on"), asset=CURRENCY, required=False, help_text=gettext_lazy("Empty: any amount.")
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Paid by"), required=False, choices=[("", gettext_lazy("Anything")), *methods.LABELS.items()]
    )


@staff_can("messages.manage")
@require_safe
def texts_page(request: StaffRequest) -> HttpResponse:
    rows = [
        (kind, [(language, label, texts.words(kind, language)) for language, label in settings.LANGUAGES])
        for kind in kinds.every()
    ]
    return render(request, TEXTS, {"rows": rows})


@staff_can("messages.manage")
@require_http_methods(["GET", "POST"])
def text(request: StaffRequest, name: str, language: str) -> HttpResponse:
    """One kind in one language: write it (POST), or take our words again (POST with `usual`)."""
    kind, languages = _kind(name), dict(settings.LANGUAGES)
    if language not in languages:
        raise Http404
    if request.POST.get("usual"):
        texts.forget(kind=kind, language=language, by=request.actor)
        messages.success(request, _("Our own words are used again."))
        return redirect("console:message_texts")
    now = texts.words(kind, language)
    form = WordsForm(posted(request), initial={"title": now.title, "body": now.body})
    if form.is_valid():
        try:
            texts.change(kind=kind, language=language, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:message_texts")
        except Refused as no:
            form.add_error("body", str(no))
    places = [f"{{{place}}}" for place in kind.places]
    context = {"kind": kind, "language": languages[language], "form": form, "now": now, "places": places}
    return render(request, TEXT, context, status=422 if form.is_bound else 200)


@staff_can("messages.manage")
@require_http_methods(["GET", "POST"])
def notices_page(request: StaffRequest) -> HttpResponse:
    form = NoticeForm(posted(request))
    if form.is_valid():
        given = form.cleaned_data
        try:
            notices.add(
                roles=given["roles"], at_least=given["at_least"] or 0, method=given["method"], daily=bool(given["daily"]),
                endpoint=given["endpoint"], by=request.actor,
            )  # fmt: skip
            messages.success(request, _("Saved."))
            return redirect("console:notices")
        except Refused as no:
            form.add_error("roles", str(no))
    rows = [_row(one) for one in TopUpNotice.objects.select_related("endpoint").order_by("pk")]
    context = {"rows": rows, "form": form, "has_endpoints": Endpoint.objects.exists()}
    return render(request, NOTICES, context, status=422 if form.is_bound else 200)


@staff_can("messages.manage")
@require_POST
def remove_notice(request: StaffRequest, notice_id: int) -> HttpResponse:
    notices.remove(notice=get_object_or_404(TopUpNotice, pk=notice_id), by=request.actor)
    messages.success(request, _("Nobody is told any more."))
    return redirect("console:notices")


def _kind(name: str) -> kinds.Kind:
    try:
        return kinds.named(name)
    except kinds.MessageKindUnknown as no:
        raise Http404 from no


def _row(notice: TopUpNotice) -> dict[str, Any]:
    return {
        "notice": notice,
        "roles": [ROLES[role].label for role in notice.roles],
        "at_least": money.text(notice.at_least, notice.currency) if notice.at_least else "",
        "method": methods.label(notice.method) if notice.method else "",
    }
