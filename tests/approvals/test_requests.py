"""A request is signed by somebody else, and carried out once."""

from datetime import timedelta

import make
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import cast
from chuzhi.approvals import authority, queries, requests
from chuzhi.approvals.errors import (
    BeyondYou,
    Decided,
    LimitsUnusable,
    NotYours,
    SecondPersonNeeded,
    WhoUnknown,
    YourOwn,
    YourOwnLimits,
)
from chuzhi.approvals.models import DoneAlone, Request
from chuzhi.approvals.rules import Limits
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.errors import NotEnough
from chuzhi.organization import keys, staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Staff
from chuzhi.wallets import adjustments
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.adjustments import CORRECTION, GIVE, TAKE
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def ask(wallet: Wallet, by: Actor, amount: int = 50_00, way: str = GIVE, key: str = "") -> Request:
    return adjustments.ask(
        wallet=wallet, way=way, amount=amount, reason="sorry", evidence="ticket 7", key=key or make.key(), by=by
    )


def test_a_cashier_asks_and_finance_signs(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    asked = ask(funded, cashier)
    assert wallets.balance(funded).bonus == 80_00

    done = requests.approve(request=asked, by=finance)

    assert (done.state, done.decided_by) == ("done", finance.label)
    entry = wallets.entries(funded)[0]
    assert (done.result, entry.actor) == (f"{funded.book}-{entry.outcome.seq}", cashier.label)
    assert f'"approved_by":"{finance.label}"' in entry.details
    assert wallets.balance(funded).bonus == 130_00
    acts = AuditEntry.objects.filter(subject=f"approval:{asked.pk}").order_by("at")
    assert [act.action for act in acts] == ["approval.asked", "approval.approved", "approval.done"]


def test_asking_twice_with_one_key_asks_once(funded: Wallet, cashier: Actor) -> None:
    assert ask(funded, cashier, key="form") == ask(funded, cashier, key="form")
    assert Request.objects.count() == 1


def test_nobody_signs_what_they_asked_for(funded: Wallet, finance: Actor) -> None:
    asked = ask(funded, finance)

    with pytest.raises(YourOwn):
        requests.approve(request=asked, by=finance)

    assert wallets.balance(funded).bonus == 80_00
    assert not queries.waiting_for(finance).exists()


def test_the_database_itself_refuses_a_signature_under_ones_own_request(funded: Wallet, finance: Actor) -> None:
    asked = ask(funded, finance)

    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=asked.pk).update(state="approved", decided_by=finance.label, decided_at=timezone.now())


def test_a_second_account_of_the_same_person_does_not_help(funded: Wallet) -> None:
    first, second = cast.person("finance"), cast.person("administrator")
    Staff.objects.filter(pk__in=[first.pk, second.pk]).update(email="li.lei@example.com")
    asked = ask(funded, staff.actor_of(first))

    with pytest.raises(YourOwn):
        requests.approve(request=asked, by=staff.actor_of(second))


def test_nor_does_a_key_of_ones_own(funded: Wallet) -> None:
    owner = cast.actor("administrator")
    key, _secret = keys.create(name="till", scopes=["approvals:write"], by=owner)
    program = Actor(ActorKind.KEY, key.pk, permissions=frozenset({requests.ASK}))
    asked = ask(funded, program)

    with pytest.raises(YourOwn):
        requests.approve(request=asked, by=owner)
    assert requests.approve(request=asked, by=cast.actor("administrator")).state == "done"


def test_whoever_has_not_the_authority_does_not_sign(funded: Wallet, cashier: Actor, manager: Actor, finance: Actor) -> None:
    large = ask(funded, cashier, amount=20_000_01)

    with pytest.raises(NotAllowed):
        requests.approve(request=large, by=cast.actor("cashier"))
    for signer in (manager, finance):
        with pytest.raises(BeyondYou):
            requests.approve(request=large, by=signer)
    assert not queries.waiting_for(finance).exists()
    assert requests.approve(request=large, by=cast.actor("administrator")).state == "done"


