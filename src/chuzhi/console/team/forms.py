from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuzhi.console import formfields
from chuzhi.core.actors import Actor
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.organization.roles import PARTNER, ROLES, Grant


class GrantsForm(forms.Form):
    """The roles somebody has, each to keep or not, and one more to add."""

    keep = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)
    role = forms.ChoiceField(label=_("Add a role"), required=False)
    store = forms.ModelChoiceField(
        label=_("Where"), queryset=Store.objects.none(), required=False, empty_label=_("All stores"), to_field_name="code"
    )

    def __init__(self, given: QueryDict | None = None, *, held: Iterable[Grant] = (), by: Actor) -> None:
        self.held = {f"{grant.role}@{grant.store or ''}": grant for grant in held}
        super().__init__(given, initial={"keep": list(self.held)})
        visible = stores.visible_to(by)
        names = dict(visible.filter(pk__in=[one.store for one in self.held.values() if one.store]).values_list("pk", "name"))
        formfields.named(self, "keep", forms.ChoiceField).choices = [
            (mark, f"{ROLES[one.role].label} · {names.get(one.store) if one.store else gettext('All stores')}")
            for mark, one in self.held.items()
        ]
        formfields.named(self, "role", forms.ChoiceField).choices = [
            ("", "—"),
            *((name, role.label) for name, role in ROLES.items() if name != PARTNER),
        ]
        formfields.named(self, "store", forms.ModelChoiceField).queryset = visible

    def grants(self) -> list[Grant]:
        kept = [self.held[mark] for mark in self.cleaned_data["keep"]]
        if not (role := self.cleaned_data["role"]):
            return kept
        store = self.cleaned_data["store"]
        return [*kept, Grant(role, store.pk if store else None)]
