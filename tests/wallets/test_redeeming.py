"""A card is redeemed once, to the cent; and whoever guesses learns nothing."""

import random
import re
from collections import Counter
from datetime import timedelta

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
import rechargecards
import shop
from chuzhi.core import vault
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import OverBalanceLimit
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.errors import TransferOfAnotherKind
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.vouchers import custody, guarding, redeeming, rules
from chuzhi.wallets.vouchers.errors import TooManyTries, VoucherUnusable
from chuzhi.wallets.vouchers.models import Voucher, VoucherAlarm, VoucherTry
from chuzhi.wallets.vouchers.rules import Code
from rechargecards import FORM, Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(programme: Programme, store: Store) -> Lot:
    """One card of 100, sold."""
    return rechargecards.sold(programme, store)


class TestCodes:
    @pytest.mark.parametrize(
        ("number", "secret", "read"),
        [
            ("9157 0000-0000 0018", " 1234 5678 ", Code("9157000000000018", "12345678")),
            ("９１５７００００００００００１８", "１２３４５６７８", Code("9157000000000018", "12345678")),
            ("", "9157000000000018 12345678", Code("9157000000000018", "12345678")),
            ("", "ab0o-1Il2 cdef-ghjk", Code("", "AB001112CDEFGHJK")),
            ("", "", Code("", "")),
        ],
    )
    def test_a_code_is_read_as_people_type_it(self, number: str, secret: str, read: Code) -> None:
        assert rules.read(number, secret) == read


class TestRedeeming:
    @pytest.mark.parametrize("form", [FORM.PIN, FORM.SECRET])
    def test_the_exact_value_arrives_once(self, programme: Programme, store: Store, wallet: Wallet, form: str) -> None:
        lot = rechargecards.sold(programme, store, value=123_45, form=form)

        done = rechargecards.redeem(wallet, lot.cards[0], form=FORM(form))

        assert (done.value, done.arrived.amount, queries.balance(wallet)) == (123_45, 123_45, Balance(principal=123_45))
        assert lot.voucher().status == "used"
        assert lot.voucher().wallet
        assert queries.balance(lot.voucher().wallet) == Balance()  # type: ignore[arg-type]  # asserted above
        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, lot.cards[0], form=FORM(form))
        assert queries.balance(wallet).principal == 123_45

    def test_the_same_key_redeems_once_and_is_told_so(self, lot: Lot, wallet: Wallet) -> None:
        first, again = (rechargecards.redeem(wallet, lot.cards[0], key="mine") for _twice in range(2))

        assert (first.replayed, again.replayed, first.arrived.id) == (False, True, again.arrived.id)
        assert queries.balance(wallet).principal == 100_00

    def test_the_holder_of_a_wallet_redeems_into_it_and_into_no_other(self, lot: Lot, wallet: Wallet, member: Actor) -> None:
        with pytest.raises(NotAllowed):
            rechargecards.redeem(shop.new_wallet(wallet.programme), lot.cards[0], by=member)

        rechargecards.redeem(wallet, lot.cards[0], by=member)

        entry = queries.entries(wallet)[0]
        assert (entry.actor, queries.balance(wallet).principal) == (member.label, 100_00)

    def test_value_keeps_the_expiry_it_was_sold_with(self, store: Store) -> None:
        programme = shop.new_programme(principal_valid_days=1100)
        lot = rechargecards.sold(programme, store)
        bearer = queries.lots(lot.voucher().wallet)[0]  # type: ignore[arg-type]  # sold

        wallet = shop.new_wallet(programme)
        rechargecards.redeem(wallet, lot.cards[0])

        arrived = queries.lots(wallet)[0]
        assert (arrived.expires_at, arrived.funding) == (bearer.expires_at, bearer.funding)

    def test_a_wallet_that_will_not_take_it_leaves_the_card_as_it_was(self, programme: Programme, lot: Lot) -> None:
        small = shop.new_wallet(shop.new_programme(most_held=50_00))

        with pytest.raises(OverBalanceLimit):
            rechargecards.redeem(small, lot.cards[0])

        assert (lot.voucher().status, queries.balance(small)) == ("active", Balance())
        assert rechargecards.redeem(shop.new_wallet(programme), lot.cards[0]).value == 100_00

    def test_a_wallet_of_another_kind_is_refused_without_counting_a_wrong_code(self, lot: Lot) -> None:
        dollars = shop.new_wallet(shop.new_programme(asset="USD", bands=[]))

        with pytest.raises(TransferOfAnotherKind):
            rechargecards.redeem(dollars, lot.cards[0])

        assert lot.voucher().status == "active"
        assert not VoucherTry.objects.filter(verdict__in=["open", "wrong"]).exists()

    def test_what_a_crash_left_in_the_middle_is_finished_by_the_clock(self, lot: Lot, wallet: Wallet) -> None:
        long_ago = timezone.now() - timedelta(minutes=1)
        Voucher.objects.filter(pk=lot.voucher().pk).update(
            status="redeeming", redeemed_into=wallet, redeemed_by="staff:7", redeemed_at=long_ago, tries=1
        )

        assert [redeeming.finish_unfinished() for _twice in range(2)] == [1, 0]

        assert (lot.voucher().status, queries.balance(wallet).principal) == ("used", 100_00)

    def test_codes_are_known_after_the_vaults_key_has_changed(self, lot: Lot, wallet: Wallet) -> None:
        vault.add_key("encryption")

        assert rechargecards.redeem(wallet, lot.cards[0]).value == 100_00


