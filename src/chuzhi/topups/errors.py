from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class OrderOver(Refused):
    code = "order.over"
    message = _("This order is over. Make a new one.")


class NoWayToPay(Refused):
    code = "order.no_way_to_pay"
    message = _("There is no way to pay this amount here just now.")


class OtherOrder(Refused):
    """The same key with another request."""

    code = "idempotency.key_reused"
    message = _("This key was used for a different request.")


class NotMoney(Refused):
    code = "order.not_money"
    message = _("Only programmes of money can be topped up by payment.")


class NotCredited(Refused):
    code = "order.not_credited"
    message = _("Nothing was credited for this order, so nothing can be given back.")


class ScheduleUnusable(Refused):
    code = "order.follow_up"
    message = _("At most 10 reminders, each within 30 days; an order stays open for at least an hour and at most 30 days.")


class TextOutdated(Refused):
    code = "mandate.text_outdated"
    message = _("The text has changed meanwhile. Read it and agree again.")


class MandateExists(Refused):
    code = "mandate.exists"
    message = _("This account is topped up automatically already. Stop that first.")


class MandateOver(Refused):
    code = "mandate.over"
    message = _("This automatic top-up is not in force.")


class DayUnusable(Refused):
    code = "mandate.day"
    message = _("A monthly top-up needs a day from 1 to 31; one by the balance has none.")


class NotHeld(Refused):
    code = "order.not_held"
    message = _("Nothing of this order is held any more: it has cleared, or is disputed.")


class HasAutomaticTopUp(Refused):
    code = "merge.automatic_top_up"
    message = _("An automatic top-up is in force for the record that would go. End it first.")
