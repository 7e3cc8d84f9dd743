"""A message is written with what it is about, and delivered once, by real SMTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

import cast
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.messaging import delivery, facts, inbox, kinds, outbox, tasks
from chuzhi.messaging.channels.registry import EMAIL, INBOX
from chuzhi.messaging.errors import OnItsWay
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Staff
from chuzhi.till import announcing, notices
from messaging import post_office
from messaging.post_office import PostOffice

pytestmark = pytest.mark.django_db
SAID = {
    "amount": facts.money(500_00, "CNY"), "bonus": facts.money(80_00, "CNY"), "balance": facts.money(580_00, "CNY"),
    "at": "–", "store": "南京路店", "number": "1-1", "code": "1-1-ABC",
}  # fmt: skip


@pytest.fixture
def office(settings: Settings) -> Iterator[PostOffice]:
    with post_office.opened() as (office, address):
        settings.SMTP_URL, settings.MAIL_FROM = address, "储值 <shop@example.com>"
        yield office


@pytest.fixture
def customer(db: None) -> Customer:
    return profiles.register(by=cast.OWNER, name="王小明", email="wang@example.com")


def tell(customer: Customer, subject: str = "operation:1-1", **more: facts.Fact) -> Message:
    return outbox.tell(kind=announcing.RECEIPT, facts=SAID | more, subject=subject, by=cast.OWNER, customer=customer)


def by(message: Message, channel: str) -> Delivery:
    return message.deliveries.get(channel=channel)


def try_all() -> None:
    """What the worker would do with the jobs that wait."""
    for number in list(Delivery.objects.filter(state="waiting").values_list("pk", flat=True)):
        tasks.deliver(number=number)


def test_it_arrives_once_in_the_language_and_words_of_the_kind(office: PostOffice, customer: Customer) -> None:
    assert tell(customer) == tell(customer)

    for _twice in range(2):
        try_all()
        tasks.deliver(number=by(Message.objects.get(), EMAIL).pk)

    mail = office.mails[0]
    assert len(office.mails) == 1
    assert (mail["To"], mail["Subject"]) == ("wang@example.com", "充值到账 ¥500.00")
    assert all(text in mail.get_content() for text in ("王小明", "¥580.00", "1-1-ABC"))  # type: ignore[attr-defined]  # of the new policy
    sent = by(Message.objects.get(), EMAIL)
    assert (sent.state, sent.reference, sent.attempts) == ("sent", mail["Message-ID"], 1)
    assert inbox.of(Actor(cast.OWNER.kind.CUSTOMER, customer.pk)).get().title == "充值到账 ¥500.00"


def test_the_job_is_written_with_the_message_and_gone_with_it(customer: Customer) -> None:
    before = ProcrastinateJob.objects.count()

    with transaction.atomic():
        tell(customer)
        assert ProcrastinateJob.objects.count() == before + 2
        transaction.set_rollback(True)

    assert (ProcrastinateJob.objects.count(), Message.objects.count()) == (before, 0)


def test_whoever_has_no_address_is_reached_by_what_there_is(office: PostOffice) -> None:
    message = tell(profiles.register(by=cast.OWNER, name="李雷"))

    try_all()

    assert [one.channel for one in message.deliveries.all()] == [INBOX]


def test_user_text_is_never_a_template_and_no_header(office: PostOffice, customer: Customer) -> None:
    evil = "{code}{{7*7}}${7*7}{0.__class__}\r\nBcc: x@example.com"
    profiles.change(customer=customer, by=cast.OWNER, name="{shop}")

    message = outbox.tell(
        kind=notices.DIGEST, facts={"day": evil, "total": evil, "stores": evil}, subject="x", by=cast.OWNER, customer=customer
    )
    try_all()

    assert message.deliveries.count() == 2
    mail = office.mails[0]
    assert mail["Bcc"] is None
    assert "{code}{{7*7}}${7*7}{0.__class__}" in mail["Subject"]
    assert "49" not in mail.get_content()  # type: ignore[attr-defined]  # of the new policy


def test_a_no_for_now_is_tried_again_later_and_a_no_for_good_is_not(office: PostOffice, customer: Customer) -> None:
    office.answers += ["451 come back", "550 nobody here"]
    number = by(tell(customer), EMAIL).pk

    wait = delivery.attempt(number)
    assert wait == timedelta(minutes=1)
    assert delivery.attempt(number) is None, "its time has not come"
    Delivery.objects.update(next_at=timezone.now())
    assert delivery.attempt(number) is None

    failed = Delivery.objects.get(pk=number)
    assert (failed.state, failed.fault, failed.attempts) == ("failed", "smtp_550", 2)
    assert office.mails == []


def test_after_many_tries_it_is_given_up(settings: Settings, customer: Customer) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    number = by(tell(customer), EMAIL).pk

    waits = []
    while Delivery.objects.get(pk=number).state == "waiting":
        waits.append(delivery.attempt(number))
        Delivery.objects.update(next_at=timezone.now())

    assert waits[-1] is None
    assert waits[:-1] == sorted(wait for wait in waits if wait)
    assert Delivery.objects.get(pk=number).fault == "ConnectionRefusedError"


def test_without_a_server_it_says_so(customer: Customer) -> None:
    message = tell(customer)

    try_all()

    assert (by(message, EMAIL).state, by(message, INBOX).state) == ("skipped", "sent")


def test_a_worker_that_died_while_sending_leaves_a_question_for_people(office: PostOffice, customer: Customer) -> None:
    mailed = by(tell(customer), EMAIL)
    assert delivery._claim(mailed.pk)
    Delivery.objects.filter(pk=mailed.pk).update(started_at=timezone.now() - 2 * delivery.LOST_AFTER)

    tasks.deliver_what_waits()
    mailed.refresh_from_db()
    assert (mailed.state, office.mails) == ("unknown", [])

    outbox.resend(delivery=mailed, by=cast.OWNER)
    try_all()
    assert len(office.mails) == 1


def test_a_lost_job_is_made_good_by_the_clock(office: PostOffice, customer: Customer) -> None:
    tell(customer)
    assert tasks.deliver_what_waits() == 0
    Delivery.objects.update(next_at=timezone.now() - 2 * delivery.OVERDUE_AFTER)

    assert [tasks.deliver_what_waits(), tasks.deliver_what_waits()] == [2, 0]
    assert len(office.mails) == 1


def test_sent_again_it_is_another_copy(office: PostOffice, customer: Customer) -> None:
    mailed = by(tell(customer), EMAIL)
    with pytest.raises(OnItsWay):
        outbox.resend(delivery=mailed, by=cast.OWNER)
    with pytest.raises(NotAllowed):
        outbox.resend(delivery=mailed, by=cast.actor("cashier"))
    try_all()

    outbox.resend(delivery=mailed, by=cast.actor("manager"))
    try_all()

    assert len({mail["Message-ID"] for mail in office.mails}) == 2


def test_a_forgotten_customer_is_not_written_to(office: PostOffice, customer: Customer) -> None:
    mailed = by(tell(customer), EMAIL)
    profiles.withdraw(Customer.objects.filter(pk=customer.pk), by=cast.OWNER)

    try_all()

    mailed.refresh_from_db()
    assert (mailed.state, mailed.fault, office.mails) == ("failed", "nobody", [])


def test_a_colleague_reads_their_own_language(office: PostOffice) -> None:
    said = {"day": facts.day(timezone.localdate()), "total": facts.money(1, "CNY"), "stores": facts.listed([])}
    for language, expected in (("en", "Top-ups of"), ("zh-hans", "充值")):
        person = cast.person("finance", language=language)
        Staff.objects.filter(pk=person.pk).update(email=f"{language}@example.com")
        person.refresh_from_db()
        outbox.tell(kind=notices.DIGEST, facts=said, subject="day", by=cast.OWNER, staff=person)
        try_all()

        assert expected in office.mails[-1]["Subject"]
        me = staff.actor_of(person)
        assert inbox.unread(me) == inbox.read(by=me) == 1
        assert inbox.unread(me) == 0


def test_a_message_is_to_exactly_one_person(customer: Customer) -> None:
    for both in ({}, {"customer": customer, "staff": cast.person("cashier")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            outbox.tell(kind=announcing.RECEIPT, facts={}, subject="x", by=cast.OWNER, **both)  # type: ignore[arg-type]


def test_a_kind_that_is_gone_fails_and_stops_nobody(customer: Customer) -> None:
    mailed = by(tell(customer), EMAIL)
    Message.objects.update(kind="gone")

    try_all()

    mailed.refresh_from_db()
    assert (mailed.state, mailed.fault) == ("failed", "kind_unknown")
    assert announcing.RECEIPT in kinds.every()