def wrong_ways(
    programme: Programme, store: Store, wallet: Wallet, form: rechargecards.VoucherBatch.Form
) -> dict[str, tuple[str, str]]:
    """Everything that can be wrong with a card, as (number, secret) that somebody types."""
    lot = rechargecards.sent(programme, store, count=5, form=form)
    active, used, void, frozen, unsold = range(5)
    for place in (active, used, frozen):
        rechargecards.sell(lot.voucher(place), store)
    rechargecards.redeem(wallet, lot.cards[used], form=form)
    custody.void(batch=lot.batch, first=void + 1, last=void + 1, reason="lost", by=cast.OWNER)
    bearer = lot.voucher(frozen).wallet
    assert bearer
    accounts.freeze(wallet=bearer, reason="stolen", key=make.key(), by=cast.OWNER)
    with_number = form == FORM.PIN
    ways = {
        name: (lot.cards[place].number if with_number else "", lot.cards[place].secret)
        for name, place in {"used": used, "void": void, "unsold": unsold, "frozen": frozen}.items()
    }
    right = lot.cards[active]
    wrong = "".join(str((int(digit) + 1) % 10) for digit in right.secret) if with_number else "0" * 16
    ways["wrong"] = (right.number if with_number else "", wrong)
    ways["unknown"] = ("9157000000000000" if with_number else "", right.secret if with_number else "Z" * 16)
    ways["empty"] = (right.number if with_number else "", "")
    return ways


