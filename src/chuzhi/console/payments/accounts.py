"""Our accounts at providers: which there are, what each is configured with, and whether it takes anything new."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.payments.forms import AccountForm, SettingsForm, figures
from chuzhi.core.errors import Refused
from chuzhi.finance.terminals import GATEWAY as TERMINAL
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, queries
from chuzhi.payments.errors import ConfigurationUnusable
from chuzhi.payments.gateways import registry
from chuzhi.payments.models import Account

ACCOUNTS, ACCOUNT = "console/payments/accounts.html", "console/payments/account.html"

GATEWAYS: dict[str, Promise] = {
    "wechat": gettext_lazy("WeChat Pay"),
    "alipay": gettext_lazy("Alipay"),
    "stripe": gettext_lazy("Stripe"),
    "bank": gettext_lazy("Bank transfer"),
    "terminal": gettext_lazy("Card terminal (acquirer)"),
    "btcpay": gettext_lazy("Virtual currency (BTCPay)"),
}
"""What can be set up here, as people call it. Each is its own payment method in the books."""

METHODS = {
    "wechat": Method.WECHAT,
    "alipay": Method.ALIPAY,
    "stripe": Method.STRIPE,
    "bank": Method.BANK,
    "terminal": Method.TERMINAL,
    "btcpay": Method.CRYPTO,
}


@staff_can("payments.view")
@require_safe
def accounts_page(request: StaffRequest) -> HttpResponse:
    rows = [(one, GATEWAYS.get(one.gateway, one.gateway)) for one in queries.accounts(request.actor)]
    return render(request, ACCOUNTS, {"rows": rows, "gateways": GATEWAYS.items()})


@staff_can("payments.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, gateway: str) -> HttpResponse:
    if gateway not in GATEWAYS:
        raise Http404
    fields = registry.fields_of(gateway).FIELDS
    form = AccountForm(posted(request), gateway=gateway, initial={"name": GATEWAYS[gateway], "code": gateway})
    settings = SettingsForm(posted(request), settings=fields, kept={}, prefix="own")
    if form.is_valid() and settings.is_valid():
        try:
            made = accounts.open_account(
                gateway=gateway,
                method=METHODS[gateway],
                configuration=settings.configuration(),
                by=request.actor,
                **form.facts(),
            )
            messages.success(request, _("%(name)s is ready.") % {"name": made.name})
            return redirect("console:payment_account", made.pk)
        except Refused as no:
            _explain(form, settings, no)
    context = {"form": form, "settings": settings, "gateway": GATEWAYS[gateway]}
    return render(request, ACCOUNT, context, status=422 if form.is_bound else 200)


@staff_can("payments.manage")
@require_http_methods(["GET", "POST"])
def account(request: StaffRequest, account_id: int) -> HttpResponse:
    """Change it. The code stays: the provider knows our address by it."""
    found = get_object_or_404(queries.accounts(request.actor), pk=account_id)
    fields = registry.fields_of(found.gateway).FIELDS
    form = AccountForm(posted(request), gateway=found.gateway, initial=figures(found))
    form.fields["code"].disabled = form.fields["currency"].disabled = True
    settings = SettingsForm(posted(request), settings=fields, kept=json.loads(found.configuration), prefix="own")
    if form.is_valid() and settings.is_valid():
        try:
            accounts.reconfigure(account=found, configuration=settings.configuration(), by=request.actor)
            facts = {name: value for name, value in form.facts().items() if name not in {"code", "currency"}}
            accounts.present(account=found, by=request.actor, **facts)
            messages.success(request, _("Saved."))
            return redirect("console:payment_account", account_id)
        except Refused as no:
            _explain(form, settings, no)
    context = {
        "form": form,
        "settings": settings,
        "gateway": GATEWAYS.get(found.gateway, found.gateway),
        "account": found,
        "address": accounts.notify_url(found) if found.gateway != TERMINAL else "",
    }
    return render(request, ACCOUNT, context, status=422 if form.is_bound else 200)


@staff_can("payments.manage")
@require_POST
def stand(request: StaffRequest, account_id: int) -> HttpResponse:
    """Pause it, or open it again."""
    found = get_object_or_404(queries.accounts(request.actor), pk=account_id)
    is_open = found.standing == Account.Standing.OPEN
    try:
        accounts.stand(account=found, standing=Account.Standing.PAUSED if is_open else Account.Standing.OPEN, by=request.actor)
        messages.success(request, _("Paused. What is under way is still heard of.") if is_open else _("Open again."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:payment_account", account_id)


def _explain(form: AccountForm, settings: SettingsForm, no: Refused) -> None:
    field = str(no.facts.get("field", ""))
    if isinstance(no, ConfigurationUnusable) and field in settings.fields:
        settings.add_error(field, str(no.facts["sentence"]))
    else:
        form.add_error("code" if no.code == "payment.code_taken" else None, str(no))
