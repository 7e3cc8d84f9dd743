"""A customer applies for a card on line, follows it by its address, and is told."""

from typing import Any

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
from chuzhi.messaging.models import Message
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.models import CardApplication
from chuzhi.wallets.models import Card, Programme

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 passport"


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def asked(programme: Programme, content: bytes = PDF, **more: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "programme": programme.pk, "name": "王小明", "phone": "13812345678", "email": "wang@example.com",
        "identity_number": "11010519491231002X", "documents": [SimpleUploadedFile("passport.pdf", content)], "agrees": "on",
        "key": make.key(),
    }  # fmt: skip
    return values | more


def test_applied_followed_approved_and_told(visitor: Client, programme: Programme) -> None:
    where = visitor.post("/pay/apply/", asked(programme))["Location"]
    page = visitor.get(where).content.decode()
    assert ("138****5678" in page, "王小明" in page, "somebody will look at it" in page) == (True, False, True)
    manager = cast.signed_in(cast.person("manager"))
    assert "On line" in manager.get("/console/applications/").content.decode()
    application = CardApplication.objects.get()

    assert manager.post(f"/console/applications/{application.pk}/approve/").status_code == 302

    card = Card.objects.get()
    assert (card.kind, card.wallet.customer.name) == ("named", "王小明")  # type: ignore[union-attr]  # named
    page = visitor.get(where).content.decode()
    assert (card.number[-4:] in page, card.number in page) == (True, False)
    message = Message.objects.get(kind="application.approved")
    assert (message.customer, message.facts["card"]) == (card.wallet.customer, card.number)


def test_a_rejection_is_told_with_its_reason(visitor: Client, programme: Programme) -> None:
    where = visitor.post("/pay/apply/", asked(programme))["Location"]

    reviewing.reject(application=CardApplication.objects.get(), reason="picture unreadable", by=cast.actor("manager"))

    assert "picture unreadable" in visitor.get(where).content.decode()
    message = Message.objects.get(kind="application.rejected")
    assert (message.stranger, message.language, message.facts["reason"]) == ("wang@example.com", "en", "picture unreadable")


def test_the_form_sent_twice_files_one(visitor: Client, programme: Programme) -> None:
    where = {visitor.post("/pay/apply/", asked(programme, key="mine"))["Location"] for _twice in range(2)}

    assert (len(where), CardApplication.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "12"}, {"email": "x"}, {"identity_number": "1"}, {"name": ""}, {"agrees": ""}, {"documents": []},
        {"documents": [SimpleUploadedFile("a.pdf", b"MZ evil")]},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_on_the_form(visitor: Client, programme: Programme, wrong: dict[str, object]) -> None:
    answer = visitor.post("/pay/apply/", asked(programme, **wrong))

    assert answer.status_code == 422
    assert not CardApplication.objects.exists()


def test_one_address_files_a_few_a_day(visitor: Client, programme: Programme) -> None:
    answers = [visitor.post("/pay/apply/", asked(programme)).status_code for _each in range(reviewing.MOST_A_DAY + 1)]

    assert answers == [302] * reviewing.MOST_A_DAY + [422]
    assert "Too many applications" in visitor.post("/pay/apply/", asked(programme)).content.decode()


def test_an_application_that_is_not_there(visitor: Client) -> None:
    assert visitor.get("/pay/apply/ANOSUCH/").status_code == 404
