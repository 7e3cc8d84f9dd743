"""What a customer asks an agent for is taken down, and closed with a reason where no top-up comes of it."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chuzhi.core import audit, documents, money
from chuzhi.core.actors import Actor
from chuzhi.core.documents import Document
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.payments import numbers
from chuzhi.topups import orders
from chuzhi.topups.assisted import errors
from chuzhi.topups.assisted.models import AssistedDocument, AssistedStep, AssistedTopUp, standing
from chuzhi.topups.errors import NotMoney, OtherOrder
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import accounts, moves
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.queries import VIEW

ASSIST = "topups.assist"
MOST_SHOWN = 5
Channel, Speaker, Verified, Status = AssistedTopUp.Channel, AssistedTopUp.Speaker, AssistedTopUp.Verified, AssistedTopUp.Status
Kind = AssistedStep.Kind


def visible_to(actor: Actor) -> QuerySet[AssistedTopUp]:
    """Newest first."""
    rows = AssistedTopUp.objects.select_related("wallet__customer", "wallet__programme", "order", "store").order_by("-pk")
    return rows if actor.may(VIEW) else rows.none()


def under_way(wallet: Wallet, actor: Actor) -> list[AssistedTopUp]:
    """A wallet's requests that are neither credited nor closed, newest first."""
    lasting = [standing(each) for each in Status if each not in {Status.CREDITED, Status.CLOSED}]
    return list(visible_to(actor).filter(reduce(or_, lasting), wallet=wallet)[:MOST_SHOWN])


def named(found: QuerySet[AssistedTopUp], text: str) -> QuerySet[AssistedTopUp]:
    """By its own number, an order's, or that of the top-up it became (`12-345`, or the code on its receipt)."""
    book, seq = moves.place_of("-".join(text.split("-")[:2])) or (0, 0)  # there is no entry 0
    credited = AgentCredit.objects.filter(book=book, seq=seq).values("request")
    ordered = Order.objects.filter(number=text).exclude(request="").values("request")
    return found.filter(Q(number=text) | Q(number__in=credited) | Q(number__in=ordered))


def take_down(
    *, wallet: Wallet, amount: int, channel: str, speaker: str, verified: str, key: str, by: Actor, caller: str = "",
    note: str = "", files: Sequence[tuple[str, bytes]] = (), store: Store | None = None,
) -> AssistedTopUp:  # fmt: skip
    """Somebody wishes to top up `amount` minor units. Who speaks, and how we know it is them, is kept with it.

    What stands in the way does not keep it from being taken down. Asking twice with one key takes it down once.
    """
    require(by, ASSIST)
    asked_for = accounts.mark(by, key)
    said = {"wallet": wallet, "amount": money.check(amount), "channel": channel, "speaker": speaker, "verified": verified}
    if known := AssistedTopUp.objects.filter(asked_for=asked_for).first():
        return _replayed(known, said)
    programme = moves.programme_of(wallet)
    if programme.kind != Programme.Kind.MONEY:
        raise NotMoney
    _check(wallet, channel, speaker, verified, caller, has_files=bool(files))
    kept = documents.keep_all(list(files))
    with transaction.atomic():
        made, is_new = AssistedTopUp.objects.get_or_create(asked_for=asked_for, defaults={
            **said, "number": numbers.fresh("H"), "currency": programme.asset_code, "store": store,
            "caller": moves.text(caller) if speaker == Speaker.OTHER else "", "note": moves.text(note), "made_by": by.label,
        })  # fmt: skip
        if not is_new:
            return _replayed(made, said)
        _attach(made, kept)
        step(made, Kind.TAKEN_DOWN, by=by)
        audit.record("assisted.taken_down", subject(made), by=by, wallet=wallet.pk, amount=amount, documents=len(kept))
    return made


@transaction.atomic
def close(*, request: AssistedTopUp, reason: str, by: Actor) -> AssistedTopUp:
    """No top-up comes of it. A pay link that is out is cancelled: money that still comes goes back."""
    require(by, ASSIST)
    row, reason = unfinished(request), moves.reason(reason)
    withdraw_link(row, by)
    row.closed_at, row.closed_because = timezone.now(), reason
    row.save(update_fields=["closed_at", "closed_because"])
    step(row, Kind.CLOSED, by=by, reason=reason)
    audit.record("assisted.closed", subject(row), by=by)
    return row


def opened(*, document: AssistedDocument, by: Actor) -> bytes | None:
    """What was handed in, if it is still there. Each look is kept."""
    require(by, ASSIST)
    audit.record("assisted.document_opened", subject(document.request), by=by, document=document.pk)
    return documents.read(document.hash)


def locked(request: AssistedTopUp) -> AssistedTopUp:
    """Only in a transaction. Its order may be settled meanwhile: whoever must be sure locks that too."""
    rows = AssistedTopUp.objects.select_for_update(of=("self",)).select_related("wallet__customer", "order", "store")
    return rows.get(pk=request.pk)


def unfinished(request: AssistedTopUp) -> AssistedTopUp:
    """The same, if it was neither credited nor closed."""
    row = locked(request)
    if row.is_over:
        raise errors.RequestOver
    return row


def withdraw_link(row: AssistedTopUp, by: Actor) -> None:
    """An order that nobody has paid is cancelled, so that the request cannot be paid twice. Raises OrderOver if it just was."""
    if row.order is not None and row.order.stage in {Order.Stage.OPEN, Order.Stage.EXPIRED}:
        row.order = orders.cancel(order=row.order, by=by)


def step(row: AssistedTopUp, kind: Kind, *, by: Actor, about: str = "", reason: str = "") -> None:
    """One line of its story."""
    AssistedStep.objects.create(request=row, kind=kind, about=about, reason=reason, by=by.label)


def subject(row: AssistedTopUp) -> str:
    return f"assisted:{row.number}"


def _check(wallet: Wallet, channel: str, speaker: str, verified: str, caller: str, *, has_files: bool) -> None:
    chosen = {"channel": (channel, Channel), "speaker": (speaker, Speaker), "verified": (verified, Verified)}
    for field, (value, choices) in chosen.items():
        if value not in choices.values:
            raise errors.RequestUnusable(field=field)
    if speaker == Speaker.OTHER and not moves.text(caller):
        raise errors.CallerMissing
    on_file = {Verified.CALLED_BACK: "phone", Verified.ADDRESS: "email"}.get(Verified(verified))
    if on_file and not getattr(wallet.customer, on_file, None):
        raise errors.NotOnFile
    if verified == Verified.DOCUMENT and not has_files:
        raise errors.EvidenceMissing


def _attach(made: AssistedTopUp, kept: Sequence[Document]) -> None:
    AssistedDocument.objects.bulk_create(
        AssistedDocument(request=made, hash=one.hash, name=one.name, media_type=one.media_type, size=one.size) for one in kept
    )


def _replayed(known: AssistedTopUp, said: dict[str, object]) -> AssistedTopUp:
    if any(getattr(known, name) != value for name, value in said.items()):
        raise OtherOrder
    known.is_replayed = True
    return known
