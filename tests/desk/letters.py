import cast
from chuzhi.customers.models import Customer
from chuzhi.desk.telling import HANDED
from chuzhi.messaging import outbox
from chuzhi.messaging.models import Delivery


def told(customer: Customer) -> Delivery:
    """Something that has reached the customer's inbox."""
    fact = {"who": "x", "ticket": "T1", "subject": "x"}
    message = outbox.tell(kind=HANDED, facts=fact, subject=f"operation:{customer.pk}-1", by=cast.OWNER, customer=customer)
    sent = message.deliveries.get(channel="inbox")
    sent.state, sent.body = Delivery.State.SENT, "x"
    sent.save()
    return sent
