"""Calls to a program that is another process: it checks the marks by itself, and fails on demand."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.till import announcing, notices
from chuzhi.till.errors import NoticeUnusable
from chuzhi.wallets.models import Wallet
from chuzhi.webhooks import calls, delivery, endpoints, tasks
from chuzhi.webhooks.errors import EndpointStopped, OnItsWay
from chuzhi.webhooks.models import Attempt, Call, Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("webhooks", tmp_path_factory.mktemp("webhooks")) as running:
        yield running


@pytest.fixture
def endpoint(db: None, program: StandIn, settings: Any) -> Endpoint:
    settings.WEBHOOKS_PRIVATE = True
    made, secret = endpoints.add(name="ERP", url=program.account["address"], by=cast.OWNER)
    program.control("secrets", secrets=[secret])
    return made


def told(endpoint: Endpoint, subject: str = "operation:1-1") -> Call:
    call = calls.emit(endpoint=endpoint, kind="top_up.credited", subject=subject, facts={"amount": 500_00})
    assert call
    return call


def heard(program: StandIn, call: Call) -> list[Any]:
    return [each for each in program.books()["heard"] if each["id"] == call.number]


def due_again(call: Call) -> None:
    Call.objects.filter(pk=call.pk).update(next_at=timezone.now())


def test_a_call_arrives_signed_once_with_what_happened(endpoint: Endpoint, program: StandIn) -> None:
    call, again = told(endpoint), told(endpoint)

    delivery.attempt(call.pk)
    delivery.attempt(call.pk)

    assert again == call
    (one,) = heard(program, call)
    assert (one["body"]["type"], one["body"]["data"]) == ("top_up.credited", {"amount": 500_00})
    assert Call.objects.get().state == Call.State.TAKEN
    assert [each.status for each in Attempt.objects.all()] == [204]


@pytest.mark.parametrize("fault", ["refuse_busy", "lose_answer", "redirect"])
def test_what_is_not_taken_is_sent_again_under_the_same_number(endpoint: Endpoint, program: StandIn, fault: str) -> None:
    call = told(endpoint)
    program.control("next", faults=[fault])

    wait = delivery.attempt(call.pk)
    too_soon = delivery.attempt(call.pk)
    due_again(call)
    done = delivery.attempt(call.pk)

    assert wait
    assert (5 <= wait.total_seconds() <= 5.5, too_soon, done) == (True, None, None)
    assert Call.objects.get().state == Call.State.TAKEN
    assert len(heard(program, call)) == (2 if fault == "lose_answer" else 1)
    assert Attempt.objects.count() == 2


def test_after_ten_attempts_it_is_given_up_and_a_person_sends_it_again(endpoint: Endpoint, program: StandIn) -> None:
    program.control("secrets", secrets=[])
    call = told(endpoint)
    for _attempt in range(10):
        due_again(call)
        delivery.attempt(call.pk)
    assert Call.objects.get().state == Call.State.FAILED
    program.control("secrets", secrets=endpoints.good_secrets(endpoint))

    calls.send_again(call=call, by=cast.OWNER)
    with pytest.raises(OnItsWay):
        calls.send_again(call=call, by=cast.OWNER)
    delivery.attempt(call.pk)

    assert Call.objects.get().state == Call.State.TAKEN
    assert len(heard(program, call)) == 1


def test_a_program_that_says_that_it_is_gone_is_called_no_more(endpoint: Endpoint, program: StandIn) -> None:
    call, waiting = told(endpoint), told(endpoint, "operation:1-2")
    program.control("next", faults=["gone"])

    delivery.attempt(call.pk)
    delivery.attempt(waiting.pk)

    endpoint.refresh_from_db()
    assert endpoint.stopped_because == "gone"
    assert set(Call.objects.values_list("state", flat=True)) == {Call.State.FAILED}
    assert calls.emit(endpoint=endpoint, kind="top_up.credited", subject="operation:1-3", facts={}) is None
    with pytest.raises(EndpointStopped):
        calls.try_out(endpoint=endpoint, by=cast.OWNER)


def test_while_a_secret_is_changed_both_are_good(endpoint: Endpoint, program: StandIn) -> None:
    old = endpoints.good_secrets(endpoint)
    new = endpoints.rotate(endpoint=endpoint, by=cast.OWNER)
    program.control("secrets", secrets=[*old, new])
    both, later = told(endpoint), told(endpoint, "operation:1-2")

    delivery.attempt(both.pk)
    Endpoint.objects.update(former_until=timezone.now())
    delivery.attempt(later.pk)

    assert [heard(program, each)[0]["marks"] for each in (both, later)] == [2, 1]


def test_a_worker_that_died_while_it_sent_loses_nothing(endpoint: Endpoint, program: StandIn) -> None:
    call = told(endpoint)
    Call.objects.update(state=Call.State.SENDING, started_at="2020-01-01T00:00Z", next_at="2020-01-01T00:00Z")

    tasks.deliver_what_waits()

    assert len(heard(program, call)) == 1


def test_what_is_rolled_back_is_not_told(endpoint: Endpoint) -> None:
    with transaction.atomic():
        told(endpoint)
        transaction.set_rollback(True)

    assert not Call.objects.exists()


def test_only_who_may_sets_them_up(endpoint: Endpoint) -> None:
    with pytest.raises(NotAllowed):
        endpoints.add(name="Mine", url="https://example.com/", by=cast.actor("finance"))
    with pytest.raises(NotAllowed):
        endpoints.stop(endpoint=endpoint, by=cast.actor("manager"))

    assert Endpoint.objects.count() == 1


def test_a_top_up_over_an_amount_is_told_to_a_program(
    endpoint: Endpoint, program: StandIn, wallet: Wallet, store: Store
) -> None:
    notices.add(roles=[], at_least=500_00, endpoint=endpoint, by=cast.OWNER)
    shop.top_up(wallet, 499_00, store)
    large = shop.top_up(wallet, 500_00, store)

    announcing.follow()
    announcing.follow()

    call = Call.objects.get()
    assert call.subject == f"operation:{large.id}"
    delivery.attempt(call.pk)
    said = heard(program, call)[0]["body"]["data"]
    assert (said["operation"], said["amount"], said["bonus"], said["method"]) == (large.id, 500_00, 80_00, "cash")
    assert "王小明" not in str(said)


def test_a_notice_is_to_people_or_to_a_program(endpoint: Endpoint) -> None:
    for wrong in ({"roles": ["finance"], "endpoint": endpoint}, {"endpoint": endpoint, "daily": True}, {}):
        with pytest.raises(NoticeUnusable):
            notices.add(**{"roles": [], "at_least": 0, "by": cast.OWNER} | wrong)  # type: ignore[arg-type]  # wrong on purpose
