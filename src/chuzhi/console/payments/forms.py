from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.core.packs import reading, reporting
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.finance import payout_rules
from chuzhi.finance.terminals import GATEWAY as TERMINAL
from chuzhi.payments.bank.intake import GATEWAY as BANK
from chuzhi.payments.gateways.contract import Setting
from chuzhi.payments.models import Account

CURRENCIES = ("CNY", "HKD", "USD", "EUR", "GBP", "JPY", "SGD")
KEPT = "••••••••"
"""What stands in a field whose secret is kept: sent back unchanged, it stays."""


OF_PAYING_HERE = ("priority", "most", "arrives_within_seconds", "clears", "clears_after_days")
"""What an account says of payments that are begun through it: none is at a card terminal."""


class RemarkForm(forms.Form):
    remark = forms.CharField(label=_("What was found and done"), max_length=200)


class AccountForm(forms.Form):
    """How an account is shown and chosen. Its gateway's own fields are `SettingsForm`."""

    name = forms.CharField(label=_("Shown as"), max_length=80, help_text=_("As payers read it, such as “WeChat Pay”."))
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Part of the address that the provider calls."))
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    priority = forms.IntegerField(
        label=_("Tried as number"), min_value=1, max_value=999, initial=100, help_text=_("The lowest number is tried first.")
    )
    most = forms.CharField(label=_("Ceiling of one payment"), max_length=40, required=False)
    fee_percent = forms.DecimalField(
        label=_("Fee in percent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=0,
        help_text=_("What the provider keeps."),
    )
    arrives_within_seconds = forms.IntegerField(label=_("Arrives within seconds"), min_value=0, max_value=2_592_000, initial=60)
    clears = forms.ChoiceField(
        label=_("It has cleared"), choices=Account.Clears, initial=Account.Clears.AT_ONCE, required=False,
        help_text=_("Until then it is credited and cannot be spent."),
    )  # fmt: skip
    clears_after_days = forms.IntegerField(label=_("Days until it has cleared"), min_value=1, max_value=120, required=False)
    has_watched_payouts = forms.BooleanField(
        label=_("Its payouts are looked for in your bank’s statements"), required=False, initial=True,
        help_text=_("Leave it off where they come to a bank whose statements are not brought here."),
    )  # fmt: skip

    custody = forms.ChoiceField(
        label=_("Custody account"), required=False,
        help_text=_("Its balance is compared every day with what these rules want kept of what customers paid beforehand."),
    )  # fmt: skip

    def __init__(self, *args: object, gateway: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        formfields.named(self, "custody", forms.ChoiceField).choices = _custody_choices()
        if gateway != BANK:
            del self.fields["custody"]
        if gateway == TERMINAL:
            for name in OF_PAYING_HERE:
                self.fields[name].widget = forms.HiddenInput()
        if gateway not in payout_rules.NAMES:
            del self.fields["has_watched_payouts"]

    def clean_clears(self) -> str:
        return self.cleaned_data["clears"] or Account.Clears.AT_ONCE

    def clean(self) -> dict[str, Any]:
        """The ceiling in minor units of the chosen currency."""
        cleaned = super().clean() or {}
        given, currency = cleaned.get("most"), cleaned.get("currency")
        cleaned["most"] = None
        if given and currency:
            try:
                cleaned["most"] = money.parse(given, currency)
            except Refused as no:
                raise ValidationError({"most": str(no)}) from no
        if cleaned.get("clears") != Account.Clears.AFTER_DAYS:
            cleaned["clears_after_days"] = 0
        elif not cleaned.get("clears_after_days"):
            raise ValidationError({"clears_after_days": _("Say after how many days.")})
        return cleaned

    def facts(self) -> dict[str, Any]:
        """As the commands take them."""
        given = dict(self.cleaned_data)
        if "custody" in given:
            given["custody_pack"], _slash, given["custody_kind"] = given.pop("custody").partition("/")
        return given | {"fee_rate": int(given.pop("fee_percent") * 100)}


def _custody_choices() -> list[tuple[str, str]]:
    """What each pack wants of each kind of issuer, as it says it."""
    today = timezone.localdate()
    return [("", gettext("No"))] + [
        (f"{pack.id}/{rule.of}", f"{Worded(pack.name)}: {Told(rule)}")
        for pack in reading.packs().values()
        for rule in reporting.shares(pack, today)
    ]


class SettingsForm(forms.Form):
    """The fields that a gateway says it needs. A secret that is kept is never shown again."""

    def __init__(self, *args: object, settings: Sequence[Setting], kept: Mapping[str, str], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.kept, self.secrets = kept, {each.name for each in settings if each.is_secret}
        for each in settings:
            shown = kept.get(each.name, each.default)
            self.fields[each.name] = forms.CharField(
                label=str(each.label),
                help_text=str(each.help),
                required=each.is_required,
                initial=KEPT if each.is_secret and shown else shown,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}) if each.is_long else forms.TextInput,
            )

    def configuration(self) -> dict[str, str]:
        """What was typed, with the secrets that were left as they are."""
        return {
            name: self.kept[name] if name in self.secrets and given == KEPT and name in self.kept else given
            for name, given in self.cleaned_data.items()
        }


def figures(account: Account) -> dict[str, object]:
    """An account as its form shows it."""
    return {
        "name": account.name,
        "code": account.code,
        "currency": account.currency,
        "priority": account.priority,
        "most": "" if account.most is None else money.plain(account.most, account.currency),
        "fee_percent": f"{account.fee_rate / 100:.2f}",
        "arrives_within_seconds": account.arrives_within_seconds,
        "clears": account.clears,
        "clears_after_days": account.clears_after_days or "",
        "has_watched_payouts": account.has_watched_payouts,
        "custody": f"{account.custody_pack}/{account.custody_kind}" if account.custody_pack else "",
    }
