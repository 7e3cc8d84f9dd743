from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuzhi.topups.cards.models import CardOffer
from chuzhi.topups.cards.offering import MOST_AT_ONCE
from chuzhi.ui.documents import evidence
from chuzhi.ui.templatetags import ui
from chuzhi.wallets.models import Programme


class CodeForm(forms.Form):
    """What is printed on a card, and what was hidden under its panel."""

    use_required_attribute = False
    number = forms.CharField(
        label=_("Card number"), max_length=40, required=False, help_text=_("Empty if the card has one long code."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    secret = forms.CharField(label=_("PIN or code"), max_length=60)


class BuyForm(forms.Form):
    """Which cards, how many, and where their codes go."""

    use_required_attribute = False
    offer = forms.ChoiceField(label=_("Which card"), widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1)
    email = forms.CharField(
        label=_("E-mail"), max_length=254, help_text=_("Numbers and PINs are sent here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    identity_number = forms.CharField(label=_("Identity number"), max_length=30, required=False)

    def __init__(self, *args: object, offers: Sequence[CardOffer], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # what Form takes
        self.offers = {str(offer.pk): offer for offer in offers}
        self.fields["offer"] = forms.ChoiceField(
            label=_("Which card"), choices=[(number, _shown(offer)) for number, offer in self.offers.items()],
            widget=forms.RadioSelect, initial=next(iter(self.offers), None),
        )  # fmt: skip
        self.order_fields(["offer", "count"])

    def clean_offer(self) -> CardOffer:
        return self.offers[self.cleaned_data["offer"]]


class NamedProgramme(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Programme) -> str:
        return obj.name


class ApplicationForm(forms.Form):
    """Who somebody is, and the papers that show it."""

    use_required_attribute = False
    programme = NamedProgramme(
        label=_("Kind of card"), queryset=Programme.objects.filter(is_open=True, kind=Programme.Kind.MONEY).order_by("pk")
    )
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Phone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, help_text=_("We write to you when it is decided."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    identity_number = forms.CharField(label=_("Identity number"), max_length=30)
    documents = evidence(label=_("Pictures of your identity document"))
    agrees = forms.BooleanField(
        label=_("I agree that these details and documents are used to decide on this application, and for nothing else.")
    )


def _shown(offer: CardOffer) -> str:
    asset = offer.programme.asset
    value = ui.money(offer.value, asset)
    priced = gettext("%(value)s for %(price)s") % {"value": value, "price": ui.money(offer.price, asset)}
    return f"{value if offer.price == offer.value else priced} · {offer.programme.name}"
