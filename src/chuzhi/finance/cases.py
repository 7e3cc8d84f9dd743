"""A difference is ended by somebody who looked into it: alone as far as they may, above that with a second signature."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import PROGRAM
from chuzhi.approvals.kinds import Kind as Act
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.finance import comparing, drawers, following, rules
from chuzhi.finance.errors import CaseClosed, FixNotOffered, NotHereToRefund, RemarkMissing
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Fix, Kind, Way
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind as Did
from chuzhi.ledger.chart import Method
from chuzhi.ledger.queries import Entry
from chuzhi.organization.authority import require
from chuzhi.payments import believing, intents, refunds
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import disputes, moves
from chuzhi.wallets.models import Wallet

CLOSE = "reconciliation.close"
LONGEST_REMARK = 200
FIX = Act(
    "difference",
    _("Difference in a reconciliation"),
    CLOSE,
    {
        "finance": Limits(alone=500_00, a_day=2000_00, approves=20_000_00),
        "administrator": Limits(alone=5000_00, a_day=20_000_00, approves=None),
        PROGRAM: Limits(alone=500_00, a_day=2000_00, approves=0),
    },
)


def offered(case: Case) -> tuple[Fix, ...]:
    """What can be done about it now with one press."""
    if case.closed_at is not None:
        return ()
    payment = _payment_of(case.movement)
    is_paid = payment is not None and payment.stage == Payment.Stage.PAID
    return rules.fixes(
        Way(case.movement.way), Kind(case.kind), knows_payment=payment is not None, is_paid=is_paid,
        knows_top_up=_top_up_of(case.movement, payment) is not None,
    )  # fmt: skip


def fix(*, case: Case, act: Fix, remark: str, by: Actor) -> Case:
    """Do something about it, and compare again. Refuses more than this actor may do alone.

    What closes it by itself later, such as a refund that has to arrive first, leaves it open until then.
    """
    _require(by, act)
    remark = words(remark)
    about, key = f"reconciliation_case:{case.pk}", f"{act}:{case.amount}:{case.opened_at.isoformat()}"
    with authority.counted(FIX, abs(case.amount), by=by, about=about, key=key) as objection:
        if objection is not None:
            raise objection
        return _fixed(case, act, remark, by)


def close(*, case: Case, remark: str, by: Actor) -> Case:
    """Nothing is done; what is left open no longer counts as on its way. It opens again if the difference becomes another."""
    return fix(case=case, act=Fix.WRITE_OFF, remark=remark, by=by)


def ask(*, case: Case, act: Fix, remark: str, key: str, by: Actor) -> Request:
    """Send it to whoever may sign it. Nothing is done before they do."""
    _require(by, act)
    if act not in offered(case):
        raise CaseClosed if case.closed_at else FixNotOffered
    return requests.ask(
        kind=FIX, arguments={"case": case.pk, "act": str(act), "remark": words(remark), "amount": case.amount}, amount=abs(case.amount),
        asset=case.movement.currency, subject=f"reconciliation_case:{case.pk}", reason=words(remark),
        evidence=case.movement.number, key=key, by=by,
    )  # fmt: skip


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """What `ask` asked for, once it is signed. A difference that has become another since needs another signature."""
    case = Case.objects.get(pk=asked["case"])
    if case.amount != asked["amount"]:
        raise FixNotOffered
    if case.closed_at is None or case.closed_by != by.label:  # else it was done before a crash
        maker = Actor(by.kind, by.id, by.name, frozenset({disputes.DISPUTES}))
        _fixed(case, Fix(asked["act"]), asked["remark"], maker)
    return f"reconciliation_case:{case.pk}"


def _require(by: Actor, act: Fix) -> None:
    require(by, CLOSE)
    if act is Fix.TAKE_BACK:
        require(by, disputes.DISPUTES)


def _fixed(seen: Case, act: Fix, remark: str, by: Actor) -> Case:
    """`seen` is the difference as whoever decided saw it: if it is another by now, nothing is done."""
    case = Case.objects.select_related("movement__account").get(pk=seen.pk)
    if case.closed_at is not None:
        raise CaseClosed
    if case.amount != seen.amount or act not in offered(case):
        raise FixNotOffered
    payment = _payment_of(case.movement)
    if act is Fix.BOOK and payment is not None and payment.stage != Payment.Stage.PAID:
        _record(case, act, remark, by)
        intents.ask(payment)  # the bill names it: the provider says so by the usual door, outside any transaction
    else:
        _do(case, act, remark, by)
    following.catch_up()
    comparing.match(case.movement.account) if case.movement.account else drawers.match()
    return Case.objects.select_related("movement__account").get(pk=case.pk)


@transaction.atomic(durable=True)
def _do(seen: Case, act: Fix, remark: str, by: Actor) -> None:
    if seen.movement.account_id:
        Account.objects.select_for_update(no_key=True).get(pk=seen.movement.account_id)
    movement = Movement.objects.select_for_update().get(pk=seen.movement_id)
    case = Case.objects.select_for_update().get(pk=seen.pk)
    if case.closed_at is not None:
        raise CaseClosed
    if case.amount != seen.amount:
        raise FixNotOffered
    payment = _payment_of(movement)
    if act is Fix.BOOK and payment is not None:
        believing.follow_again(payment)
    if act in {Fix.PAY_BACK, Fix.REFUND_EXTRA}:
        _pay_back(payment, case, act, by)
    if act is Fix.TAKE_BACK:
        _take_back(_top_up_of(movement, payment), case, by)
    if act in {Fix.REFUND_EXTRA, Fix.WRITE_OFF}:
        _end(case, movement, remark, by)
    _record(case, act, remark, by)


def _record(case: Case, act: Fix, remark: str, by: Actor) -> None:
    facts = {"kind": case.kind, "amount": case.amount, "remark": remark}
    audit.record(f"reconciliation_case.{act}", f"reconciliation_case:{case.pk}", by=by, **facts)


def _pay_back(payment: Payment | None, case: Case, act: Fix, by: Actor) -> None:
    if payment is None:
        raise NotHereToRefund
    amount = -case.amount if act is Fix.REFUND_EXTRA else payment.amount - payment.refunded
    refunds.intend(payment=payment, amount=amount, why="reconciliation", key=f"case-{case.pk}", by=by)


def _take_back(top_up: Entry | None, case: Case, by: Actor) -> None:
    """Nobody has paid: as if the payer's bank had taken it back for good. What is left of it is gone, what is spent is owed."""
    if top_up is None:
        raise FixNotOffered
    wallet = Wallet.objects.get(pk=top_up.outcome.wallet)
    begun = disputes.begin(wallet=wallet, top_up=top_up.outcome.seq, key=f"case-{case.pk}", by=by)
    disputes.end(wallet=wallet, dispute=begun.seq, won=False, key=f"case-{case.pk}:end", by=by)


