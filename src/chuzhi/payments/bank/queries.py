"""What the pages and the API read of statements. Statements are of the company: whoever works in some stores only sees none."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from chuzhi.core.actors import Actor
from chuzhi.payments.bank.intake import GATEWAY
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.bank.rules import Verdict
from chuzhi.payments.gateways.bank import references
from chuzhi.payments.models import Account, Payment, Refund

VIEW = "bank.view"


@dataclass(frozen=True, slots=True)
class ToTransfer:
    """A refund that somebody transfers by hand, with the reference by which its line will be recognised."""

    refund: Refund
    reference: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one statement: sums in minor units, and how many lines paid something, need somebody, or are not matched yet."""

    came: int
    went: int
    paid: int
    cases: int
    waiting: int


def accounts() -> QuerySet[Account]:
    return Account.objects.filter(gateway=GATEWAY).order_by("name", "pk")


def visible_to(actor: Actor) -> QuerySet[StatementFile]:
    found = StatementFile.objects.select_related("account").annotate(cases=_cases()).order_by("-pk")
    return found if actor.stores is None else found.none()


def lines_visible_to(actor: Actor) -> QuerySet[BankLine]:
    found = BankLine.objects.select_related("account", "statement", "payment", "refund").order_by("-on", "-pk")
    return found if actor.stores is None else found.none()


def cases(actor: Actor) -> QuerySet[BankLine]:
    """Oldest first: who waits longest is served first."""
    return lines_visible_to(actor).filter(state=BankLine.State.CASE).order_by("on", "pk")


def candidates(line: BankLine) -> Sequence[Payment]:
    """The payments it is likely for, the likeliest first."""
    found = {each.number: each for each in Payment.objects.filter(account=line.account, number__in=line.candidates)}
    return [found[number] for number in line.candidates if number in found]


def counts(statement: StatementFile) -> Counts:
    found = statement.lines.aggregate(
        came=Coalesce(Sum("amount", filter=Q(amount__gt=0)), 0),
        went=Coalesce(Sum("amount", filter=Q(amount__lt=0)), 0),
        paid=Count("pk", filter=Q(verdict__in=[Verdict.PAYS, Verdict.OVER])),
        cases=Count("pk", filter=Q(state=BankLine.State.CASE)),
        waiting=Count("pk", filter=Q(state=BankLine.State.NEW)),
    )
    return Counts(**found)


def gap_before(statement: StatementFile) -> int:
    """What is missing between the statement before this one and this one, in minor units; 0: nothing that we know of."""
    if statement.opening is None:
        return 0
    before = StatementFile.objects.filter(
        account=statement.account_id, last_on__lte=statement.first_on, closing__isnull=False
    ).exclude(pk=statement.pk)
    closing = before.order_by("-last_on", "-pk").values_list("closing", flat=True).first()
    return 0 if closing is None else statement.opening - closing


def to_transfer(actor: Actor) -> list[ToTransfer]:
    if actor.stores is not None:
        return []
    on_their_way = [Refund.Stage.SENT, Refund.Stage.PROCESSING]
    waiting = Refund.objects.filter(payment__account__gateway=GATEWAY, stage__in=on_their_way).select_related("payment")
    return [ToTransfer(each, references.of(each.number)) for each in waiting.order_by("created_at")]


def _cases() -> Count:
    return Count("lines", filter=Q(lines__state=BankLine.State.CASE))
