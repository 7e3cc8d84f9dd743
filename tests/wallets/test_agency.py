from datetime import timedelta

import make
import pytest
from django.utils import timezone

import agents
import cast
import shop
from agents import Agent
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles
from chuzhi.ledger import queries as journal
from chuzhi.ledger.errors import OverBalanceLimit
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.organization.partners import alarms, contracts, floats
from chuzhi.organization.partners.errors import (
    ContractOver,
    FloatTooSmall,
    NotAPartner,
    OverPartnerDay,
    OverPartnerTopUp,
    PartnerSuspended,
    TooManyLookups,
)
from chuzhi.organization.partners.models import PartnerAlarm, PartnerEntry, PartnerRefusal
from chuzhi.organization.partners.rules import MOST_LOOKUPS
from chuzhi.wallets import agency, queries
from chuzhi.wallets.agency import Credited
from chuzhi.wallets.errors import PayeeUnknown
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(db: None) -> Agent:
    """1000 paid in, 2 % commission."""
    return agents.agent(1000_00, commission=200)


def credit(wallet: Wallet, amount: int, by: Actor, key: str | None = None) -> Credited:
    return agency.top_up(wallet=wallet, amount=amount, key=key or make.key(), by=by)


def test_a_partner_tops_up_out_of_its_float_with_the_bonus_of_the_offer(agent: Agent, wallet: Wallet) -> None:
    done = credit(wallet, 500_00, agent.by)

    assert queries.balance(wallet) == Balance(principal=500_00, bonus=80_00)
    assert floats.left_of(agent.partner) == done.left == 500_00
    entry = agent.partner.entries.get(kind="top_up")
    assert (entry.amount, entry.earned, entry.book, entry.seq) == (-500_00, 10_00, done.moved.book, done.moved.seq)
    assert f'"reference":"partner:{agent.partner.pk}"' in journal.operation(done.moved.book, done.moved.seq).details  # type: ignore[union-attr]
    assert agency.differences() == []


def test_the_same_key_credits_once(agent: Agent, wallet: Wallet) -> None:
    first, again = (credit(wallet, 500_00, agent.by, key="order-1") for _twice in range(2))

    assert (first.moved.id, again.moved.replayed) == (again.moved.id, True)
    assert (queries.balance(wallet).principal, floats.left_of(agent.partner)) == (500_00, 500_00)


@pytest.mark.parametrize(
    ("agreed", "no"),
    [
        ({}, FloatTooSmall),
        ({"credit_limit": 100_00}, FloatTooSmall),
        ({"credit_limit": 5000_00, "most_a_day": 1100_00}, OverPartnerDay),
        ({"credit_limit": 5000_00, "most_per_top_up": 1100_00}, OverPartnerTopUp),
        ({"ends_on": timezone.localdate() - timedelta(days=1)}, ContractOver),
    ],
)
def test_what_the_contract_does_not_allow_changes_nothing_and_is_noted(
    wallet: Wallet, agreed: dict[str, object], no: type[Refused]
) -> None:
    agent = agents.agent(1000_00, **agreed)

    with pytest.raises(no):
        credit(wallet, 1100_01, agent.by)

    assert (queries.balance(wallet), floats.left_of(agent.partner)) == (Balance(), 1000_00)
    assert PartnerRefusal.objects.get(partner=agent.partner).code == no.code


def test_credit_is_used_to_its_end_and_not_beyond(wallet: Wallet) -> None:
    agent = agents.agent(0, credit_limit=300_00)

    credit(wallet, 300_00, agent.by)

    assert floats.left_of(agent.partner) == -300_00
    with pytest.raises(FloatTooSmall):
        credit(wallet, 1, agent.by)


def test_a_suspended_partner_credits_nobody_from_that_moment(agent: Agent, wallet: Wallet) -> None:
    person, program = agent.by, agents.program_of(agent.partner)  # both recognised before the suspension, as open sessions are
    credit(wallet, 1_00, person)

    contracts.suspend(partner=agent.partner, reason="complaints", by=cast.actor("finance"))

    for actor in (person, program):
        with pytest.raises(PartnerSuspended):
            credit(wallet, 1_00, actor)
    assert queries.balance(wallet).principal == 1_00