def _end(case: Case, movement: Movement, remark: str, by: Actor) -> None:
    case.closed_at, case.closed_by, case.remark = timezone.now(), by.label, remark
    case.save(update_fields=["closed_at", "closed_by", "remark"])
    if not case.is_of_fee:
        movement.written_off = movement.expected - (movement.billed or 0)
        movement.written_off_on = timezone.localdate()
    left = movement.expected - (movement.billed or 0) - movement.written_off
    movement.is_settled = not left and not movement.cases.filter(closed_at=None).exists()
    movement.save(update_fields=["written_off", "written_off_on", "is_settled"])


def _payment_of(movement: Movement) -> Payment | None:
    found = Payment.objects.select_related("account", "agreement")
    return found.filter(account=movement.account_id, number=movement.number).first()


def _top_up_of(movement: Movement, payment: Payment | None) -> Entry | None:
    """The entry of the ledger that brought it: named by the movement, or by the order that the payment was for."""
    if movement.way != Way.PAYMENT or movement.method == Method.TERMINAL:
        return None
    place = moves.place_of(movement.number)
    if payment is not None and payment.purpose == orders.PURPOSE:
        order = Order.objects.filter(pk=payment.subject_id, seq__isnull=False).first()
        place = (order.book, order.seq) if order and order.book is not None and order.seq else None
    found = journal.operation(*place) if place else None
    return found if found and found.outcome.kind is Did.TOP_UP else None


def words(remark: str) -> str:
    remark = " ".join("".join(each if each.isprintable() else " " for each in remark).split())[:LONGEST_REMARK]
    if not remark:
        raise RemarkMissing
    return remark
