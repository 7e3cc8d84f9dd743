"""A top-up meets every ceiling there is: the law's, the programme's, the shop's, and what was granted."""

from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import OverBalanceLimit, OverDayLimit, OverTransactionLimit
from chuzhi.limits import raises
from chuzhi.limits import shop as limits
from chuzhi.limits.rules import Kind, Origin, Scope
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, beforehand, ceilings, funding, queries
from chuzhi.wallets.errors import OverRollingLimit
from chuzhi.wallets.funding import Arrived
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance, Moved

pytestmark = pytest.mark.django_db


@pytest.fixture
def shanghai(store: Store) -> Store:
    return stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)


@pytest.fixture
def plain(db: None) -> Wallet:
    """A wallet in a programme without bonus and without limits."""
    return shop.new_wallet(shop.new_programme())


def limit(kind: str, amount: int, **scope: object) -> None:
    limits.set_limit(kind=kind, asset="CNY", amount=amount, scope=Scope(**scope), by=cast.OWNER)  # type: ignore[arg-type]  # any


def granted(wallet: Wallet, kind: str, amount: int) -> None:
    assert wallet.customer
    asked = raises.apply(
        customer=wallet.customer, kind=kind, asset="CNY", amount=amount, reason="a wedding",
        ends_on=timezone.localdate() + timedelta(days=9), files=[("id.pdf", b"%PDF-")], by=cast.actor("cashier"),
    )  # fmt: skip
    raises.grant(application=asked, reason="known", by=cast.actor("manager"))


class TestLaw:
    def test_a_named_card_holds_5000_and_the_refusal_names_the_rule(self, plain: Wallet, shanghai: Store) -> None:
        shop.top_up(plain, 5000_00, shanghai)

        with pytest.raises(PackRefused) as no:
            shop.top_up(plain, 1, shanghai)

        assert no.value.facts["rule"] == "cn.held.named"
        assert queries.balance(plain) == Balance(5000_00)

    def test_the_bonus_counts(self, wallet: Wallet, shanghai: Store) -> None:
        with pytest.raises(PackRefused):
            shop.top_up(wallet, 4900_00, shanghai)

    def test_a_bearer_card_holds_1000(self, programme: Programme, shanghai: Store) -> None:
        bearer = accounts.open_wallet(programme=shop.new_programme(), key=make.key(), by=cast.OWNER)
        shop.top_up(bearer, 1000_00, shanghai)

        with pytest.raises(PackRefused) as no:
            shop.top_up(bearer, 1, shanghai)

        assert no.value.facts["rule"] == "cn.held.bearer"

    def test_in_a_store_of_another_pack_it_does_not_hold(self, plain: Wallet, store: Store) -> None:
        shop.top_up(plain, 9000_00, store)

        assert queries.balance(plain) == Balance(9000_00)

    def test_the_same_key_gets_the_same_no(self, plain: Wallet, shanghai: Store) -> None:
        said = []
        for _twice in range(2):
            with pytest.raises(PackRefused) as no:
                shop.top_up(plain, 5000_01, shanghai, key="too much")
            said.append((no.value.facts["rule"], no.value.is_replayed))

        assert said == [("cn.held.named", False), ("cn.held.named", True)]

    def test_cash_above_its_line_is_refused_and_the_key_stays_free(self, store: Store) -> None:
        there = stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
        wallet = shop.new_wallet(shop.new_programme())

        with pytest.raises(PackRefused) as no:
            shop.top_up(wallet, 50_000_00, there, method=Method.CASH, key="k")

        assert no.value.facts["rule"] == "cn.cashless.person"
        assert queries.by_key(by=cast.OWNER, wallet=wallet, key="k") is None

    @pytest.mark.parametrize(("days", "rule"), [(3650, "cn.expiry.named"), (None, None)])
    def test_paid_value_of_a_named_card_must_not_end(self, shanghai: Store, days: int | None, rule: str | None) -> None:
        wallet = shop.new_wallet(shop.new_programme(principal_valid_days=days))

        if rule is None:
            shop.top_up(wallet, 100_00, shanghai)
        else:
            with pytest.raises(PackRefused) as no:
                shop.top_up(wallet, 100_00, shanghai)
            assert no.value.facts["rule"] == rule

    def test_dollars_know_no_yuan(self, shanghai: Store) -> None:
        wallet = shop.new_wallet(shop.new_programme(asset="USD"))

        shop.top_up(wallet, 9000_00, shanghai)

        assert queries.balance(wallet) == Balance(9000_00)

    def test_the_day_of_a_closed_loop_counts_one_card(self, store: Store) -> None:
        there = stores.choose_pack(store=store, pack="us-california", by=cast.OWNER)
        programme, customer = shop.new_programme(asset="USD"), shop.new_customer()
        one, other = (shop.new_wallet(programme, customer) for _each in range(2))
        for wallet in (one, other):
            shop.top_up(wallet, 2000_00, there)

        with pytest.raises(PackRefused) as no:
            shop.top_up(one, 1, there)

        assert no.value.facts["rule"] == "us.closed-loop.day"


