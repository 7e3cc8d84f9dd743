from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chuzhi.console import formfields
from chuzhi.console.values import AmountField
from chuzhi.topups.models import Channel, FollowUp


class OrderForm(forms.Form):
    """A customer asked for it: by phone, e-mail or chat. They get a link to pay by."""

    channel = forms.ChoiceField(
        label=_("How the customer asked"),
        choices=[(each.value, each.label) for each in (Channel.AGENT, Channel.PHONE, Channel.LINK)],
    )

    def __init__(self, *args: object, asset: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.fields["amount"] = AmountField(asset=asset, label=_("Amount"))
        self.order_fields(["amount", "channel"])


MINUTE, HOUR, DAY = 1, 60, 24 * 60
REMINDERS = (15 * MINUTE, HOUR, 3 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)
OPEN = (2, 24, 72, 7 * 24, 14 * 24, 30 * 24)


class FollowUpForm(forms.Form):
    """When customers are reminded of what they have not paid, and how long they may."""

    remind_after = forms.TypedMultipleChoiceField(
        label=_("Remind after"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Counted from the order, until it is paid or cancelled. None: nobody is reminded."),
    )  # fmt: skip
    asked_open_hours = forms.TypedChoiceField(label=_("An order that you make for a customer stays open for"), coerce=int)

    def __init__(self, *args: Any, now: FollowUp, **more: Any) -> None:
        more["initial"] = {"remind_after": now.remind_after, "asked_open_hours": now.asked_open_hours}
        super().__init__(*args, **more)
        after = sorted({*REMINDERS, *now.remind_after})
        hours = sorted({*OPEN, now.asked_open_hours})
        formfields.named(self, "remind_after", forms.ChoiceField).choices = [(each, long(each)) for each in after]
        formfields.named(self, "asked_open_hours", forms.ChoiceField).choices = [(each, long(each * HOUR)) for each in hours]


def long(minutes: int) -> str:
    """A length of time in the largest unit that it is whole in."""
    if minutes % DAY == 0:
        return ngettext("%(count)s day", "%(count)s days", minutes // DAY) % {"count": minutes // DAY}
    if minutes % HOUR == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // HOUR) % {"count": minutes // HOUR}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


class GiveBackForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: object, asset: str, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.fields["amount"] = AmountField(
            asset=asset, label=_("Amount"), required=False, help_text=_("Empty: all that is unspent of it.")
        )
        self.order_fields(["amount", "reason"])