def test_a_no_has_its_reason_and_moves_nothing(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    asked = requests.refuse(request=ask(funded, cashier), reason="no ticket", by=finance)

    assert (asked.state, asked.answer) == ("refused", "no ticket")
    with pytest.raises(Decided):
        requests.approve(request=asked, by=cast.actor("administrator"))
    assert wallets.balance(funded).bonus == 80_00


def test_only_whoever_asked_withdraws(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    asked = ask(funded, cashier)

    with pytest.raises(NotYours):
        requests.withdraw(request=asked, by=finance)
    assert requests.withdraw(request=asked, by=cashier).state == "withdrawn"
    with pytest.raises(Decided):
        requests.approve(request=asked, by=finance)


def test_what_nobody_decided_in_time_is_over_at_once_and_closed_by_the_clock(
    funded: Wallet, cashier: Actor, finance: Actor
) -> None:
    asked = ask(funded, cashier)
    Request.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Decided):
        requests.approve(request=asked, by=finance)

    assert requests.expire_overdue() == 1
    asked.refresh_from_db()
    assert asked.state == "expired"


def test_what_cannot_be_carried_out_says_why(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    done = requests.approve(request=ask(funded, cashier, amount=900_00, way=TAKE), by=finance)

    assert (done.state, done.refusal) == ("failed", "wallet.not_enough")
    assert wallets.balance(funded).available == 580_00


def test_a_crash_after_the_signature_is_made_good_once(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    asked = ask(funded, cashier)
    requests._signed(asked, finance)
    long_ago = timezone.now() - 2 * requests.LEFT_ALONE_FOR
    Request.objects.update(decided_at=long_ago)

    assert [requests.finish_unfinished(), requests.finish_unfinished()] == [1, 0]

    assert wallets.balance(funded).bonus == 130_00


def test_a_crash_after_the_money_moved_moves_none_again(funded: Wallet, cashier: Actor, finance: Actor) -> None:
    asked = requests.approve(request=ask(funded, cashier), by=finance)
    Request.objects.update(state="approved", result="", decided_at=timezone.now() - 2 * requests.LEFT_ALONE_FOR)

    requests.finish_unfinished()

    again = Request.objects.get()
    assert (again.state, again.result) == ("done", asked.result)
    assert wallets.balance(funded).bonus == 130_00


def test_a_person_decides_only_what_comes_from_their_stores(funded: Wallet, cashier: Actor) -> None:
    here, there = cast.store(), cast.store()
    for store in (here, there):
        adjustments.ask(
            wallet=funded, way=GIVE, amount=1_00, reason="x", evidence="y", key=make.key(), by=cashier, store=store.pk
        )

    assert [one.store for one in queries.visible_to(cast.actor("manager", at=here))] == [here.pk]


class TestAuthority:
    def give(self, wallet: Wallet, by: Actor, amount: int, key: str = "") -> None:
        adjustments.give(wallet=wallet, amount=amount, reason="x", evidence="y", key=key or make.key(), by=by)

    def test_a_large_act_is_not_cut_into_small_ones(self, funded: Wallet, finance: Actor) -> None:
        for _time in range(5):
            self.give(funded, finance, 1000_00)

        with pytest.raises(SecondPersonNeeded):
            self.give(funded, finance, 1)
        DoneAlone.objects.update(at=timezone.now() - timedelta(hours=25))
        self.give(funded, finance, 1)

    def test_asked_again_or_refused_it_is_not_counted_again(self, funded: Wallet, finance: Actor) -> None:
        with pytest.raises(NotEnough):
            adjustments.take(wallet=funded, amount=600_00, reason="x", evidence="y", key="much", by=finance)
        for _time in range(2):
            self.give(funded, finance, 1000_00, key="one")
        with pytest.raises(SecondPersonNeeded):
            self.give(funded, finance, 1000_01)

        assert [act.amount for act in DoneAlone.objects.all()] == [1000_00]

    def test_the_shop_sets_its_own_limits_for_a_role_and_for_a_person(
        self, funded: Wallet, finance: Actor, administrator: Actor
    ) -> None:
        authority.set_limits(kind=CORRECTION, who="finance", limits=Limits(10_00, 20_00, 50_00), by=administrator)
        with pytest.raises(SecondPersonNeeded):
            self.give(funded, finance, 10_01)

        authority.set_limits(kind=CORRECTION, who=finance.label, limits=Limits(15_00, 20_00, 0), by=administrator)
        self.give(funded, finance, 10_01)
        asked = ask(funded, administrator)
        with pytest.raises(BeyondYou):
            requests.approve(request=asked, by=finance)

        authority.forget_limits(kind=CORRECTION, who=finance.label, by=administrator)
        assert authority.limits_of(finance, CORRECTION) == Limits(10_00, 20_00, 50_00)

    @pytest.mark.parametrize(
        ("who", "limits", "no"),
        [
            ("finance", Limits(20_00, 10_00, 0), LimitsUnusable),
            ("finance", Limits(None, 10_00, 0), LimitsUnusable),
            ("nobody", Limits(), WhoUnknown),
            ("staff:999999999", Limits(), WhoUnknown),
            ("key:x", Limits(), WhoUnknown),
        ],
    )
    def test_limits_that_cannot_be_are_refused(
        self, administrator: Actor, who: str, limits: Limits, no: type[Exception]
    ) -> None:
        with pytest.raises(no):
            authority.set_limits(kind=CORRECTION, who=who, limits=limits, by=administrator)

    def test_nobody_sets_their_own(self, administrator: Actor) -> None:
        key, _secret = keys.create(name="mine", scopes=["gifts:write"], by=administrator)

        for who in (administrator.label, f"key:{key.pk}"):
            with pytest.raises(YourOwnLimits):
                authority.set_limits(kind=CORRECTION, who=who, limits=Limits(None, None, None), by=administrator)

    def test_only_who_may_sets_them(self, finance: Actor) -> None:
        with pytest.raises(NotAllowed):
            authority.set_limits(kind=CORRECTION, who="finance", limits=Limits(), by=finance)

    def test_power_is_that_of_the_place_where_one_works(self) -> None:
        here, there = cast.store(), cast.store()
        person = cast.person(cast.Grant("manager", here.pk), cast.Grant("cashier", there.pk))

        assert "manager" in authority._roles(staff.actor_of(person, at=here))
        assert authority._roles(staff.actor_of(person, at=there)) == ["cashier"]