class TestNothingIsLearnt:
    @pytest.mark.parametrize("form", [FORM.PIN, FORM.SECRET])
    def test_whatever_is_wrong_the_answer_and_the_statements_are_the_same(
        self, programme: Programme, store: Store, wallet: Wallet, form: rechargecards.VoucherBatch.Form
    ) -> None:
        ways = wrong_ways(programme, store, wallet, form)
        told, asked = dict[str, tuple[str, str, dict[str, object]]](), dict[str, list[str]]()

        for place, (name, (number, secret)) in enumerate(ways.items()):
            with (
                CaptureQueriesContext(
                    connection,
                ) as seen,
                pytest.raises(VoucherUnusable) as no,
            ):
                redeeming.redeem(
                    wallet=wallet, number=number, secret=secret, key=f"k{place}", source=f"s{place}", by=cast.OWNER
                )
            told[name] = (no.value.code, str(no.value), dict(no.value.facts))
            asked[name] = [shape(query["sql"]) for query in seen.captured_queries]

        assert len(set(map(str, told.values()))) == 1
        del asked["frozen"]  # right code, stopped by us: it goes as far as the ledger, and only its holder can have asked
        assert len(set(map(str, asked.values()))) == 1

    def test_ten_wrong_codes_lock_a_card_and_the_right_one_says_no_more_than_a_wrong_one(
        self, lot: Lot, programme: Programme, wallet: Wallet
    ) -> None:
        card = lot.cards[0]
        for place in range(rules.MOST_ON_A_CARD):
            guess(shop.new_wallet(programme), card.number, f"{place:08d}", source=f"10.0.0.{place}")

        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, card, source="10.1.1.1")

        alarm = VoucherAlarm.objects.get()
        assert (alarm.kind, alarm.subject) == ("card", card.number)
        guarding.see(alarm=alarm, by=cast.OWNER)
        assert rechargecards.redeem(wallet, card, source="10.1.1.1").value == 100_00

    @pytest.mark.parametrize("side", ["source", "customer", "store"])
    def test_each_side_is_stopped_by_itself_and_staff_see_it(
        self, lot: Lot, programme: Programme, store: Store, wallet: Wallet, side: str
    ) -> None:
        most = rules.WINDOWS[side][0][1]
        for place in range(most):
            guess(
                wallet if side == "customer" else shop.new_wallet(programme), f"{place:016d}", "12345678",
                source="10.0.0.1" if side == "source" else f"10.0.0.{place + 10}",
                store=store.pk if side == "store" else None,
            )  # fmt: skip
        another = shop.new_wallet(programme)
        stopped = {
            "source": (another, "10.0.0.1", None),
            "customer": (wallet, "10.9.9.9", None),
            "store": (another, "10.9.9.9", store.pk),
        }
        into, source, at = stopped[side]

        with pytest.raises(TooManyTries):
            rechargecards.redeem(into, lot.cards[0], source=source, store=at)

        assert VoucherAlarm.objects.get().kind == side
        assert rechargecards.redeem(shop.new_wallet(programme), lot.cards[0], source="10.2.2.2").value == 100_00

    def test_right_codes_are_not_counted(self, programme: Programme, store: Store, wallet: Wallet) -> None:
        lot = rechargecards.sold(programme, store, count=12)

        for card in lot.cards:
            rechargecards.redeem(wallet, card, source="10.0.0.1")

        assert queries.balance(wallet).principal == 12 * 100_00

    def test_a_guesser_learns_nothing_while_customers_redeem(self, programme: Programme, store: Store) -> None:
        """From many addresses and in the name of many customers, at numbers that exist and at numbers that do not."""
        lot = rechargecards.sold(programme, store, count=60)
        mine, theirs = lot.cards[:20], [card.number for card in lot.cards[20:]]
        victims = [shop.new_wallet(programme) for _each in range(20)]
        chance, told = random.Random(7), {"real": Counter[str](), "none": Counter[str]()}

        for place in range(400):
            kind = "real" if chance.random() < 0.5 else "none"
            number = chance.choice(theirs) if kind == "real" else f"9157{chance.randrange(10**12):012d}"
            secret = f"{chance.randrange(10**8):08d}"
            told[kind][guess(chance.choice(victims), number, secret, source=f"10.0.{chance.randrange(100)}.1")] += 1
            if place % 20 == 0:
                customer, card = shop.new_wallet(programme), mine[place // 20]
                assert rechargecards.redeem(customer, card, source=f"192.0.2.{place // 20}").value == 100_00

        assert told["real"].keys() == told["none"].keys() <= {"voucher.unusable", "voucher.too_many_tries"}
        assert Voucher.objects.filter(status="used").count() == len(mine)
        assert VoucherAlarm.objects.filter(kind="customer").exists()

    def test_old_tries_are_forgotten(self, wallet: Wallet) -> None:
        guess(wallet, "1", "2", source="s")
        VoucherTry.objects.update(at=timezone.now() - guarding.KEPT - timedelta(days=1))

        assert (guarding.forget_old(), VoucherTry.objects.count()) == (1, 0)


def guess(wallet: Wallet, number: str, secret: str, *, source: str, store: int | None = None) -> str:
    """What a guesser is told."""
    by = Actor(ActorKind.CUSTOMER, wallet.customer_id or 0)
    try:
        redeeming.redeem(wallet=wallet, number=number, secret=secret, source=source, store=store, key=make.key(), by=by)
    except Refused as no:
        return no.code
    return "redeemed"


def shape(statement: str) -> str:
    """A statement without its values and the numbers of its savepoints."""

    return re.sub(r"'(?:[^']|'')*'|\b\d+\b|s\d+_x\d+", "?", statement)
