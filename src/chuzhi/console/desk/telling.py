"""A ticket's history as it is told on its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from chuzhi.approvals import people
from chuzhi.approvals.models import Request
from chuzhi.console import values
from chuzhi.desk.models import Step
from chuzhi.wallets import moves

Kind = Step.Kind
ICONS = {
    Kind.NOTED: "message-square",
    Kind.WAITING: "clock",
    Kind.RESOLVED: "circle-check",
    Kind.HANDED: "user",
    Kind.CREDITED: "gift",
    Kind.CREDIT_ASKED: "shield-check",
    Kind.FROZEN: "snowflake",
    Kind.UNFROZEN: "lock-open",
    Kind.CARD_LOST: "ban",
    Kind.CARD_REPLACED: "credit-card",
    Kind.MESSAGE_SENT: "mail",
    Kind.REFUND_ASKED: "undo-2",
}


@dataclass(frozen=True, slots=True)
class Moment:
    step: Step
    icon: str
    who: str
    text: str
    side: str
    """What was moved, or is asked for."""
    links: list[tuple[str, str]]
    """Name and address of what it led to: an entry, a request, a card."""


def story(steps: Iterable[Step]) -> list[Moment]:
    found = list(steps)
    names = people.names({step.by for step in found})
    return [_told(step, names.get(step.by, step.by)) for step in found]


def _told(step: Step, who: str) -> Moment:
    words = step.words.text if hasattr(step, "words") else ""
    asset = moves.programme_of(step.wallet).asset_code if step.wallet else ""
    side = values.text(step.amount, asset) if step.amount else ""
    is_moved = step.kind == Kind.CREDITED or (step.approval is not None and step.approval.state == Request.State.DONE)
    return Moment(step, ICONS[Kind(step.kind)], who, words, f"+{side}" if side and is_moved else side, _links(step))


def _links(step: Step) -> list[tuple[str, str]]:
    found = []
    if step.to:
        found.append((step.to.name, ""))
    if step.approval:
        said = f"{step.approval.number} · {step.approval.get_state_display()}"
        found.append((said, reverse("console:approval", args=[step.approval.pk])))
    if step.entry:
        found.append((step.entry, reverse("console:till_receipt", args=[step.entry])))
    if step.card:
        found.append((step.card.number, reverse("console:wallet_card", args=[step.card.pk])))
    if step.delivery:
        found.append((f"#{step.delivery}", reverse("console:message", args=[step.delivery])))
    if step.refund:
        found.append((f"#{step.refund}", reverse("console:refund_request", args=[step.refund])))
    return found
