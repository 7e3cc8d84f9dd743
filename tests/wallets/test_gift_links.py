"""A gift by link: held in the giver's wallet, taken once by whoever opens it, or back with the giver."""

from datetime import timedelta

import make
import pytest
from django.db import connection
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import KeyReused, NotEnough
from chuzhi.ledger.proof import verification
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, disputes, holds, queries
from chuzhi.wallets.errors import HeldForGift, HoldKept
from chuzhi.wallets.giving import errors, links
from chuzhi.wallets.giving.models import GiftLink
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance
from wallets.giving import FRIEND, funded, give, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver(store: Store) -> Wallet:
    return funded(store)


def take(gift: GiftLink, phone: str = FRIEND, name: str = "李雷") -> GiftLink:
    return links.take(gift=gift, phone=phone, name=name, key="take", by=cast.OWNER)


class TestMaking:
    def test_it_is_held_where_no_till_can_spend_take_or_let_go_of_it(self, giver: Wallet, store: Store) -> None:
        gift = give(giver, 200_00)

        assert (queries.balance(giver).available, queries.balance(giver).held) == (380_00, 200_00)
        with pytest.raises(HeldForGift) as no:
            shop.charge(giver, 400_00, store)
        assert no.value.code == "wallet.held_for_gift"
        for act in (holds.release, holds.capture):
            more = {"amount": 1_00} if act is holds.capture else {}
            with pytest.raises(HoldKept):
                act(wallet=giver, hold=gift.hold, store=store.pk, key=make.key(), by=cast.OWNER, **more)  # type: ignore[operator]

    def test_the_giver_is_told_with_the_link_which_stands_in_no_log(self, giver: Wallet) -> None:
        gift = give(giver)

        message = Message.objects.get(kind="gift_link.made")
        assert message.customer_id == giver.customer_id
        assert token(gift) in str(message.secrets)
        assert token(gift) not in str(message.facts)

    def test_one_key_makes_one_and_never_another_amount(self, giver: Wallet) -> None:
        first, again = (give(giver, key="gift-1") for _twice in range(2))

        assert first.pk == again.pk
        assert queries.balance(giver).held == 100_00
        with pytest.raises(KeyReused):
            give(giver, 50_00, key="gift-1")

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"amount": 200_01}, errors.OverGiftLimit),
            ({"sender": "   "}, errors.SenderMissing),
            ({"days": 0}, errors.GiftUntilUnusable),
            ({"days": 31}, errors.GiftUntilUnusable),
        ],
    )
    def test_what_cannot_be_given_is_refused_and_nothing_is_held(
        self, giver: Wallet, asked: dict[str, object], refusal: type[Refused]
    ) -> None:
        with pytest.raises(refusal):
            give(giver, **asked)  # type: ignore[arg-type]  # any

        assert queries.balance(giver).held == 0
        assert not GiftLink.objects.exists()

    def test_more_than_there_is_is_refused(self, giver: Wallet) -> None:
        with pytest.raises(NotEnough):
            give(shop.new_wallet(giver.programme))

    def test_only_where_the_terms_offer_it_and_never_from_a_bearer(self, giver: Wallet, store: Store) -> None:
        with pytest.raises(errors.GiftsNotOffered):
            give(shop.prepaid(500_00, store))
        bearer = accounts.open_wallet(programme=giver.programme, key=make.key(), by=cast.OWNER)
        with pytest.raises(errors.GiftOfNobody):
            give(bearer)

    def test_so_many_wait_and_no_more(self, giver: Wallet) -> None:
        gifts = [give(giver, 1_00) for _gift in range(links.MOST_OPEN)]

        with pytest.raises(errors.TooManyGifts):
            give(giver, 1_00)
        links.withdraw(gift=gifts[0], by=cast.OWNER)
        assert give(giver, 1_00).state == "open"

    def test_only_by_whoever_may_move_value(self, giver: Wallet, cashier: Actor) -> None:
        with pytest.raises(NotAllowed):
            give(giver, by=cashier)


