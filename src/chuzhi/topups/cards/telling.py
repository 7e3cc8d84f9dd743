"""What buyers of cards are told."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging import facts as said
from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

CODES = Kind(
    name="cards.codes",
    label=_("Codes of bought recharge cards"),
    title=_("Your recharge cards: {amount}"),
    body=_(
        "Hello,\n\nthank you for your order {order} of {amount}. Each line is one card: its number, its PIN, its value.\n\n"
        "{codes}\n\nWhoever has number and PIN has the value: show them to nobody. What is on a card can be seen at {balance}. "
        "Your order is at {link}.\n\n{shop}"
    ),
    facts=("order", "amount", "balance", "link"),
    channels=(EMAIL,),
    secrets=("codes",),
)


def codes(*, order: str, amount: int, currency: str, balance: str, link: str) -> Mapping[str, Fact]:
    return {"order": order, "amount": said.money(amount, currency), "balance": balance, "link": link}