class TestOnline:
    """What a provider says was paid meets the same ceilings, in its own channel."""

    def credited(self, wallet: Wallet, amount: int, store: Store) -> Moved:
        payment = funding.Payment(wallet=wallet, amount=amount, method=Method.WECHAT, store=store.pk, key=make.key())
        [answer] = funding.credit_many(arrived=[Arrived(payment, "phone")], by=cast.OWNER)
        if isinstance(answer, Refused):
            raise answer
        return answer

    def test_the_law_s_ceiling(self, plain: Wallet, shanghai: Store) -> None:
        self.credited(plain, 5000_00, shanghai)

        with pytest.raises(PackRefused):
            self.credited(plain, 1, shanghai)
        with pytest.raises(PackRefused):
            beforehand.refuse_top_up(plain, 1, bonus=0, store=shanghai.pk, channel="phone")

    def test_a_day_counts_the_counter_and_the_phone_together(self, plain: Wallet, store: Store) -> None:
        limit("a_day", 1000_00)
        limit("a_day", 600_00, channel="phone")
        shop.top_up(plain, 400_00, store)
        self.credited(plain, 600_00, store)

        with pytest.raises(OverDayLimit) as no:
            self.credited(plain, 1, store)
        with pytest.raises(OverDayLimit) as all_of_it:
            shop.top_up(plain, 1, store)

        assert (no.value.facts["limit"], all_of_it.value.facts["limit"]) == (600_00, 1000_00)


