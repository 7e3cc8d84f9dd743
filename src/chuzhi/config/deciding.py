"""Colleagues are told of requests: those who may decide one that it waits, and whoever asked how it ended."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, kinds, people
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import is_one_person
from chuzhi.core import actors
from chuzhi.ledger import assets
from chuzhi.messaging import facts, outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.organization import staff
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import ROLES
from chuzhi.wallets import gifts

ASKED = Kind(
    "approval.asked",
    _("Request for approval, for those who decide"),
    _("{number} waits for you: {what}, {amount}"),
    _("{maker} asks for: {what}, {amount}.\nReason: {reason}\nEvidence: {evidence}\nTo be decided by {until}."),
    ("number", "what", "amount", "maker", "reason", "evidence", "until"),
)
ENDED = Kind(
    "approval.ended",
    _("How a request ended, for whoever asked"),
    _("{number} {state}: {what}, {amount}"),
    _("{what}, {amount}: {state}.\nDecided by: {signer}\n{answer}"),
    ("number", "what", "amount", "state", "signer", "answer"),
)
BY = actors.system("approvals")
State = Request.State
TOLD_TO_MAKER = frozenset({State.DONE, State.FAILED, State.REFUSED, State.EXPIRED})


def tell(request: Request) -> None:
    """Joins the transaction of the change."""
    said = {
        "number": request.number,
        "what": facts.word(kinds.named(request.kind).label),
        "amount": facts.money(request.amount, request.asset) if _is_money(request) else str(request.amount),
    }
    if request.state == State.WAITING:
        more = {
            "maker": _name(request.asked_by), "reason": facts.word(gifts.said(request.reason)), "evidence": request.evidence,
            "until": facts.moment(request.expires_at),
        }  # fmt: skip
        for colleague in _deciders(request):
            outbox.tell(kind=ASKED, facts=said | more, subject=f"approval:{request.pk}", by=BY, staff=colleague)
    elif request.state in TOLD_TO_MAKER and (maker := _colleague(request.asked_by)):
        answer = request.answer or request.refusal_said
        ended = {"state": facts.word(State(request.state).label), "signer": _name(request.decided_by), "answer": answer}
        outbox.tell(kind=ENDED, facts=said | ended, subject=f"approval:{request.pk}", by=BY, staff=maker)


def _deciders(request: Request) -> list[Staff]:
    """Whoever may decide this one: of its store or of all, with the authority for its kind and size, and not its maker."""
    roles = [name for name, role in ROLES.items() if authority.DECIDE in role.permissions]
    where = Q(assignments__store=None) | Q(assignments__store=request.store) if request.store else Q(assignments__store=None)
    found = Staff.objects.filter(where, is_active=True, assignments__role__in=roles).distinct().prefetch_related("assignments")
    kind, maker, store = (
        kinds.named(request.kind),
        people.marks(request.asked_by),
        Store.objects.filter(pk=request.store or 0).first(),
    )
    return [
        one
        for one in found.order_by("pk")
        if authority.is_for(kind, request.amount, by=staff.actor_of(one, at=store))
        and not is_one_person(maker, people.marks(f"staff:{one.pk}"))
    ]


def _is_money(request: Request) -> bool:
    return bool(assets.currency(assets.number(request.asset)))


def _colleague(label: str) -> Staff | None:
    kind, _colon, number = label.partition(":")
    return Staff.objects.filter(pk=int(number), is_active=True).first() if kind == "staff" else None


def _name(label: str) -> str:
    return people.names({label}).get(label, "–") if label else "–"
