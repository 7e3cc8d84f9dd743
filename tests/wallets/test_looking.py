"""What is on a card is told to whoever has its code, and to nobody else."""

import make
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import cast
import rechargecards
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.portal import visitors
from chuzhi.wallets import accounts
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.vouchers import custody, looking
from chuzhi.wallets.vouchers.errors import TooManyTries, VoucherUnusable
from chuzhi.wallets.vouchers.looking import Seen
from chuzhi.wallets.vouchers.models import VoucherAlarm
from rechargecards import FORM, Lot

pytestmark = pytest.mark.django_db

PAGE = "/pay/card-balance/"


@pytest.fixture
def lot(programme: Programme, store: Store) -> Lot:
    return rechargecards.sold(programme, store)


def seen(number: str, secret: str, source: str = "192.0.2.1", device: str = "") -> Seen:
    return looking.balance(number=number, secret=secret, source=source, device=device, by=visitors.ANYBODY)


@pytest.mark.parametrize("form", [FORM.PIN, FORM.SECRET])
def test_a_card_that_is_alive_and_then_redeemed(programme: Programme, store: Store, wallet: Wallet, form: str) -> None:
    card = rechargecards.sold(programme, store, form=form).cards[0]
    number = card.number if form == FORM.PIN else ""

    assert seen(number, card.secret) == Seen(100_00, "CNY")
    rechargecards.redeem(wallet, card, form=FORM(form))

    after = seen(number, card.secret)
    assert (after.left, after.redeemed_at is not None) == (0, True)


def test_whatever_is_wrong_the_answer_and_the_statements_are_the_same(programme: Programme, store: Store, lot: Lot) -> None:
    unsold, void = rechargecards.sent(programme, store), rechargecards.printed(programme)
    custody.void(batch=void.batch, first=1, last=1, reason="lost", by=cast.OWNER)
    ways = {
        "unsold": (unsold.cards[0].number, unsold.cards[0].secret),
        "void": (void.cards[0].number, void.cards[0].secret),
        "wrong PIN": (lot.cards[0].number, "00000000"),
        "no such card": ("9157000000000018", "12345678"),
    }

    told = set()
    for place, (number, secret) in enumerate(ways.values()):
        with CaptureQueriesContext(connection) as asked, pytest.raises(VoucherUnusable) as no:
            seen(number, secret, source=f"192.0.2.{place}")
        told.add((str(no.value), len(asked)))

    assert len(told) == 1


def test_a_frozen_card_is_as_unknown_as_it_is_to_whoever_redeems(lot: Lot) -> None:
    card = lot.voucher().wallet
    assert card
    accounts.freeze(wallet=card, reason="stolen", key=make.key(), by=cast.OWNER)

    with pytest.raises(VoucherUnusable):
        seen(lot.cards[0].number, lot.cards[0].secret)


def test_looking_and_redeeming_are_counted_together(lot: Lot, wallet: Wallet) -> None:
    card = lot.cards[0]
    for place in range(5):
        with pytest.raises(VoucherUnusable):
            seen(card.number, "00000000", source=f"192.0.2.{place}")
        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, card, secret="00000000", source=f"198.51.100.{place}")

    with pytest.raises(VoucherUnusable):
        seen(card.number, card.secret, source="203.0.113.1")
    assert VoucherAlarm.objects.filter(kind="card", subject=card.number).exists()


def test_a_device_that_guesses_is_stopped_wherever_it_calls_from(lot: Lot) -> None:
    for place in range(10):
        with pytest.raises(VoucherUnusable):
            seen("", f"GUESS{place}", source=f"192.0.2.{place}", device="one")

    with pytest.raises(TooManyTries):
        seen(lot.cards[0].number, lot.cards[0].secret, source="203.0.113.1", device="one")
    assert seen(lot.cards[0].number, lot.cards[0].secret, source="203.0.113.1", device="another").left == 100_00
    assert VoucherAlarm.objects.get().kind == "device"


def test_the_page_shows_it_without_signing_in(lot: Lot) -> None:
    visitor = Client(headers={"accept-language": "en"})
    assert visitor.get(PAGE).status_code == 200

    right = visitor.post(PAGE, {"number": lot.cards[0].number, "secret": lot.cards[0].secret})
    wrong = visitor.post(PAGE, {"number": lot.cards[0].number, "secret": "1"})
    empty = visitor.post(PAGE, {"number": "", "secret": ""})

    assert (right.status_code, wrong.status_code, empty.status_code) == (200, 422, 422)
    assert "CN¥100.00" in right.content.decode()
    assert lot.cards[0].secret not in wrong.content.decode()
    assert "no-store" in right["Cache-Control"]


def test_a_visitor_who_guesses_has_to_wait() -> None:
    visitor = Client()
    visitor.get(PAGE)

    answers = [visitor.post(PAGE, {"secret": f"GUESS{place}"}).status_code for place in range(11)]

    assert answers == [422] * 10 + [429]


def test_by_a_program(lot: Lot) -> None:
    program = Program("vouchers:redeem")

    seen = program.post("/voucher-balances", {"number": lot.cards[0].number, "secret": lot.cards[0].secret}, key=None)
    wrong = program.post("/voucher-balances", {"number": lot.cards[0].number, "secret": "1"}, key=None)

    assert (seen.status_code, seen.json()) == (
        200,
        {"left": 100_00, "uncleared": 0, "currency": "CNY", "expires_at": None, "redeemed_at": None},
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "voucher.unusable")
