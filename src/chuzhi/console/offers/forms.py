"""Offers as they are typed: amounts in major units of the programme, days as whole days of the shop."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices, formfields
from chuzhi.console.values import AmountField, parse, plain
from chuzhi.core.errors import Refused
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.models import Store
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, OfferGift, OfferTerms
from chuzhi.topups.offer_models import MOST_PARTS
from chuzhi.topups.offer_rules import Every, Gift, Kind
from chuzhi.topups.offers import MOST_BANDS, Bands, Conditions
from chuzhi.wallets.models import Programme
from chuzhi.wallets.programmes import LONGEST_DAYS

SPARE_ROWS = 2
_DAY = {"type": "date"}
_FIGURES = {"inputmode": "numeric"}


def _count(label: Any, *, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, required=False, widget=forms.TextInput(attrs=_FIGURES), **more
    )


class OfferForm(forms.Form):
    """An offer but for its bands. `asset` is what its programme holds."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, help_text=_("As cashiers and customers read it."))
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    budget = AmountField(
        label=_("Budget"), asset="CNY", required=False,
        help_text=_("The offer stops by itself before it promises more than this. Empty: no budget."),
    )  # fmt: skip
    priority = forms.IntegerField(
        label=_("Priority"), min_value=-100, max_value=100, initial=0, widget=forms.TextInput(attrs={"inputmode": "text"}),
        help_text=_("One offer is given: of the highest priority, and among equals the one worth most."),
    )  # fmt: skip
    first_day = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs=_DAY), help_text=_("Empty: from now on.")
    )
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs=_DAY), help_text=_("Empty: without end.")
    )
    is_first_only = forms.BooleanField(label=_("Only for the first top-up of a customer"), required=False)
    most_uses = _count(_("Most times for one customer"), most=10_000, help_text=_("Empty: as often as they like."))
    tiers = forms.CharField(
        label=_("Only for these levels"), max_length=400, required=False, help_text=_("Codes, with commas between. Empty: all.")
    )
    channels = forms.MultipleChoiceField(
        label=_("Only by these ways"), choices=Channel, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: by all."),
    )  # fmt: skip
    stores = forms.MultipleChoiceField(
        label=_("Only in these stores"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: in all stores."),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "budget", AmountField).asset = asset
        stores = Store.objects.order_by("code").values_list("pk", "name")
        formfields.named(self, "stores", forms.ChoiceField).choices = [(str(number), name) for number, name in stores]

    def clean_tiers(self) -> list[str]:
        return [tier for tier in re.split(r"[,，、\s]+", self.cleaned_data["tiers"]) if tier]

    def conditions(self, begun_at: datetime | None = None) -> Conditions:
        """`begun_at` is when an offer that is changed began: it stays so, unless another first day is typed."""
        given = self.cleaned_data
        last = given["last_day"]
        return Conditions(
            starts_at=_midnight(given["first_day"]) if given["first_day"] else begun_at or timezone.now(),
            ends_at=_midnight(last + timedelta(days=1)) if last else None,
            priority=given["priority"],
            tiers=given["tiers"],
            stores=[int(store) for store in given["stores"]],
            channels=given["channels"],
            is_first_only=given["is_first_only"],
            most_uses=given["most_uses"],
        )


class NewOfferForm(OfferForm):
    programme = choices.programme(label=_("Programme"), help_text=_("What is topped up."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, asset="CNY", **more)
        programmes = Programme.objects.filter(is_open=True, kind=Programme.Kind.MONEY).order_by("pk")
        formfields.named(self, "programme", forms.ModelChoiceField).queryset = programmes
        self.fields["programme"].initial = programmes.first()
        chosen = str(self.data.get("programme", "")) if self.is_bound else ""
        found = programmes.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else programmes.first()
        self.asset = found.asset if found else "CNY"
        formfields.named(self, "budget", AmountField).asset = self.asset


class BandForm(forms.Form):
    """One band: what is paid, the bonus, and what else there is. An empty one says nothing."""

    pay = AmountField(label=_("Customer pays"), asset="CNY", required=False)
    bonus = AmountField(label=_("Gets as bonus"), asset="CNY", required=False)
    parts = _count(_("In parts"), most=MOST_PARTS, help_text=_("Empty: at once. The first part comes at once."))
    every = forms.ChoiceField(label=_("One part"), choices=[("", "–"), *OfferGift.Every.choices], required=False)
    lot_programme = choices.Named(label=_("Points or visits of"), queryset=Programme.objects.none(), required=False)
    lot_amount = forms.CharField(label=_("How many"), max_length=20, required=False, widget=forms.TextInput(attrs=_FIGURES))
    coupon = forms.SlugField(label=_("Code of a coupon"), max_length=40, required=False)
    coupons = _count(_("How many coupons"), most=1000)
    level = forms.SlugField(label=_("Code of a level"), max_length=40, required=False)
    level_days = _count(_("The level lasts for"), most=LONGEST_DAYS)
    worth = AmountField(
        label=_("What these cost the shop"), asset="CNY", required=False,
        help_text=_("Without the bonus. It counts against the budget."),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("pay", "bonus", "worth"):
            formfields.named(self, name, AmountField).asset = asset
        others = Programme.objects.filter(is_open=True).exclude(asset=asset).order_by("pk")
        formfields.named(self, "lot_programme", forms.ModelChoiceField).queryset = others

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        self._read_lot(given)
        if (given.get("parts") or 1) > 1 and not given.get("every"):
            self.add_error("every", _("Say how often a part is due."))
        if given.get("every") and (given.get("parts") or 1) == 1:
            self.add_error("parts", _("Say in how many parts."))
        has_gift = any(given.get(name) for name in ("bonus", "lot_amount", "coupon", "level"))
        if has_gift and not given.get("pay") and "pay" not in self.errors:
            self.add_error("pay", _("Say what the customer pays for it."))
        if given.get("pay") and not has_gift and not self.errors:
            self.add_error("bonus", _("Say what the customer gets for it."))
        return given

    @property
    def has_more(self) -> bool:
        """Whether anything but bonus is said, or was typed wrongly: its fields are shown then."""
        names = ("lot_programme", "lot_amount", "coupon", "level", "worth")
        return any(self[name].value() or self[name].errors for name in names)

    def _read_lot(self, given: dict[str, Any]) -> None:
        programme, typed = given.get("lot_programme"), given.get("lot_amount")
        if programme and not typed:
            self.add_error("lot_amount", _("Say how many."))
        elif typed and not programme:
            self.add_error("lot_programme", _("Say of what."))
        elif typed and programme:
            try:
                given["lot_amount"] = parse(typed, programme.asset)
            except Refused as no:
                self.add_error("lot_amount", str(no))

    def gifts(self) -> list[Gift]:
        given = self.cleaned_data
        found: list[Gift] = []
        if bonus := given["bonus"]:
            every = Every(given["every"]) if given["every"] else None
            found.append(Gift(kind=Kind.BONUS, amount=bonus, worth=bonus, parts=given["parts"] or 1, every=every))
        worth = given["worth"] or 0
        if given["lot_amount"]:
            found.append(Gift(kind=Kind.LOT, amount=given["lot_amount"], worth=worth, programme=given["lot_programme"].pk))
            worth = 0
        if given["coupon"]:
            found.append(Gift(kind=Kind.COUPON, amount=given["coupons"] or 1, worth=worth, code=given["coupon"]))
            worth = 0
        if given["level"]:
            found.append(Gift(kind=Kind.LEVEL, amount=1, worth=worth, code=given["level"], valid_days=given["level_days"]))
        return found


class _Bands(forms.BaseFormSet):  # type: ignore[type-arg]  # generic in the stubs only
    def clean(self) -> None:
        filled = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("pay")]
        if not self.forms:
            raise forms.ValidationError(_("An offer needs one amount at least."))
        if not filled and not any(form.errors for form in self.forms):
            self.forms[0].add_error("pay", _("An offer needs one amount at least."))
        seen: set[int] = set()
        for form in filled:
            if (pay := form.cleaned_data["pay"]) in seen:
                form.add_error("pay", _("Another line has the same amount."))
            seen.add(pay)


BandsForm = forms.formset_factory(BandForm, formset=_Bands, extra=SPARE_ROWS, max_num=MOST_BANDS, validate_max=True)


def bands_of(rows: "forms.BaseFormSet[BandForm]") -> Bands:
    return [(row.cleaned_data["pay"], row.gifts()) for row in rows if row.cleaned_data.get("pay")]


def as_typed(offer: Offer, terms: OfferTerms, asset: str) -> dict[str, Any]:
    """An offer as the form shows it, to be changed."""
    zone, ends_at = shop_zone(), terms.ends_at
    return {
        "name_zh": offer.name_zh,
        "name_en": offer.name_en,
        "budget": plain(offer.budget, asset) if offer.budget is not None else "",
        "priority": terms.priority,
        "first_day": terms.starts_at.astimezone(zone).date() if terms.starts_at > timezone.now() else None,
        "last_day": (ends_at - timedelta(seconds=1)).astimezone(zone).date() if ends_at else None,
        "is_first_only": terms.is_first_only,
        "most_uses": terms.most_uses,
        "tiers": ", ".join(terms.tiers),
        "channels": terms.channels,
        "stores": [str(store) for store in terms.stores],
    }


def bands_as_typed(terms: OfferTerms, asset: str) -> list[dict[str, Any]] | None:
    """Its bands; None, where a program has made more of them than one line of the form can say."""
    rows = []
    for band in sorted(terms.bands.all(), key=lambda band: band.pay):
        gifts = list(band.gifts.all())
        kinds = [gift.kind for gift in gifts]
        is_plain = all(gift.parts == 1 and gift.valid_days is None for gift in gifts if gift.kind in {Kind.LOT, Kind.COUPON})
        has_days = any(gift.valid_days for gift in gifts if gift.kind == Kind.BONUS)
        if len(set(kinds)) < len(kinds) or not is_plain or has_days:
            return None
        row: dict[str, Any] = {"pay": plain(band.pay, asset)}
        for gift in gifts:
            row |= _gift_as_typed(gift, asset)
        worth = sum(gift.worth for gift in gifts if gift.kind != Kind.BONUS)
        rows.append(row | {"worth": plain(worth, asset) if worth else ""})
    return rows


def _gift_as_typed(gift: OfferGift, asset: str) -> dict[str, Any]:
    match gift.kind:
        case Kind.BONUS:
            parts = gift.parts if gift.parts > 1 else ""
            return {"bonus": plain(gift.amount, asset), "parts": parts, "every": gift.every}
        case Kind.LOT if gift.programme:
            return {"lot_programme": gift.programme.pk, "lot_amount": plain(gift.amount, gift.programme.asset)}
        case Kind.COUPON:
            return {"coupon": gift.code, "coupons": gift.amount}
        case _:
            return {"level": gift.code, "level_days": gift.valid_days or ""}


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, shop_zone())
