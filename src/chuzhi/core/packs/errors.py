"""How a rule of a pack says no: with its id, the plain reason, and where it comes from."""

from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.core.packs.rules import AMOUNTS, Rule, Said


class PackUnknown(Refused):
    code = "pack.unknown"
    message = _("There is no rule pack “%(given)s”.")


class PackRefused(Refused):
    """Not the shop's choice: law, or the policy that the shop took as its law."""

    code = "pack.refused"
    message = _("%(reason)s Rule %(rule)s.")

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            reason=Told(rule),
            rule=rule.id,
            pack=rule.pack,
            source=Worded(rule.source.title),
            since=rule.first_on.isoformat() if rule.first_on > date.min else None,
        )
        self.rule = rule


class Worded:
    """A sentence of a pack, in the language of whoever reads it."""

    def __init__(self, said: Said) -> None:
        self.said = said

    def __str__(self) -> str:
        return self.said.en if (get_language() or "zh-hans").startswith("en") else self.said.zh


class Told:
    """What a rule says, with its number as it is read."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __str__(self) -> str:
        rule = self.rule
        is_amount = rule.topic in AMOUNTS and rule.currency
        number = money.text(rule.number, rule.currency) if is_amount else str(rule.value)
        return str(Worded(rule.says)).replace("{value}", number)
