"""Who hears of a top-up, and who does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.organization.roles import Grant
from chuzhi.payments.counter.slips import Slip
from chuzhi.till import announcing, notices, receipts
from chuzhi.till.errors import NoticeUnusable
from chuzhi.wallets import adjustments
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[Message]:
    announcing.follow()
    return list(Message.objects.filter(kind=kind).order_by("pk"))


def test_a_top_up_is_receipted_once_with_its_code(wallet: Wallet, store: Store) -> None:
    moved = shop.top_up(wallet, 500_00, store)

    receipt = told("top_up.receipt")[0]
    assert told("top_up.receipt") == [receipt]

    assert (receipt.customer_id, receipt.subject) == (wallet.customer_id, f"operation:{moved.id}")
    assert receipts.find(code=receipt.facts["code"], actor=cast.OWNER).number == moved.id
    assert receipt.facts["balance"] == {"money": 580_00, "currency": "CNY"}


def test_nothing_else_is(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store, effective_at=timezone.now() - timedelta(days=2))
    shop.charge(wallet, 1_00, store)
    adjustments.give(wallet=wallet, amount=1_00, reason="x", evidence="y", key="k", by=cast.OWNER)
    with pytest.raises(Exception, match=r"."):
        shop.top_up(wallet, 1_00, store, method=Method.WECHAT)

    assert told("top_up.receipt") == []


def test_colleagues_hear_of_what_they_asked_for(wallet: Wallet, store: Store) -> None:
    here = cast.person(Grant("manager", store.pk))
    elsewhere = cast.person(Grant("manager", cast.store().pk))
    everywhere = cast.person("manager")
    notices.add(roles=["manager"], at_least=1000_00, by=cast.OWNER)
    notices.add(roles=["finance"], at_least=0, method="terminal", by=cast.OWNER)
    shop.top_up(wallet, 999_99, store)

    assert told("top_up.notice") == []
    shop.top_up(wallet, 1000_00, store)

    assert {message.staff_id for message in told("top_up.notice")} == {here.pk, everywhere.pk}
    assert elsewhere.pk not in {message.staff_id for message in told("top_up.notice")}


def test_a_kind_of_payment_is_told_of_too(wallet: Wallet, store: Store) -> None:
    reader = cast.person("finance")
    notices.add(roles=["finance"], at_least=0, method="terminal", by=cast.OWNER)
    shop.top_up(wallet, 1_00, store)
    shop.top_up(wallet, 2_00, store, method=Method.TERMINAL, slip=Slip(terminal="T-01", number="000123"))

    message = told("top_up.notice")[0]

    assert (message.staff_id, message.facts["amount"]["money"]) == (reader.pk, 2_00)
    assert message.facts["method"]["word"]["en"] == "Card terminal"


def test_a_day_is_summed_once(wallet: Wallet, store: Store) -> None:
    reader = cast.person("finance")
    notices.add(roles=["finance"], at_least=0, daily=True, by=cast.OWNER)
    shop.top_up(wallet, 500_00, store)
    shop.top_up(wallet, 200_00, store)

    for _twice in range(2):
        notices.tell_of(timezone.localdate())
    notices.tell_of(timezone.localdate() - timedelta(days=1))

    message = Message.objects.get(kind="top_up.digest")
    assert (message.staff_id, message.facts["total"]["money"]) == (reader.pk, 700_00)
    assert told("top_up.notice") == []


def test_wishes_that_cannot_be_and_people_who_may_not() -> None:
    for wrong in ({"roles": []}, {"roles": ["king"]}, {"method": "barter"}, {"at_least": -1}):
        with pytest.raises(NoticeUnusable):
            notices.add(**{"roles": ["finance"], "at_least": 0, "by": cast.OWNER} | wrong)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        notices.add(roles=["finance"], at_least=0, by=cast.actor("finance"))
    notice = notices.add(roles=["finance"], at_least=0, by=cast.OWNER)
    notices.remove(notice=notice, by=cast.OWNER)
    assert notices.in_force() == []
