"""Applications are filed, and then approved with a card or rejected with a reason, by somebody else."""

import base64
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor
from chuzhi.core.documents import MOST_BYTES, MOST_FILES, DocumentTooLarge, checked
from chuzhi.customers import contacts, profiles
from chuzhi.customers.models import Customer
from chuzhi.messaging import outbox
from chuzhi.messaging.outbox import Stranger
from chuzhi.organization.authority import require
from chuzhi.payments import numbers
from chuzhi.wallets import accounts, cards
from chuzhi.wallets.applications import telling
from chuzhi.wallets.applications.errors import AlreadyDecided, OwnApplication, TooManyApplications
from chuzhi.wallets.applications.models import ApplicationDocument, CardApplication
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Card, Programme, Wallet
from chuzhi.wallets.moves import reason as reasoned

FILE, DECIDE = "applications.file", "applications.decide"
MOST_A_DAY = 5
"""Applications from one address."""
State = CardApplication.State


def visible_to(actor: Actor) -> QuerySet[CardApplication]:
    """Oldest first: the queue is worked off from its front."""
    applications = CardApplication.objects.select_related("programme", "card").order_by("pk")
    return applications if actor.may(FILE) or actor.may(DECIDE) else applications.none()


@transaction.atomic(durable=True)
def file(
    *,
    programme: Programme,
    name: str,
    phone: str,
    key: str,
    by: Actor,
    email: str = "",
    identity_number: str = "",
    documents: Sequence[tuple[str, bytes]] = (),
    language: str = "",
    source: str = "",
) -> CardApplication:
    """Take an application in, from its applicant if it has a `source`, the address they call from.

    Asking twice with one key files one.
    """
    require(by, FILE)
    asked_for = accounts.mark(by, key)
    if known := CardApplication.objects.filter(asked_for=asked_for).first():
        return known
    if not programme.is_open:
        raise ProgrammeClosed(programme=programme.name)
    if len(documents) > MOST_FILES:
        raise DocumentTooLarge(megabytes=MOST_BYTES // 2**20, files=MOST_FILES)
    since = timezone.now() - timedelta(days=1)
    if source and CardApplication.objects.filter(source=source[:64], filed_at__gt=since).count() >= MOST_A_DAY:
        raise TooManyApplications
    clean = profiles.cleaned({"name": name})
    made = CardApplication.objects.create(
        number=numbers.fresh("A"),
        language=language[:10],
        source=source[:64],
        programme=programme,
        name=str(clean["name"]),
        phone=contacts.phone(phone),
        email=contacts.email(email) if email else None,
        identity_number=contacts.identity_number(identity_number) if identity_number else None,
        filed_by=by.label,
        asked_for=asked_for,
    )
    for named, content in documents:
        _attach(made, named, content)
    audit.record("application.filed", subject(made), by=by, documents=len(documents))
    return made


@transaction.atomic(durable=True)
def approve(*, application: CardApplication, by: Actor) -> Card:
    """The customer, if not known by the phone yet, a wallet in the programme, and a named card. Not by whoever filed it."""
    application = _undecided(application, by)
    customer = known_customer(application) or profiles.register(
        name=application.name, phone=application.phone, email=application.email,
        identity_number=application.identity_number, key=_key(application), by=by,
    )  # fmt: skip
    held = Wallet.objects.filter(customer=customer, programme=application.programme, is_joined=False).order_by("pk").first()
    wallet = held or accounts.open_wallet(programme=application.programme, customer=customer, key=_key(application), by=by)
    card = cards.issue(wallet=wallet, key=_key(application), by=by)
    _decide(application, State.APPROVED, by, card=card)
    facts = telling.approved(programme=application.programme.name, card=card.number)
    outbox.tell(kind=telling.APPROVED, facts=facts, subject=subject(application), by=by, customer=customer)
    audit.record("application.approved", subject(application), by=by, card=card.pk)
    return card


@transaction.atomic(durable=True)
def reject(*, application: CardApplication, reason: str, by: Actor) -> CardApplication:
    """For a reason that can be told to the applicant."""
    application = _undecided(application, by)
    application.reason = reasoned(reason)
    _decide(application, State.REJECTED, by)
    if application.email:
        facts = telling.rejected(programme=application.programme.name, reason=application.reason)
        reader = Stranger(application.email, application.language)
        outbox.tell(kind=telling.REJECTED, facts=facts, subject=subject(application), by=by, stranger=reader)
    audit.record("application.rejected", subject(application), by=by, reason=application.reason)
    return application


def known_customer(application: CardApplication) -> Customer | None:
    """The customer who has this phone number already."""
    marks = vault.latest().marks(application.phone or "", kind="phone")
    return Customer.objects.filter(phone_mark__in=marks, withdrawn_at=None).first()


def opened(*, document: ApplicationDocument, by: Actor) -> bytes:
    """What was handed in. Each look is kept."""
    require(by, DECIDE)
    audit.record("application.document_opened", subject(document.application), by=by, document=document.pk)
    return base64.b64decode(document.content or "")


def subject(application: CardApplication) -> str:
    return f"application:{application.pk}"


def _attach(application: CardApplication, name: str, content: bytes) -> None:
    found = checked(name, content)
    ApplicationDocument.objects.create(
        application=application, name=found.name[:100], content_type=found.media_type, size=found.size,
        content=base64.b64encode(content).decode(),
    )  # fmt: skip


def _undecided(application: CardApplication, by: Actor) -> CardApplication:
    require(by, DECIDE)
    held = CardApplication.objects.select_for_update(of=("self",)).select_related("programme").get(pk=application.pk)
    if held.state != State.WAITING:
        raise AlreadyDecided
    if held.filed_by == by.label:
        raise OwnApplication
    return held


def _decide(application: CardApplication, state: CardApplication.State, by: Actor, *, card: Card | None = None) -> None:
    application.state, application.card = state, card
    application.decided_by, application.decided_at = by.label, timezone.now()
    application.save(update_fields=["state", "reason", "card", "decided_by", "decided_at"])


def _key(application: CardApplication) -> str:
    return f"application:{application.pk}"
