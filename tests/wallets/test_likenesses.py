"""Rows that may be of somebody who is here already wait for a person's choice."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from chuzhi.core.actors import Actor
from chuzhi.customers import alike, imports, likenesses, profiles
from chuzhi.customers.alike import Choice
from chuzhi.customers.duplicates import Why
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.wallets import intake, intake_steps, queries
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db
HEAD = "姓名,手机,邮箱,生日,本金\n"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def here(administrator: Actor) -> Customer:
    return profiles.register(name="王小明", phone="13800000001", born_on=date(1990, 5, 31), by=administrator)


def worked(batch: ImportBatch) -> ImportBatch:
    intake_steps.go_on(batch.pk)
    batch.refresh_from_db()
    return batch


def checked(rows: str, programme: Programme, by: Actor) -> ImportBatch:
    return worked(intake.bring(content=f"{HEAD}{rows}".encode(), file_name="old.csv", programme=programme, by=by))


def found(batch: ImportBatch) -> list[tuple[int, str, int | None, int | None]]:
    return list(batch.likes.order_by("line").values_list("line", "why", "customer", "other"))


def test_each_rule_finds_a_customer_and_the_surest_is_told(
    programme: Programme, finance: Actor, administrator: Actor, here: Customer
) -> None:
    other = profiles.register(name="李雷", email="lilei@example.com", by=administrator)

    batch = checked(
        "王小明,13911110000,,1990-05-31,1\n"
        "王 小明,13900010001,,,1\n李磊,13911112222,LiLei@example.com,,1\n王小明,13912345678,,1991-05-31,1\n",
        programme, finance,
    )  # fmt: skip

    assert found(batch) == [
        (2, Why.NAME_AND_BIRTHDAY, here.pk, None),
        (3, Why.NAME_AND_PHONE_END, here.pk, None),
        (4, Why.EMAIL, other.pk, None),
    ]
    assert (batch.alike, batch.new) == (3, 4)


def test_rows_of_one_file_are_alike_too(programme: Programme, finance: Actor) -> None:
    batch = checked("王小明,13911110000,,1990-05-31,1\n王小明,13911112222,,1990-05-31,1\n", programme, finance)

    assert found(batch) == [(3, Why.NAME_AND_BIRTHDAY, None, 2)]


def test_a_file_waits_until_everything_is_said(programme: Programme, finance: Actor, here: Customer) -> None:
    batch = checked(
        "王小明,13911110000,,1990-05-31,12.50\n王小明,13911112222,,1990-05-31,1\n李雷,13911113333,,,2\n", programme, finance
    )
    with pytest.raises(likenesses.Undecided):
        intake.take_in(batch=batch, by=finance)

    intake.choose(batch=batch, said={2: Choice.UPDATE}, others=Choice.LEAVE, by=finance)
    worked(batch)

    assert (batch.new, batch.updated, batch.refused, batch.principal) == (1, 1, 1, 14_50)
    batch = worked(intake.take_in(batch=batch, by=finance))
    here.refresh_from_db()
    assert (batch.state, here.phone) == ("applied", "+8613911110000")
    assert queries.balance(Wallet.objects.get(customer=here)).available == 12_50
    assert Customer.objects.count() == 2


def test_somebody_else_of_the_same_name_is_added(programme: Programme, finance: Actor, here: Customer) -> None:
    batch = checked("王小明,13911110000,,1990-05-31,1\n", programme, finance)

    batch = worked(intake.choose(batch=batch, said={}, others=Choice.NEW, by=finance))
    batch = worked(intake.take_in(batch=batch, by=finance))

    assert (batch.state, Customer.objects.filter(name="王小明").count()) == ("applied", 2)


def test_what_is_updated_is_given_back(programme: Programme, finance: Actor, here: Customer) -> None:
    batch = checked("王小明,13911110000,,1990-05-31,1\n", programme, finance)
    batch = worked(intake.choose(batch=batch, said={2: Choice.UPDATE}, by=finance))
    batch = worked(intake.take_in(batch=batch, by=finance))

    batch = worked(intake.reverse(batch=batch, by=finance))

    here.refresh_from_db()
    assert (batch.state, here.phone, here.withdrawn_at) == ("reversed", "+8613800000001", None)


def test_a_choice_that_cannot_be_made_is_refused(programme: Programme, finance: Actor) -> None:
    batch = checked("王小明,13911110000,,1990-05-31,1\n王小明,13911112222,,1990-05-31,1\n", programme, finance)

    for said in ({3: Choice.UPDATE}, {2: Choice.NEW}, {9: Choice.LEAVE}):
        with pytest.raises(likenesses.ChoiceUnusable):
            intake.choose(batch=batch, said=said, by=finance)
    batch = worked(intake.choose(batch=batch, said={}, others=Choice.NEW, by=finance))
    batch = worked(intake.take_in(batch=batch, by=finance))
    with pytest.raises(imports.NotReadable):
        intake.choose(batch=batch, said={3: Choice.LEAVE}, by=finance)


def test_many_rows_take_as_many_questions_as_one(here: Customer) -> None:
    people = [(line, {"name": "王小明", "phone": f"+86139{line:04d}0001", "email": f"a{line}@b.cn"}) for line in range(500)]
    asked = []
    for some in (people[:2], people):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(alike.among(some)) == len(some)
        asked.append(len(captured))

    assert asked[0] == asked[1]