class TestTaking:
    def test_a_stranger_gets_a_record_a_wallet_and_the_very_lots(self, giver: Wallet) -> None:
        before = {(lot.funding, lot.expires_at, lot.terms) for lot in queries.lots(giver)}

        taken = take(give(giver, 200_00))

        friend = Customer.objects.get(name="李雷")
        assert (friend.phone, str(taken.state)) == (f"+86{FRIEND}", "taken")
        assert taken.taken_by is not None
        assert taken.taken_by.customer_id == friend.pk
        assert queries.balance(taken.taken_by) == Balance(200_00)
        assert queries.balance(giver) == Balance(300_00, 80_00)
        assert {(lot.funding, lot.expires_at, lot.terms) for lot in queries.lots(taken.taken_by)} <= before
        told = Message.objects.get(kind="gift_link.taken")
        assert told.customer_id == giver.customer_id
        assert verification.verify(connection.connection, deep=True).findings == []

    def test_somebody_known_keeps_their_record_and_their_wallet(self, giver: Wallet) -> None:
        friend = profiles.register(name="韩梅梅", phone=FRIEND, by=cast.OWNER)
        own = shop.new_wallet(giver.programme, friend)

        taken = take(give(giver), phone="+86 137 0000 1111", name="Somebody else")

        assert taken.taken_by_id == own.pk
        friend.refresh_from_db()
        assert friend.name == "韩梅梅"

    def test_the_first_has_it_and_may_ask_again(self, giver: Wallet) -> None:
        gift = give(giver)
        take(gift)

        assert take(gift).state == "taken"
        with pytest.raises(errors.GiftTaken):
            take(gift, phone="13600002222", name="小红")
        assert not Customer.objects.filter(name="小红").exists()
        assert queries.balance(giver).principal == 400_00

    def test_the_giver_takes_no_gift_of_their_own(self, giver: Wallet) -> None:
        gift = give(giver)

        with pytest.raises(errors.GiftToOneself):
            take(gift, phone="13800138000")
        with pytest.raises(errors.GiftToOneself):
            links.take_into(gift=gift, wallet=shop.new_wallet(giver.programme, giver.customer), by=cast.OWNER)
        assert queries.balance(giver).held == 100_00

    def test_what_the_other_wallet_will_not_take_stays_held_and_can_be_taken_later(self, giver: Wallet) -> None:
        gift, other = give(giver), shop.wallet_in_another_book(giver)
        accounts.freeze(wallet=other, reason="lost", key=make.key(), by=cast.OWNER)

        with pytest.raises(Refused) as no:
            links.take_into(gift=gift, wallet=other, by=cast.OWNER)
        assert no.value.code == "wallet.frozen"
        gift.refresh_from_db()
        assert (gift.state, queries.balance(giver).held) == ("open", 100_00)

        accounts.unfreeze(wallet=other, reason="found", key=make.key(), by=cast.OWNER)
        assert links.take_into(gift=gift, wallet=other, by=cast.OWNER).state == "taken"
        assert queries.balance(other) == Balance(100_00)

    def test_a_frozen_giver_gives_nothing(self, giver: Wallet) -> None:
        gift = give(giver)
        accounts.freeze(wallet=giver, reason="stolen phone", key=make.key(), by=cast.OWNER)

        with pytest.raises(Refused) as no:
            take(gift)

        assert no.value.code == "wallet.frozen"
        assert not Customer.objects.filter(name="李雷").exists()

    def test_a_dispute_about_its_money_ends_it(self, giver: Wallet, store: Store) -> None:
        paid = shop.top_up(giver, 50_00, store, method=Method.TERMINAL, slip=shop.slip())
        gift = give(giver)
        disputes.begin(wallet=giver, top_up=paid.seq, key=make.key(), by=cast.OWNER)

        with pytest.raises(errors.GiftOver):
            take(gift)

        assert queries.balance(giver).available == 580_00
        assert [links.lapse(), links.lapse()] == [1, 0]


class TestEnding:
    def test_withdrawn_it_can_be_spent_again_and_never_be_taken(self, giver: Wallet, store: Store) -> None:
        gift = give(giver, 200_00)

        assert [links.withdraw(gift=gift, by=cast.OWNER).state for _twice in range(2)] == ["withdrawn"] * 2
        with pytest.raises(errors.GiftOver):
            take(gift)
        assert shop.charge(giver, 580_00, store).amount == 580_00

    def test_what_was_taken_is_not_withdrawn(self, giver: Wallet) -> None:
        gift = give(giver)
        take(gift)

        with pytest.raises(errors.GiftTaken):
            links.withdraw(gift=gift, by=cast.OWNER)

    def test_not_taken_in_time_it_comes_back_and_the_giver_is_told_once(self, giver: Wallet) -> None:
        gift, later = give(giver), give(giver, days=30)
        GiftLink.objects.filter(pk=gift.pk).update(until=timezone.now() - timedelta(minutes=1))

        with pytest.raises(errors.GiftOver):
            take(gift)
        assert [links.lapse(), links.lapse()] == [1, 0]

        assert {one.pk: one.state for one in GiftLink.objects.all()} == {gift.pk: "lapsed", later.pk: "open"}
        assert Message.objects.filter(kind="gift_link.returned").count() == 1
