from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Staff
from chuzhi.workforce import notes, tasks

FIELD_OF_REFUSAL = {"task.unusable": "what", "task.day_unusable": "due_on", "task.assignee_unusable": "assignee"}


class WhoseForm(forms.Form):
    """Those who have left, too: what they leave is to be handed over."""

    whose = choices.Named(
        label=_("Whose"), queryset=Staff.objects.order_by("name", "pk"), required=False, empty_label=_("Mine")
    )


class ChangeForm(forms.Form):
    due_on = forms.DateField(label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}))
    assignee = choices.colleague(label=_("Who does it"), empty_label=None)

    def refuse(self, no: Refused) -> None:
        self.add_error(FIELD_OF_REFUSAL.get(no.code), str(no))


class TaskForm(ChangeForm):
    what = forms.CharField(label=_("What is to be done"), max_length=tasks.LONGEST)
    field_order = ("what", "due_on", "assignee")


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label=_("What came of it"), max_length=notes.LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It becomes a note on the customer."),
    )  # fmt: skip

    def refuse(self, no: Refused) -> None:
        self.add_error(None, str(no))
