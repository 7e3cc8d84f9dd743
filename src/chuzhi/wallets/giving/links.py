"""A holder gives to a friend by a link: made, taken by whoever opens it first, withdrawn, or over after its days.

Until it is taken the value is held in the giver's own wallet, where no till can spend it. Then its lots travel, with their
expiry and funding. The address is sealed and kept nowhere: who reads the database cannot take a gift.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chuzhi.core import audit, money, vault
from chuzhi.core.actors import Actor, system
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.errors import KeyReused
from chuzhi.ledger.models import Hold as Promise
from chuzhi.ledger.operations import Hold, Release
from chuzhi.messaging import outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, moves, queries, transfers
from chuzhi.wallets.giving import telling
from chuzhi.wallets.giving.errors import (
    GiftLinkUnknown,
    GiftOfNobody,
    GiftOver,
    GiftsNotOffered,
    GiftTaken,
    GiftToOneself,
    GiftUntilUnusable,
    OverGiftLimit,
    SenderMissing,
    TooManyGifts,
)
from chuzhi.wallets.giving.models import GiftLink
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.transfers import SEND
from chuzhi.wallets.withholding import Cause

USUAL_DAYS, MOST_DAYS = 7, 30
MOST_OPEN = 20
CLOCK = system("gifts")
State = GiftLink.State

_signer = signing.Signer(salt="chuzhi.wallets.giving", sep=".")


def visible_to(actor: Actor) -> QuerySet[GiftLink]:
    """Those of wallets that the actor may see, the newest first."""
    found = GiftLink.objects.filter(wallet__in=queries.visible_to(actor))
    return found.select_related("wallet__programme", "wallet__customer").order_by("-pk")


def of_wallet(wallet: Wallet, actor: Actor) -> QuerySet[GiftLink]:
    return visible_to(actor).filter(wallet=wallet)


def offered(wallet: Wallet) -> bool:
    """Whether its holder may give by a link, or has."""
    is_named, programme = wallet.customer_id is not None, moves.programme_of(wallet)
    may_give = is_named and programme.kind == Programme.Kind.MONEY and programme.terms().most_per_gift is not None
    return may_give or GiftLink.objects.filter(wallet=wallet).exists()


def address_of(gift: GiftLink) -> str:
    """Whoever has it can take the gift."""
    return f"{settings.PUBLIC_URL}/pay/gift/{_signer.sign(str(gift.pk))}/"


def by_token(token: str) -> GiftLink:
    """The gift of the last part of an address. Raises GiftLinkUnknown for one that is not ours."""
    try:
        number = _signer.unsign(token)
    except signing.BadSignature:
        raise GiftLinkUnknown from None
    found = GiftLink.objects.select_related("wallet__programme", "wallet__customer").filter(pk=number).first()
    if found is None:
        raise GiftLinkUnknown
    return found


@transaction.atomic
def make(
    *, wallet: Wallet, amount: int, sender: str, key: str, by: Actor, words: str = "", days: int = USUAL_DAYS
) -> GiftLink:  # fmt: skip
    """Set `amount` minor units aside for whoever opens the link within `days`. Asking twice with one key makes one.

    Whose wallet it is gets told, with the link.
    """
    require(by, SEND)
    money.check(amount)
    asked_for, programme = accounts.mark(by, key), moves.programme_of(wallet)
    posting.lock(wallet.book)
    if known := GiftLink.objects.filter(asked_for=asked_for).first():
        if (known.wallet_id, known.amount) != (wallet.pk, amount):
            raise KeyReused
        return known
    if no := _objection(wallet, amount, programme, days):
        raise no
    until = timezone.now() + timedelta(days=days)
    asked = Hold(
        **moves.common(wallet, programme, key=f"gift:{key}", by=by), amount=amount, expires_at=until,
        order=programme.terms().order, top_ups=_brought_by(wallet, programme), cause=Cause.GIFT,
    )  # fmt: skip
    gift = GiftLink.objects.create(
        wallet=wallet, hold=moves.make(wallet, asked).seq, amount=amount, sender=_sender(sender), words=words.strip()[:200],
        until=until, asked_for=asked_for, made_by=by.label,
    )  # fmt: skip
    audit.record("gift_link.created", f"wallet:{wallet.pk}", by=by, gift=gift.pk, amount=amount)
    facts = telling.made(amount=amount, currency=programme.asset_code, until=until)
    outbox.tell(
        kind=telling.MADE, facts=facts, subject=f"gift:{gift.pk}", by=by, customer=wallet.customer,
        secrets={"link": address_of(gift)},
    )  # fmt: skip
    return gift


@transaction.atomic
def take(*, gift: GiftLink, phone: str, name: str, key: str, by: Actor) -> GiftLink:
    """Bring it into the wallet of whoever has this phone number; one who is new is registered by `name`, with a new wallet.

    Taken again by the same person, it stays as it is.
    """
    require(by, SEND)
    held, clean = _locked(gift), contacts.phone(phone)
    found = Customer.objects.filter(phone_mark__in=vault.latest().marks(clean, kind="phone"), withdrawn_at=None).first()
    if held.taken_by is not None and found is not None and held.taken_by.customer_id == found.pk:
        return held
    _must_be_open(held)
    customer = found or profiles.register(name=name, phone=clean, key=f"gift:{gift.pk}:{key}", by=by)
    if customer.pk == held.wallet.customer_id:
        raise GiftToOneself
    programme = held.wallet.programme
    own = Wallet.objects.filter(customer=customer, programme=programme, is_joined=False).order_by("pk").first()
    return _bring(held, own or _new_wallet(held, customer, by), by)


@transaction.atomic
def take_into(*, gift: GiftLink, wallet: Wallet, by: Actor) -> GiftLink:
    """Bring it into this wallet. Taken into it already, it stays as it is."""
    require(by, SEND)
    held = _locked(gift)
    if held.taken_by_id == wallet.pk:
        return held
    _must_be_open(held)
    if wallet.customer_id is not None and wallet.customer_id == held.wallet.customer_id:
        raise GiftToOneself
    return _bring(held, wallet, by)


@transaction.atomic
def withdraw(*, gift: GiftLink, by: Actor) -> GiftLink:
    """The giver can spend it again. Withdrawn or over already, it stays as it is."""
    require(by, SEND)
    held = _locked(gift)
    if held.state in {State.WITHDRAWN, State.LAPSED}:
        return held
    _must_be_open(held)
    _let_go(held, by)
    return _end(held, State.WITHDRAWN, by)


def lapse() -> int:
    """For the clock: gifts that nobody took in time, or whose money is disputed. The ledger has let go of them by itself.

    Answers how many.
    """
    promise = Promise.objects.filter(book=OuterRef("wallet__book"), id=OuterRef("hold"), open=True)
    over = GiftLink.objects.filter(Q(until__lte=timezone.now()) | ~Exists(promise), state=State.OPEN).order_by("until")[:1000]
    for gift in (found := list(over)):
        with transaction.atomic():
            held = _locked(gift)
            if held.state == State.OPEN:
                _tell(telling.RETURNED, _end(held, State.LAPSED, CLOCK), CLOCK)
    return len(found)


def _objection(wallet: Wallet, amount: int, programme: Known, days: int) -> Refused | None:
    most = programme.terms().most_per_gift
    if wallet.customer_id is None:
        return GiftOfNobody()
    if most is None or programme.kind != Programme.Kind.MONEY:
        return GiftsNotOffered()
    if amount > most:
        return moves.in_money(OverGiftLimit(limit=most), programme)
    if not 1 <= days <= MOST_DAYS:
        return GiftUntilUnusable(most=MOST_DAYS)
    if GiftLink.objects.filter(wallet=wallet, state=State.OPEN).count() >= MOST_OPEN:
        return TooManyGifts(most=MOST_OPEN)
    return None


def _sender(given: str) -> str:
    if not (clean := " ".join(given.split())[:40]):
        raise SenderMissing
    return clean


def _brought_by(wallet: Wallet, programme: Known) -> tuple[int, ...]:
    """The operations that made what can be spent now: naming them keeps the hold out of reach of tills."""
    now = timezone.now()
    free = [lot for lot in journal.lots(wallet.book, wallet.pk) if lot.asset == programme.asset and not lot.has_expired(now)]
    return tuple(sorted({lot.made_by for lot in free}))


def _locked(gift: GiftLink) -> GiftLink:
    rows = GiftLink.objects.select_for_update(of=("self",))
    return rows.select_related("wallet__programme", "wallet__customer", "taken_by").get(pk=gift.pk)


def _must_be_open(gift: GiftLink) -> None:
    if gift.state == State.TAKEN:
        raise GiftTaken
    if gift.state != State.OPEN or gift.is_over:
        raise GiftOver


def _new_wallet(gift: GiftLink, customer: Customer, by: Actor) -> Wallet:
    asked_for = accounts.mark(by, f"gift:{gift.pk}:{customer.pk}")
    return accounts.opened(programme=gift.wallet.programme, customer=customer, asked_for=asked_for, by=by)


def _bring(gift: GiftLink, to: Wallet, by: Actor) -> GiftLink:
    """With both books locked nothing is spent between letting go and sending; a refusal undoes both."""
    posting.lock(*sorted({gift.wallet.book, to.book}))
    brought_by = _let_go(gift, by)
    sent = transfers.move(
        wallet=gift.wallet, to=to, amount=gift.amount, reason=f"gift:{gift.pk}", key=f"gift:{gift.pk}", by=by,
        lots_of=brought_by, most_held=moves.programme_of(to).terms().most_held,
    )  # fmt: skip
    if sent.refusal is not None:
        raise sent.refusal
    gift.taken_by, gift.taken_seq = to, sent.left.seq
    _tell(telling.TAKEN, gift, by)
    return _end(gift, State.TAKEN, by, to=to.pk)


def _let_go(gift: GiftLink, by: Actor) -> tuple[int, ...]:
    """End the promise. Answers what had brought its value; raises GiftOver where a dispute has ended it."""
    wallet = gift.wallet
    kept = next((each for each in journal.kept(wallet.book, wallet.pk) if each.hold == gift.hold), None)
    if kept is None:
        raise GiftOver
    asked = Release(**moves.common(wallet, moves.programme_of(wallet), key=f"gift:{gift.pk}:release", by=by), hold=gift.hold)
    moves.make(wallet, asked)
    return kept.top_ups


def _end(gift: GiftLink, state: State, by: Actor, **facts: int) -> GiftLink:
    gift.state, gift.ended_at = state, timezone.now()
    gift.save(update_fields=["state", "ended_at", "taken_by", "taken_seq"])
    audit.record(f"gift_link.{state}", f"wallet:{gift.wallet_id}", by=by, gift=gift.pk, **facts)
    return gift


def _tell(kind: Kind, gift: GiftLink, by: Actor) -> None:
    facts = telling.ended(amount=gift.amount, currency=gift.wallet.programme.asset)
    outbox.tell(kind=kind, facts=facts, subject=f"gift:{gift.pk}", by=by, customer=gift.wallet.customer)
