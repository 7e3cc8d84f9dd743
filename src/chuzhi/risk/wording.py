"""What each rule is called, and what it warns of, in the words of a shop."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.risk.rules import Subject

NAMES: dict[str, Promise] = {
    "top_ups_of_wallet": _("Many top-ups of one wallet"),
    "top_ups_of_customer": _("Many top-ups of one customer"),
    "top_ups_by_payer": _("Many top-ups by one payer"),
    "top_ups_at_till": _("Many top-ups at one till"),
    "top_ups_by_staff": _("Many top-ups by one colleague"),
    "spending_of_wallet": _("Much spent from one wallet"),
    "spending_of_customer": _("Much spent by one customer"),
    "transfers_of_wallet": _("Many transfers out of one wallet"),
    "refunds_at_till": _("Many refunds at one till"),
    "refunds_by_staff": _("Many refunds by one colleague"),
    "many_small": _("Many small payments from different sources"),
    "many_wallets": _("One payer for many wallets"),
    "new_payer": _("Large top-up by a new payer"),
    "new_device": _("Large top-up from a new device"),
    "night_at_till": _("At a till in the night"),
    "night_online": _("Large top-up in the night"),
    "paid_and_back": _("Topped up and soon paid back"),
    "spent_and_back": _("Spent and soon given back"),
    "for_oneself": _("Staff serve themselves"),
    "same_wallet": _("One colleague, one wallet, again and again"),
    "without_reason": _("Correction without cause or evidence"),
    "corrections_by_staff": _("Many corrections by one colleague"),
    "cash_and_back": _("Cash taken and soon paid back"),
    "just_below": _("Kept just below the limit"),
    "odd_hour": _("At an hour unusual for this colleague"),
    "unusual_looks": _("Unusually many looks at personal data"),
    "exports": _("Many files taken along"),
}
MEANINGS: dict[str, Promise] = {
    "top_ups_of_wallet": _("Money is being moved through it, or somebody tries out stolen means of payment."),
    "top_ups_of_customer": _("The same, spread over several wallets of one person."),
    "top_ups_by_payer": _("One account pays again and again: perhaps it is not its owner who pays."),
    "top_ups_at_till": _("More than a counter can sell: perhaps top-ups that nobody paid for."),
    "top_ups_by_staff": _("More than one person can sell: perhaps top-ups that nobody paid for."),
    "spending_of_wallet": _("A card or phone in other hands is emptied quickly."),
    "spending_of_customer": _("The same, spread over several wallets of one person."),
    "transfers_of_wallet": _("Value is carried off to other wallets."),
    "refunds_at_till": _("Charges are cancelled after the customer has paid and gone."),
    "refunds_by_staff": _("The same, wherever this colleague worked."),
    "many_small": _("Stolen cards are tried out with small amounts. The amount is the largest that counts as small."),
    "many_wallets": _("An account pays for people who do not know each other."),
    "new_payer": _("Somebody whom we have never seen pays for a customer who has always paid otherwise."),
    "new_device": _("An order from a phone or computer that this customer has never used."),
    "night_at_till": _("Something is rung up while the shop is closed."),
    "night_online": _("An owner asleep does not notice it until the morning."),
    "paid_and_back": _("The wallet only turns one kind of money into another."),
    "spent_and_back": _("Spending and refund cancel each other, and something else has changed hands."),
    "for_oneself": _(
        "Somebody tops up, corrects or refunds a wallet that has their own e-mail address, or that their own account pays for."
    ),
    "same_wallet": _("Perhaps it is their own wallet, or a friend's."),
    "without_reason": _("What stands there as cause or evidence says nothing to whoever reads it later."),
    "corrections_by_staff": _("More than mistakes and complaints explain, and nobody else has signed."),
    "cash_and_back": _("By the same hands: perhaps the customer had gone, and the money went elsewhere."),
    "just_below": _(
        "Several close below what this colleague may do alone, or several of one wallet that are above it together."
    ),
    "odd_hour": _("Nothing of the days before was done at this hour or the ones beside it."),
    "unusual_looks": _("So many in 24 hours, and four times as many as this colleague looks at on other days."),
    "exports": _("Lists with personal data leave the shop."),
}
SUBJECTS: dict[Subject, Promise] = {
    Subject.WALLET: _("Wallet"),
    Subject.CUSTOMER: _("Customer"),
    Subject.PAYER: _("Payer"),
    Subject.TILL: _("Till"),
    Subject.STAFF: _("Colleague"),
}
