"""What follows from payments for their orders, in the transaction of the provider's word."""

from collections.abc import Sequence

from chuzhi.payments.models import Payment
from chuzhi.topups import automatic, orders
from chuzhi.topups.channels import Channel


def paid_together(payments: Sequence[Payment]) -> None:
    """The orders are credited (or their money goes back), and automatic ones are written into their mandates' stories."""
    for payment, order in orders.credited_by(payments):
        if order.channel == Channel.AUTO:
            automatic.credited_by(payment)