class TestShop:
    def test_in_one_top_up(self, plain: Wallet, store: Store) -> None:
        limit("at_once", 100_00)
        limit("at_once", 50_00, method="cash")

        shop.top_up(plain, 100_00, store, method=Method.TERMINAL, slip=shop.slip())
        with pytest.raises(OverTransactionLimit) as no:
            shop.top_up(plain, 50_01, store, method=Method.CASH)

        assert no.value.facts == {"limit": 50_00}

    def test_a_day_counts_all_wallets_of_the_customer_and_all_channels(self, store: Store) -> None:
        customer, key = shop.new_customer(), cast.key("topups:write")[0]
        wallets = [shop.new_wallet(shop.new_programme(), customer) for _each in range(2)]
        program = Actor(actors.ActorKind.KEY, key.pk, permissions=frozenset({"till.top_up"}))
        limit("a_day", 1000_00)
        shop.top_up(wallets[0], 600_00, store, cast.actor("cashier"))
        shop.top_up(wallets[1], 400_00, store, program)

        with pytest.raises(OverDayLimit) as no:
            shop.top_up(wallets[1], 1, store)

        assert no.value.facts == {"limit": 1000_00, "used": 1000_00}

    def test_a_limit_of_one_method_counts_that_method_only(self, plain: Wallet, store: Store) -> None:
        limit("a_day", 100_00, method="cash")
        shop.top_up(plain, 500_00, store, method=Method.TERMINAL, slip=shop.slip())
        shop.top_up(plain, 100_00, store, method=Method.CASH)

        shop.top_up(plain, 500_00, store, method=Method.TERMINAL, slip=shop.slip())
        with pytest.raises(OverDayLimit):
            shop.top_up(plain, 1, store, method=Method.CASH)

    def test_a_limit_of_one_channel_counts_that_channel_only(self, plain: Wallet, store: Store) -> None:
        limit("rolling", 100_00, channel="program")
        program = Actor(actors.ActorKind.KEY, 1, permissions=frozenset({"till.top_up"}))
        shop.top_up(plain, 500_00, store, cast.actor("cashier"))
        shop.top_up(plain, 100_00, store, program)

        with pytest.raises(OverRollingLimit) as no:
            shop.top_up(plain, 1, store, program)
        shop.top_up(plain, 500_00, store, cast.actor("cashier"))

        assert str(no.value.facts) == "{'limit': 10000, 'used': 10000}"

    def test_a_limit_for_a_tier_and_one_for_a_customer(self, plain: Wallet, store: Store) -> None:
        assert plain.customer
        limit("held", 100_00)
        limit("held", 50_00, tier="new")
        limits.put_in_tier(customer=plain.customer, code="new", by=cast.OWNER)

        with pytest.raises(OverBalanceLimit) as no:
            shop.top_up(plain, 50_01, store)
        assert no.value.facts == {"limit": 50_00}

        limit("held", 20_00, customer=plain.customer_id)
        with pytest.raises(OverBalanceLimit) as no:
            shop.top_up(plain, 20_01, store)
        assert no.value.facts == {"limit": 20_00}

    def test_a_bonus_is_not_money_that_came_in(self, wallet: Wallet, store: Store) -> None:
        limit("rolling", 1000_00)

        shop.top_up(wallet, 500_00, store)
        shop.top_up(wallet, 500_00, store)

        assert queries.balance(wallet) == Balance(1000_00, 160_00)

    def test_what_was_asked_before_is_answered_whatever_the_limit_says_now(self, plain: Wallet, store: Store) -> None:
        first = shop.top_up(plain, 500_00, store, key="sale")
        limit("rolling", 1_00)

        assert shop.top_up(plain, 500_00, store, key="sale").id == first.id


class TestRaises:
    def test_a_raise_lifts_terms_and_shop(self, store: Store) -> None:
        wallet = shop.new_wallet(shop.new_programme(most_per_top_up=100_00, most_topped_up_a_day=100_00))
        limit("at_once", 50_00)
        with pytest.raises(OverTransactionLimit):
            shop.top_up(wallet, 300_00, store)

        granted(wallet, "at_once", 300_00)
        granted(wallet, "a_day", 300_00)

        shop.top_up(wallet, 300_00, store)
        with pytest.raises(OverDayLimit):
            shop.top_up(wallet, 1, store)

    def test_a_raise_never_beats_the_law(self, plain: Wallet, shanghai: Store) -> None:
        limit("held", 100_00)
        granted(plain, "held", 9000_00)

        shop.top_up(plain, 5000_00, shanghai)
        with pytest.raises(PackRefused):
            shop.top_up(plain, 1, shanghai)

    def test_where_a_limit_comes_from(self, plain: Wallet, shanghai: Store) -> None:
        limit("held", 9000_00)
        limit("at_once", 700_00)
        granted(plain, "at_once", 800_00)

        found = ceilings.of(plain, store=shanghai.pk)

        held, at_once = found.decisive(Kind.HELD), found.decisive(Kind.AT_ONCE)
        assert held
        assert (held.amount, held.origin, held.rule and held.rule.id) == (5000_00, Origin.LAW, "cn.held.named")
        assert at_once
        assert at_once.raised_from
        assert (at_once.amount, at_once.origin, at_once.raised_from.amount) == (800_00, Origin.RAISE, 700_00)
        assert found.decisive(Kind.ROLLING) is None
