"""What pages and programs read of cases. Whoever works in some stores sees what happened in those last; nobody, what is about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import ROLES
from chuzhi.risk.cases import VIEW, WORK, about
from chuzhi.risk.models import Case, Noted, Step
from chuzhi.risk.rules import RULES

JUDGED_LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule has done in 90 days: what it raised, what was closed, and how much of that was a false alarm."""

    raised: int = 0
    closed: int = 0
    false: int = 0

    @property
    def false_percent(self) -> int | None:
        """None: nothing has been judged yet."""
        return round(self.false * 100 / self.closed) if self.closed else None


def visible_to(actor: Actor) -> QuerySet[Case]:
    """Newest first."""
    found = Case.objects.select_related("customer", "store", "assigned_to").order_by("-raised_at", "-pk")
    if not actor.may(VIEW):
        return found.none()
    found = found.exclude(about(actor))
    return found if actor.stores is None else found.filter(store__in=actor.stores)


def evidence(case: Case) -> list[Noted]:
    """In the order of time."""
    own = Noted.objects.filter(evidence_of__case=case).select_related("wallet__customer", "wallet__programme")
    return list(own.order_by("at", "pk"))


def story(case: Case) -> Sequence[Step]:
    """Oldest first."""
    return list(case.steps.select_related("wallet").order_by("pk"))


def standings() -> dict[str, Standing]:
    """Every rule's, by its code."""
    lately = (
        Case.objects.filter(raised_at__gt=timezone.now() - JUDGED_LATELY)
        .values("rule")
        .annotate(
            raised=Count("pk"),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
            false=Count("pk", filter=Q(verdict=Case.Verdict.FALSE)),
        )
    )
    found = {row["rule"]: Standing(row["raised"], row["closed"], row["false"]) for row in lately}
    return {code: found.get(code, Standing()) for code in RULES}


def workers() -> QuerySet[Staff]:
    """Those whom a case can be given to."""
    roles = [name for name, role in ROLES.items() if WORK in role.permissions]
    return Staff.objects.filter(is_active=True, assignments__role__in=roles).distinct().order_by("name", "pk")
