"""Colleagues hear of requests that they may decide, and of how their own ended."""

import make
import pytest
from django.utils import timezone

import cast
from chuzhi.approvals import requests
from chuzhi.approvals.models import Request
from chuzhi.core.actors import Actor
from chuzhi.messaging.models import Message
from chuzhi.organization import staff
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import Grant
from chuzhi.wallets import gifts
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def ask(wallet: Wallet, by: Actor, amount: int, store: Store | None = None) -> Request:
    place = store.pk if store else None
    return gifts.ask(wallet=wallet, amount=amount, cause="goodwill", ticket="x", key=make.key(), by=by, store=place)


def told(kind: str) -> set[int | None]:
    return set(Message.objects.filter(kind=kind).values_list("staff", flat=True))


def test_those_hear_of_it_who_may_decide_it(funded: Wallet, store: Store) -> None:
    here, elsewhere = cast.person(Grant("manager", store.pk)), cast.person(Grant("manager", cast.store().pk))
    finance, twin, maker = cast.person("finance"), cast.person("finance"), cast.person("cashier")
    cast.person("auditor")
    Staff.objects.filter(pk__in=[twin.pk, maker.pk]).update(email="li.lei@example.com")
    by = staff.actor_of(Staff.objects.get(pk=maker.pk))

    ask(funded, by, 300_00, store)
    assert told("approval.asked") == {here.pk, finance.pk}
    Message.objects.all().delete()
    ask(funded, by, 1000_01, store)

    assert told("approval.asked") == {finance.pk}, "it is more than a manager may sign"
    assert elsewhere.pk not in told("approval.asked")


def test_whoever_asked_hears_how_it_ended(funded: Wallet, finance: Actor) -> None:
    makers = [cast.person("cashier") for _ in range(3)]
    asked = [ask(funded, staff.actor_of(maker), 10_00) for maker in makers]

    requests.approve(request=asked[0], by=finance)
    requests.refuse(request=asked[1], reason="no ticket", by=finance)
    Request.objects.filter(pk=asked[2].pk).update(expires_at=timezone.now())
    requests.expire_overdue()

    ended = {message.staff_id: message.facts for message in Message.objects.filter(kind="approval.ended")}
    assert [ended[maker.pk]["state"]["word"]["en"] for maker in makers] == ["Carried out", "Refused", "Expired"]
    assert ended[makers[1].pk]["answer"] == "no ticket"
