from datetime import timedelta

import make
import pytest
from django.utils import timezone

import agents
import cast
from agents import Agent
from chuzhi.organization import keys, staff
from chuzhi.organization.errors import KeyRevoked, NotAllowed, PartnersStayApart
from chuzhi.organization.partners import alarms, contracts, floats, logins, rules, statements
from chuzhi.organization.partners.errors import (
    AlreadyEnded,
    DayNotOver,
    LeftInFloat,
    NothingToState,
    PartnerCodeTaken,
    StatementAnswered,
    StatementUnknown,
    TermsUnusable,
)
from chuzhi.organization.partners.models import PartnerEntry, PartnerIncident, PartnerStatement
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def agent(db: None) -> Agent:
    return agents.agent(1000_00, commission=200)


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock on the wall says that today is over."""
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY + timedelta(days=1))


class TestRules:
    @pytest.mark.parametrize(
        ("amount", "rate", "share"),
        [(100_00, 200, 2_00), (1, 200, 0), (25, 200, 1), (24, 200, 0), (100_00, 0, 0), (3, 10_000, 3)],
    )
    def test_commission_rounds_half_up(self, amount: int, rate: int, share: int) -> None:
        assert rules.commission(amount, rate) == share

    def test_commission_goes_with_what_is_reversed(self) -> None:
        assert [rules.taken_back(2_00, 100_00, back) for back in (100_00, 75_00, 1, 0)] == [2_00, 1_50, 0, 0]

    @pytest.mark.parametrize(
        ("top_ups", "faults", "score"),
        [
            (0, {}, 100),
            (10, {"complaints": 1}, 97),
            (1000, {"reversals": 20}, 98),
            (1000, {"errors": 10, "complaints": 10}, 95),
            (0, {"complaints": 40}, 0),
        ],
    )
    def test_quality_sets_faults_against_top_ups(self, top_ups: int, faults: dict[str, int], score: int) -> None:
        assert rules.quality(top_ups, **{"reversals": 0, "errors": 0, "complaints": 0} | faults) == score


class TestContracts:
    def test_a_code_is_taken_once(self, agent: Agent) -> None:
        with pytest.raises(PartnerCodeTaken):
            contracts.add(code=agent.partner.code, name="x", by=cast.OWNER)

    @pytest.mark.parametrize("agreed", [{"commission": 10_001}, {"credit_limit": -1}, {"most_a_day": 0}, {"busy_from": 0}])
    def test_terms_that_cannot_be_are_refused(self, agreed: dict[str, int]) -> None:
        with pytest.raises(TermsUnusable):
            contracts.add(code="x", name="x", by=cast.OWNER, **agreed)  # type: ignore[arg-type]  # wrong on purpose

    def test_new_terms_hold_from_now_on(self, agent: Agent) -> None:
        contracts.revise(partner=agent.partner, commission=300, credit_limit=50_00, by=cast.OWNER)

        assert floats.commission_on(agent.partner, 100_00) == 3_00
        assert floats.standing(agent.partner).may_credit == 1050_00

    def test_a_contract_that_has_ended_does_not_come_back(self, agent: Agent) -> None:
        contracts.end(partner=agent.partner, reason="sold", by=cast.OWNER)

        with pytest.raises(AlreadyEnded):
            contracts.resume(partner=agent.partner, by=cast.OWNER)

    def test_finance_suspends_and_only_the_administrator_resumes(self, agent: Agent) -> None:
        finance = cast.actor("finance")
        contracts.suspend(partner=agent.partner, reason="alarm", by=finance)

        with pytest.raises(NotAllowed):
            contracts.resume(partner=agent.partner, by=finance)
        assert contracts.resume(partner=agent.partner, by=cast.actor("administrator")).status == "active"

    def test_a_cashier_sees_no_partner(self, agent: Agent) -> None:
        assert not contracts.visible_to(cast.actor("cashier")).exists()
        assert contracts.visible_to(cast.actor("auditor")).get() == agent.partner


class TestLogins:
    def test_who_comes_in_by_its_link_works_for_the_partner_alone(self, agent: Agent) -> None:
        assert logins.partner_of(agent.by) == agent.partner
        assert agent.by.permissions == {"partners.top_up"}
        assert list(logins.people(agent.partner)) == [agent.person]

    @pytest.mark.parametrize("more", [Grant("cashier"), Grant("administrator")])
    def test_the_role_stays_alone(self, agent: Agent, more: Grant) -> None:
        with pytest.raises(PartnersStayApart):
            staff.assign(staff=agent.person, grants=[Grant("partner"), more], by=cast.OWNER)

    def test_its_key_tops_up_and_nothing_else_until_it_is_revoked(self, agent: Agent) -> None:
        key, secret = logins.add_key(partner=agent.partner, name="x", by=cast.OWNER)
        verified = keys.verify(secret)
        assert verified
        assert logins.partner_of(verified.actor) == agent.partner
        assert verified.actor.permissions == {"partner:topup", "partners.top_up"}

        logins.revoke_key(partner=agent.partner, key=key.pk, by=cast.OWNER)

        assert keys.verify(secret) is None
        with pytest.raises(KeyRevoked):
            logins.revoke_key(partner=agent.partner, key=key.pk, by=cast.OWNER)


class TestFloats:
    def test_a_payment_is_booked_once(self, agent: Agent) -> None:
        finance = cast.actor("finance")

        for _twice in range(2):
            floats.pay_in(partner=agent.partner, amount=500_00, reference="bank 7", key="p-1", by=finance)

        assert floats.left_of(agent.partner) == 1500_00

    def test_no_more_is_paid_out_than_is_left(self, agent: Agent) -> None:
        with pytest.raises(LeftInFloat):
            floats.pay_out(partner=agent.partner, amount=1000_01, reference="x", key="p-1", by=cast.OWNER)

        floats.pay_out(partner=agent.partner, amount=1000_00, reference="x", key="p-1", by=cast.OWNER)
        assert floats.left_of(agent.partner) == 0

    def test_a_manager_books_nothing(self, agent: Agent) -> None:
        with pytest.raises(NotAllowed):
            floats.pay_in(partner=agent.partner, amount=1, reference="x", key="p", by=cast.actor("manager"))


@pytest.mark.usefixtures("tomorrow")
class TestStatements:
    def test_it_adds_up_and_signing_it_pays_the_commission_once(self, agent: Agent) -> None:
        place = (1, 10**12, 1)
        floats.add(agent.partner, PartnerEntry.Kind.TOP_UP, -400_00, agent.by, earned=8_00, place=place)

        made = statements.issue(partner=agent.partner, until_on=TODAY, by=cast.actor("finance"))

        assert (made.opening, made.paid_in, made.topped_up, made.closing, made.earned) == (0, 1000_00, 400_00, 600_00, 8_00)
        assert statements.sign(number=1, by=agent.by).state == "signed"
        with pytest.raises(StatementAnswered):
            statements.sign(number=1, by=agent.by)
        assert floats.left_of(agent.partner) == 608_00

    def test_an_objection_is_answered_by_signing_later(self, agent: Agent) -> None:
        statements.issue(partner=agent.partner, until_on=TODAY, by=cast.OWNER)

        assert statements.object_to(number=1, remark="one is missing", by=agent.by).state == "objected"
        assert statements.sign(number=1, by=agent.by).state == "signed"

    def test_each_entry_is_stated_once(self, agent: Agent) -> None:
        statements.issue(partner=agent.partner, until_on=TODAY, by=cast.OWNER)

        with pytest.raises(NothingToState):
            statements.issue(partner=agent.partner, until_on=TODAY, by=cast.OWNER)
        with pytest.raises(DayNotOver):
            statements.issue(partner=agent.partner, until_on=TODAY + timedelta(days=1), by=cast.OWNER)

    def test_a_partner_signs_its_own_only(self, agent: Agent) -> None:
        statements.issue(partner=agent.partner, until_on=TODAY, by=cast.OWNER)

        with pytest.raises(StatementUnknown):
            statements.sign(number=1, by=agents.agent().by)
        with pytest.raises(NotAllowed):
            statements.sign(number=1, by=cast.actor("finance"))
        assert PartnerStatement.objects.get().state == "issued"


def test_quality_is_made_of_facts(agent: Agent) -> None:
    contracts.note_incident(partner=agent.partner, kind=PartnerIncident.Kind.COMPLAINT, note="rude", by=cast.actor("finance"))

    assert (alarms.quality(agent.partner).complaints, alarms.quality(agent.partner).score) == (1, 97)


def test_keys_of_payments_belong_to_one_partner(agent: Agent) -> None:
    other, key = agents.partner(0), make.key()

    for partner in (agent.partner, other):
        floats.pay_in(partner=partner, amount=1_00, reference="x", key=key, by=cast.OWNER)

    assert (floats.left_of(agent.partner), floats.left_of(other)) == (1001_00, 1_00)
