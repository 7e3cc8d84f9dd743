"""What moved in a partner's float over a period, issued by us and signed off by the partner."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.organization.partners import contracts, floats, logins
from chuzhi.organization.partners.errors import DayNotOver, NothingToState, StatementAnswered, StatementUnknown
from chuzhi.organization.partners.models import Partner, PartnerEntry, PartnerStatement

Kind, State = PartnerEntry.Kind, PartnerStatement.State


def of(partner: Partner) -> QuerySet[PartnerStatement]:
    """Newest first."""
    return partner.statements.order_by("-number")


def entries(statement: PartnerStatement) -> QuerySet[PartnerEntry]:
    return statement.partner.entries.filter(number__range=(statement.first, statement.last)).order_by("number")


@transaction.atomic(durable=True)
def issue(*, partner: Partner, until_on: date, by: Actor) -> PartnerStatement:
    """Everything after the last statement up to the end of a day that is over."""
    require(by, floats.SETTLE)
    if until_on >= timezone.localdate():
        raise DayNotOver
    partner = contracts.locked(partner.pk)
    before = of(partner).first()
    end = timezone.make_aware(datetime.combine(until_on + timedelta(days=1), time.min))
    covered = list(partner.entries.filter(number__gt=before.last if before else 0, at__lt=end).order_by("number"))
    if not covered:
        raise NothingToState
    sums = {kind: abs(sum(entry.amount for entry in covered if entry.kind == kind)) for kind in Kind}
    statement = PartnerStatement.objects.create(
        partner=partner, number=before.number + 1 if before else 1, first=covered[0].number, last=covered[-1].number,
        until_on=until_on, opening=covered[0].left - covered[0].amount, paid_in=sums[Kind.PAID_IN],
        paid_out=sums[Kind.PAID_OUT], topped_up=sums[Kind.TOP_UP], reversed=sums[Kind.REVERSAL],
        commission=sums[Kind.COMMISSION], closing=covered[-1].left, earned=sum(entry.earned for entry in covered),
        issued_by=by.label,
    )  # fmt: skip
    audit.record("partner.statement_issued", contracts.subject(partner), by=by, number=statement.number)
    return statement


@transaction.atomic(durable=True)
def sign(*, number: int, by: Actor) -> PartnerStatement:
    """The partner agrees: its commission of the period is paid into its float."""
    statement = _answer(number, State.SIGNED, "", by)
    if statement.earned > 0:
        reference = f"statement {statement.number}"
        floats.add(statement.partner, Kind.COMMISSION, statement.earned, by, reference=reference)
    return statement


@transaction.atomic(durable=True)
def object_to(*, number: int, remark: str, by: Actor) -> PartnerStatement:
    """The partner does not agree, and says why. Once that is settled the partner signs the same statement."""
    return _answer(number, State.OBJECTED, remark, by)


def _answer(number: int, state: PartnerStatement.State, remark: str, by: Actor) -> PartnerStatement:
    partner = contracts.locked(logins.partner_of(by).pk)
    statement = PartnerStatement.objects.filter(partner=partner, number=number).first()
    if statement is None:
        raise StatementUnknown
    if statement.state in {State.SIGNED, state}:
        raise StatementAnswered
    statement.state, statement.remark = state, remark
    statement.answered_by, statement.answered_at = by.label, timezone.now()
    statement.save(update_fields=["state", "remark", "answered_by", "answered_at"])
    statement.partner = partner
    audit.record(f"partner.statement_{state}", contracts.subject(partner), by=by, number=number)
    return statement
