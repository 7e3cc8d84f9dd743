"""Somebody before a kiosk: from the number of a card to “Finish”. The browser is told nothing that it could keep."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuzhi.core import actors, audit, sentcodes
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.kiosk import kiosks, rules, telling, tries
from chuzhi.kiosk.errors import CardNotServed, CodeWrong, ServiceNotOffered, VisitOver
from chuzhi.kiosk.models import Kiosk, Visit
from chuzhi.kiosk.tries import What
from chuzhi.messaging import outbox
from chuzhi.till import receipts
from chuzhi.topups import orders
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Order
from chuzhi.wallets import losses
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport

PURPOSE = "chuzhi.kiosk.visits"
Service, Proof = Kiosk.Service, Visit.Proof
VERIFIED = {
    Proof.NONE: CardReport.Verified.NO,
    Proof.CODE: CardReport.Verified.CODE,
    Proof.RECEIPT: CardReport.Verified.RECEIPT,
}


def begin(*, kiosk: Kiosk, number: str, service: str) -> Visit:
    """Somebody gives the number of a card. It says nothing of the card but that it is served here.

    A lost card is served only to whoever reports it.
    """
    _offered(kiosk, service)
    number = sentcodes.typed(number)[:40]
    attempt = tries.begin(kiosk=kiosk, number=number, what=What.NUMBER)
    card = losses.named(number)
    served = {Card.Status.ACTIVE, Card.Status.LOST} if service == Service.LOSS else {Card.Status.ACTIVE}
    if card is None or card.status not in served:
        tries.wrong(attempt)
        raise CardNotServed
    tries.right(attempt)
    return _begun(kiosk, card, service)


def of(kiosk: Kiosk) -> Visit | None:
    """Who stands there now, unless the screen has waited too long."""
    found = Visit.objects.filter(kiosk=kiosk, ended_at=None, ends_at__gt=timezone.now())
    return found.select_related("kiosk__store", "card__wallet__customer__owner", "order").first()


def stay(visit: Visit, *, seconds: int | None = None) -> None:
    """The screen was touched: it waits anew."""
    visit.ends_at = timezone.now() + timedelta(seconds=seconds or visit.kiosk.idle_seconds)
    Visit.objects.filter(pk=visit.pk, ended_at=None).update(ends_at=visit.ends_at)


def finish(kiosk: Kiosk) -> None:
    Visit.objects.filter(kiosk=kiosk, ended_at=None).update(ended_at=timezone.now(), code_hash=None)


def turn_to(visit: Visit, service: str) -> None:
    """Whoever came for one thing wants another."""
    _offered(visit.kiosk, service)
    visit.service = service
    Visit.objects.filter(pk=visit.pk).update(service=service)


def send_code(visit: Visit) -> None:
    """To the address on file. Nothing tells whether there is one: what is shown is the same."""
    tries.right(tries.begin(kiosk=visit.kiosk, number=visit.card.number, what=What.SENDING))
    _sent(visit)


def prove(visit: Visit, *, code: str) -> None:
    """With the code that was sent, or that of a receipt of this card. Wrong ones count for the card and for the screen."""
    attempt = tries.begin(kiosk=visit.kiosk, number=visit.card.number, what=What.CODE)
    given = sentcodes.typed(code)[:60]
    proof = _by_sent_code(visit, given) if sentcodes.is_one(given) else _by_receipt(visit, given)
    if not proof:
        tries.wrong(attempt)
        raise CodeWrong
    tries.right(attempt)
    _proven(visit, proof)


def top_up(*, visit: Visit, amount: int, key: str, by: Actor) -> Order:
    """An order for the card's wallet, which this screen shows until it is paid. Sent twice, one order is placed."""
    _offered(visit.kiosk, Service.TOP_UP)
    order = orders.place(
        wallet=visit.card.wallet, amount=amount, channel=Channel.KIOSK, key=key, by=by, store=visit.kiosk.store,
        device=f"kiosk:{visit.kiosk_id}",
    )  # fmt: skip
    if not Visit.objects.filter(pk=visit.pk, ended_at=None).update(order=order):
        raise VisitOver
    return order


def report_loss(*, visit: Visit, by: Actor) -> Card:
    """The card finds nothing from now on, anywhere: even if nobody showed whose it is, for better blocked than emptied."""
    _offered(visit.kiosk, Service.LOSS)
    said = Said(
        channel=CardReport.Channel.KIOSK, verified=VERIFIED[Proof(visit.proof)], reason=_("Reported at a kiosk"),
    )  # fmt: skip
    return losses.report(card=visit.card, said=said, by=by)


@transaction.atomic
def _begun(kiosk: Kiosk, card: Card, service: str) -> Visit:
    Kiosk.objects.select_for_update(of=("self",)).get(pk=kiosk.pk)
    finish(kiosk)
    ends_at = timezone.now() + timedelta(seconds=kiosk.idle_seconds)
    return Visit.objects.create(kiosk=kiosk, card=card, service=service, ends_at=ends_at)


@transaction.atomic
def _sent(visit: Visit) -> None:
    customer = visit.card.wallet.customer
    if customer is None or customer.withdrawn_at or not customer.email:
        return
    code = sentcodes.fresh()
    visit.codes_sent += 1
    visit.code_hash, visit.code_ends_at = sentcodes.seal(PURPOSE, visit.pk, code), timezone.now() + sentcodes.LIFETIME
    visit.save(update_fields=["codes_sent", "code_hash", "code_ends_at"])
    outbox.tell(
        kind=telling.CODE, facts=telling.facts(visit.kiosk.store.name, sentcodes.LIFETIME), secrets={"code": code},
        subject=f"kiosk_visit:{visit.pk}.{visit.codes_sent}", customer=customer, by=kiosks.actor_of(visit.kiosk),
    )  # fmt: skip


def _by_sent_code(visit: Visit, given: str) -> str:
    if visit.code_hash is None or visit.code_ends_at is None or visit.code_ends_at <= timezone.now():
        return ""
    return Proof.CODE if sentcodes.opens(visit.code_hash, PURPOSE, visit.pk, given) else ""


def _by_receipt(visit: Visit, given: str) -> str:
    try:
        found = receipts.find(code=given, actor=actors.system("kiosk"))
    except Refused:
        return ""
    is_theirs = found.wallet.pk == visit.card.wallet_id and found.at > timezone.now() - rules.RECEIPT_LIFETIME
    return Proof.RECEIPT if is_theirs else ""


@transaction.atomic
def _proven(visit: Visit, proof: str) -> None:
    if not Visit.objects.filter(pk=visit.pk, ended_at=None).update(proof=proof, code_hash=None):
        raise VisitOver
    visit.proof, visit.code_hash = proof, None
    wallet = f"wallet:{visit.card.wallet_id}"
    audit.record("kiosk.identified", wallet, by=kiosks.actor_of(visit.kiosk), card=visit.card_id, proof=str(proof))


def _offered(kiosk: Kiosk, service: str) -> None:
    if not kiosk.offers(service):
        raise ServiceNotOffered
