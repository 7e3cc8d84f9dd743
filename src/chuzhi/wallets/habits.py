"""How a customer likes to pay: as they said, or as they mostly did."""

from dataclasses import dataclass

from django.db import connection

from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import PARTIES, Kind, System
from chuzhi.payments import methods

LATEST, OFTEN = 10, 2
"""Of so many top-ups of each wallet, the method that was used most, if it was used so often."""
MOSTLY = """
    SELECT paid.account %% %(parties)s FROM wallet w
    CROSS JOIN LATERAL (
        SELECT o.accounts, o.effective_at FROM ledger_operation o
        WHERE o.book = w.book AND o.wallet = w.id AND o.kind = %(kind)s AND o.refusal IS NULL ORDER BY o.seq DESC LIMIT %(latest)s
    ) o
    CROSS JOIN LATERAL (
        SELECT max(account) AS account FROM unnest(o.accounts) account WHERE account / %(parties)s = %(clearing)s
    ) paid
    WHERE w.customer_id = %(customer)s AND paid.account IS NOT NULL
    GROUP BY 1 HAVING count(*) >= %(often)s ORDER BY count(*) DESC, max(o.effective_at) DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Habit:
    """A method by its name, as `wechat`; empty: nothing is known. `is_said`: by the customer, who may say another."""

    method: str = ""
    is_said: bool = False

    @property
    def label(self) -> str:
        return str(methods.LABELS.get(self.method, ""))


def of(customer: Customer | None) -> Habit:
    """What they said goes before what they did."""
    if customer is None:
        return Habit()
    return Habit(customer.preferred_method, is_said=True) if customer.preferred_method else _mostly(customer)


def _mostly(customer: Customer) -> Habit:
    facts = {
        "customer": customer.pk, "kind": int(Kind.TOP_UP), "parties": PARTIES, "clearing": int(System.CLEARING),
        "latest": LATEST, "often": OFTEN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MOSTLY, facts)
        found = cursor.fetchone()
    return Habit(methods.name(found[0])) if found else Habit()
