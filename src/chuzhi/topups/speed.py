"""From payment to usable balance: how long it takes, by the way that was paid, beside what payers are promised."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.payments import queries
from chuzhi.payments.models import Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Order

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one account at a provider. `within` is how many were credited in the time that payers are promised."""

    account: str
    method: int
    target_seconds: int
    credited: int
    within: int
    median_seconds: float
    slow_seconds: float
    """One in twenty takes longer."""

    @property
    def share(self) -> int:
        """Hundredths of a percent that were in time."""
        return self.within * 10_000 // self.credited

    @property
    def is_met(self) -> bool:
        """Nineteen of twenty in time."""
        return self.slow_seconds <= self.target_seconds


def of(*, days: int, by: Actor) -> list[Speed]:
    """Orders paid in the last `days`, from the provider's moment to ours. The busiest first; nothing for who may not look."""
    if not by.may(queries.VIEW):
        return []
    since = timezone.now() - timedelta(days=min(days, MOST_DAYS))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.name, a.method, a.arrives_within_seconds, count(*), count(*) FILTER (WHERE s.took <= a.arrives_within_seconds),
                      percentile_cont(0.5) WITHIN GROUP (ORDER BY s.took), percentile_cont(0.95) WITHIN GROUP (ORDER BY s.took)
               FROM payment p JOIN payment_account a ON a.id = p.account_id
               JOIN top_up_order o ON o.id = p.subject_id AND o.stage = %s
               CROSS JOIN LATERAL (SELECT greatest(0, extract(epoch FROM o.ended_at - p.paid_at))::float AS took) s
               WHERE p.purpose = %s AND p.stage = %s AND p.paid_at >= %s
               GROUP BY a.id ORDER BY count(*) DESC, a.id""",
            [Order.Stage.CREDITED, orders.PURPOSE, Payment.Stage.PAID, since],
        )
        return [Speed(*row) for row in cursor.fetchall()]
