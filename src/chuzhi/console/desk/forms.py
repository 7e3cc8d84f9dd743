from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from chuzhi.console import choices, formfields, values
from chuzhi.console.messages import telling
from chuzhi.console.values import AmountField
from chuzhi.desk import tickets
from chuzhi.desk.models import Ticket
from chuzhi.ledger.chart import Standing
from chuzhi.messaging.channels.registry import LABELS
from chuzhi.messaging.models import Delivery
from chuzhi.ui.templatetags import ui
from chuzhi.wallets import moves, queries
from chuzhi.wallets.gifts import Cause
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport, Wallet

STANDINGS = {
    Standing.OPEN: pgettext_lazy("wallet", "Open"),
    Standing.FROZEN: pgettext_lazy("wallet", "Frozen"),
    Standing.CLOSED: gettext_lazy("Closed"),
}


class TicketForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=Ticket.Kind.choices, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=gettext_lazy("How it came"), choices=Ticket.Channel.choices, widget=forms.RadioSelect)
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=tickets.LONGEST_SUBJECT,
        help_text=gettext_lazy("In a few words, without names and numbers of people."),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("What the customer says"), max_length=tickets.LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("Kept sealed."),
    )  # fmt: skip


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What was said or found"), max_length=tickets.LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("@ and a colleague’s name tells them."),
    )  # fmt: skip


class HandForm(NoteForm):
    to = choices.Named(label=gettext_lazy("Colleague"), queryset=tickets.workers())
    field_order = ("to", "text")


class CreditForm(forms.Form):
    """How much, into which of the customer's wallets. The amount is read in what that wallet holds."""

    wallet = forms.TypedChoiceField(label=gettext_lazy("Wallet"), coerce=int)
    amount = AmountField(label=gettext_lazy("Amount of the bonus"), asset="CNY")
    cause = forms.ChoiceField(label=gettext_lazy("Reason"), choices=Cause.choices, initial=Cause.COMPLAINT)

    def __init__(self, given: Any = None, *, wallets: Sequence[Wallet]) -> None:
        super().__init__(given)
        self.known = {wallet.pk: wallet for wallet in wallets}
        held = queries.standings(wallets, within_days=30)
        formfields.named(self, "wallet", forms.ChoiceField).choices = [
            (one.pk, f"{one.programme.name} · {values.text(held[one.pk].balance.available, self._asset(one))}")
            for one in wallets
        ]
        chosen = str(self.data.get("wallet", ""))
        wallet = self.known.get(int(chosen)) if chosen.isdecimal() else next(iter(wallets), None)
        self.asset = self._asset(wallet) if wallet else "CNY"
        formfields.named(self, "amount", AmountField).asset = self.asset

    @property
    def chosen(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"wallet": self.known[given["wallet"]], "amount": given["amount"], "cause": given["cause"]}

    @staticmethod
    def _asset(wallet: Wallet) -> str:
        return moves.programme_of(wallet).asset_code


class StandingForm(forms.Form):
    """Which wallet is frozen, or can be used again."""

    wallet = forms.TypedChoiceField(label=gettext_lazy("Wallet"), coerce=int)

    def __init__(self, given: Any = None, *, wallets: Sequence[Wallet]) -> None:
        super().__init__(given)
        self.known = {wallet.pk: wallet for wallet in wallets}
        held = queries.standings(wallets, within_days=0)
        formfields.named(self, "wallet", forms.ChoiceField).choices = [
            (one.pk, f"{one.programme.name} · {STANDINGS[held[one.pk].standing]}") for one in wallets
        ]


class LostForm(forms.Form):
    """Which card, who says so, and how we know them."""

    card = forms.TypedChoiceField(label=gettext_lazy("Card"), coerce=int)
    channel = forms.ChoiceField(label=gettext_lazy("How it was reported"), choices=CardReport.Channel.choices[:2])
    verified = forms.ChoiceField(
        label=gettext_lazy("How we know who it is"), choices=CardReport.Verified.choices[:4],
        help_text=gettext_lazy("To block it, a call is enough."),
    )  # fmt: skip
    caller = forms.CharField(
        label=gettext_lazy("Name of whoever speaks for the holder"), max_length=80, required=False,
        help_text=gettext_lazy("Empty: the holder in person."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("What was said"), max_length=200)

    def __init__(self, given: Any = None, *, cards: Sequence[Card]) -> None:
        super().__init__(given, initial={"channel": CardReport.Channel.PHONE})
        self.known = {card.pk: card for card in cards}
        formfields.named(self, "card", forms.ChoiceField).choices = [(card.pk, self._named(card)) for card in cards]

    @staticmethod
    def _named(card: Card) -> str:
        is_lost = card.status == Card.Status.LOST
        return f"{card.number} · {card.get_status_display()}" if is_lost else card.number

    @property
    def said(self) -> Said:
        given = self.cleaned_data
        return Said(
            channel=CardReport.Channel(given["channel"]), verified=CardReport.Verified(given["verified"]),
            reason=given["reason"], caller=given["caller"],
        )  # fmt: skip


class ReplaceForm(LostForm):
    """Which card gets a new number: that takes more than a call."""

    verified = forms.ChoiceField(label=gettext_lazy("How we know who it is"), choices=CardReport.Verified.choices[1:4])


class AgainForm(forms.Form):
    """Which of the last things that the customer was told."""

    delivery = forms.TypedChoiceField(label=gettext_lazy("What never came"), coerce=int)

    def __init__(self, given: Any = None, *, deliveries: Sequence[Delivery]) -> None:
        super().__init__(given)
        self.known = {delivery.pk: delivery for delivery in deliveries}
        formfields.named(self, "delivery", forms.ChoiceField).choices = [(one.pk, self._said(one)) for one in deliveries]

    @staticmethod
    def _said(delivery: Delivery) -> str:
        return f"{telling.known(delivery.message.kind)} · {ui.when(delivery.message.made_at)} · {LABELS[delivery.channel]}"