def test_nobody_else_can_draw_on_a_float(wallet: Wallet, cashier: Actor, administrator: Actor) -> None:
    for actor in (cashier, administrator):
        with pytest.raises(NotAllowed):
            credit(wallet, 1_00, actor)
    with pytest.raises(NotAPartner):
        credit(wallet, 1_00, cast.actor("partner"))


def test_a_partner_can_top_up_and_nothing_else(agent: Agent, funded: Wallet, store: Store) -> None:
    for command in (shop.charge, shop.top_up):
        with pytest.raises(NotAllowed):
            command(funded, 1_00, store, by=agent.by)

    assert not queries.visible_to(agent.by).exists()


def test_a_ledger_refusal_leaves_the_float_as_it_was(agent: Agent) -> None:
    wallet = shop.new_wallet(shop.new_programme(most_held=100_00))

    for _twice in range(2):
        with pytest.raises(OverBalanceLimit):
            credit(wallet, 200_00, agent.by, key="too-much")

    assert floats.left_of(agent.partner) == 1000_00


def test_a_mistake_is_taken_back_into_the_float(agent: Agent, wallet: Wallet, store: Store) -> None:
    credit(wallet, 100_00, agent.by)
    shop.charge(wallet, 25_00, store)
    entry, finance = agent.partner.entries.get(kind="top_up"), cast.actor("finance")

    for _twice in range(2):
        agency.reverse(entry=entry, reason="wrong customer", key="undo-1", by=finance)

    assert queries.balance(wallet) == Balance()
    assert floats.left_of(agent.partner) == 975_00
    assert [one.earned for one in agent.partner.entries.order_by("number")] == [0, 2_00, -1_50]
    assert agency.differences() == []


def test_a_float_that_says_another_amount_than_the_ledger_is_found(agent: Agent, wallet: Wallet) -> None:
    credit(wallet, 100_00, agent.by)
    entry = agent.partner.entries.get(kind="top_up")

    PartnerEntry(
        partner=agent.partner, number=9, kind="top_up", amount=-1, left=0, book=1, seq=10**9, wallet=1, made_by="x"
    ).save()

    assert {(one.entry, one.in_float) for one in agency.differences()} >= {(9, 1)}
    assert entry.number not in {one.entry for one in agency.differences()}


class TestFinding:
    def test_a_whole_phone_or_card_number_finds_a_masked_name(self, agent: Agent, programme: Programme) -> None:
        customer = profiles.register(by=cast.OWNER, name="王小明", phone="138 1234 5678")
        wallet = shop.new_wallet(programme, customer)

        found = agency.find(typed="13812345678", by=agent.by)

        assert [(one.wallet, one.name) for one in found] == [(wallet, "王**")]

    @pytest.mark.parametrize("typed", ["5678", "王小明", "1381234567", "", "138123456789"])
    def test_a_piece_finds_nobody(self, agent: Agent, programme: Programme, typed: str) -> None:
        shop.new_wallet(programme, profiles.register(by=cast.OWNER, name="王小明", phone="138 1234 5678"))

        with pytest.raises(PayeeUnknown):
            agency.find(typed=typed, by=agent.by)

    def test_who_tries_out_numbers_is_stopped_and_reported(self, agent: Agent) -> None:
        for number in range(MOST_LOOKUPS):
            with pytest.raises(PayeeUnknown):
                agency.find(typed=f"1381234{number:04d}", by=agent.by)

        with pytest.raises(TooManyLookups):
            agency.find(typed="13812345678", by=agent.by)
        assert PartnerAlarm.objects.get(partner=agent.partner).kind == "refused"


def test_many_top_ups_and_one_wallet_again_and_again_raise_an_alarm_each(wallet: Wallet) -> None:
    agent = agents.agent(1000_00, busy_from=4)

    for _each in range(5):
        credit(wallet, 1_00, agent.by)

    assert {(alarm.kind, alarm.count) for alarm in alarms.open_ones(cast.actor("finance"))} == {("busy", 5), ("same_wallet", 5)}
