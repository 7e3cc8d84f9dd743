"""An import is asked for step by step, and done by a worker that may be interrupted anywhere."""

from pathlib import Path

import make
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

import cast
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import imports, profiles
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.ledger.models import Operation
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import intake, intake_steps, moved_in, programmes, queries, spending, tasks
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Opening, Programme, Wallet

pytestmark = pytest.mark.django_db
FILE = "姓名,手机,本金,赠送金\n王小明,13800000001,500.00,80\n李雷,13800000002,12.34,\n韩梅,12,1,\n"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path / "uploads"


def brought(programme: Programme, by: Actor, text: str = FILE) -> ImportBatch:
    return intake.bring(content=text.encode(), file_name="old.csv", programme=programme, by=by)


def worked(batch: ImportBatch) -> ImportBatch:
    intake_steps.go_on(batch.pk)
    batch.refresh_from_db()
    return batch


def checked(programme: Programme, by: Actor) -> ImportBatch:
    return worked(brought(programme, by))


def taken_in(programme: Programme, by: Actor) -> ImportBatch:
    return worked(intake.take_in(batch=checked(programme, by), by=by))


def where(batch: ImportBatch) -> tuple[str, str, str]:
    return batch.state, batch.step, batch.refusal


def test_each_step_waits_for_the_worker_and_is_asked_of_it(programme: Programme, finance: Actor) -> None:
    batch = brought(programme, finance)
    assert where(batch) == ("brought", "check", "")

    worked(batch)
    assert where(batch) == ("read", "", "")
    assert (batch.new, batch.refused, batch.principal, batch.bonus) == (2, 1, 512_34, 80_00)
    assert not Customer.objects.exists()

    assert where(intake.take_in(batch=batch, by=finance)) == ("read", "take_in", "")
    assert where(worked(batch)) == ("applied", "", "")
    assert (batch.done, batch.total) == (2, 2)
    assert queries.balance(Wallet.objects.get(customer__name="王小明")).available == 580_00

    assert where(intake.reverse(batch=batch, by=finance)) == ("applied", "reverse", "")
    assert where(worked(batch)) == ("reversed", "", "")
    assert not Customer.objects.filter(withdrawn_at=None).exists()
    assert list(ProcrastinateJob.objects.values_list("args__number", flat=True)) == [batch.pk] * 3


def test_customers_are_told_once_what_came_with_them(programme: Programme, finance: Actor) -> None:
    with pytest.raises(imports.NothingToTell):
        intake.tell(batch=checked(programme, finance), by=finance)
    batch = taken_in(programme, finance)
    moved_in.tell(batch=batch, by=finance)
    assert batch.told_at is None, "nobody asked the worker"

    told = worked(intake.tell(batch=batch, by=finance))
    again = intake.tell(batch=told, by=finance)

    assert (where(told), told.told_at is not None, again.step) == (("applied", "", ""), True, "")
    assert (told.done, told.total) == (2, 2)
    messages = Message.objects.filter(kind="import.moved_in").order_by("pk")
    assert [message.customer.name for message in messages if message.customer] == ["王小明", "李雷"]
    assert messages[0].subject == f"import:{batch.pk}"
    assert [messages[0].facts[name]["money"] for name in ("amount", "paid", "given")] == [580_00, 500_00, 80_00]


def test_what_was_given_back_is_told_to_nobody(programme: Programme, finance: Actor) -> None:
    batch = taken_in(programme, finance)
    worked(intake.reverse(batch=batch, by=finance))

    with pytest.raises(imports.NothingToTell):
        intake.tell(batch=batch, by=finance)


def test_whoever_asked_did_it(programme: Programme, finance: Actor) -> None:
    batch = taken_in(programme, finance)

    entries = AuditEntry.objects.filter(subject=f"import:{batch.pk}")

    assert set(entries.values_list("actor", flat=True)) == {finance.label}
    assert {"import.take_in_asked", "import.applied"} <= set(entries.values_list("action", flat=True))


def test_asked_twice_it_is_done_once(programme: Programme, finance: Actor) -> None:
    batch = checked(programme, finance)
    intake.take_in(batch=batch, by=finance)
    batch = worked(intake.take_in(batch=batch, by=finance))
    batch = worked(intake.take_in(batch=batch, by=finance))

    assert Customer.objects.count() == 2
    assert Operation.objects.filter(actor=f"import:{batch.pk}").count() == 2


def test_a_worker_that_died_is_replaced_by_the_clock(programme: Programme, finance: Actor) -> None:
    batch = brought(programme, finance)
    assert tasks.finish_unfinished() == 1
    worked(batch)

    assert tasks.finish_unfinished() == 0


def test_another_file_with_the_same_people_in_between_is_noticed(programme: Programme, finance: Actor) -> None:
    batch = checked(programme, finance)
    profiles.register(name="王小明", phone="13800000001", by=finance)

    batch = worked(intake.take_in(batch=batch, by=finance))

    assert where(batch) == ("read", "", imports.CustomersChanged.code)
    assert not Wallet.objects.exists()
    batch = worked(intake.check(batch=batch, mapping={}, by=finance))
    assert (batch.new, batch.updated, batch.refusal) == (1, 1, "")
    assert where(worked(intake.take_in(batch=batch, by=finance))) == ("applied", "", "")


def test_the_same_file_is_refused_at_once(programme: Programme, finance: Actor) -> None:
    taken_in(programme, finance)

    again = checked(programme, finance)

    with pytest.raises(imports.AlreadyApplied):
        intake.take_in(batch=again, by=finance)


def test_columns_that_nobody_understands_are_chosen(programme: Programme, finance: Actor) -> None:
    batch = worked(brought(programme, finance, "谁,手机,电话\n王小明,13800000001,13800000002\n"))
    assert batch.state == "brought"
    assert batch.refusal == "import.column_twice"

    batch = worked(intake.check(batch=batch, mapping={"name": "谁", "phone": "电话"}, by=finance))

    assert (batch.state, batch.new, batch.mapping) == ("read", 1, {"name": "谁", "phone": "电话"})


def test_a_file_that_was_thrown_away_is_asked_for_again(programme: Programme, finance: Actor, folder: Path) -> None:
    batch = checked(programme, finance)
    for file in folder.iterdir():
        file.unlink()

    batch = worked(intake.take_in(batch=batch, by=finance))

    assert where(batch) == ("read", "", intake_steps.FileGone.code)


def test_one_thing_at_a_time(programme: Programme, finance: Actor) -> None:
    batch = checked(programme, finance)
    intake.take_in(batch=batch, by=finance)

    with pytest.raises(imports.UnderWay):
        intake.check(batch=batch, mapping={}, by=finance)
    with pytest.raises(imports.UnderWay):
        intake.reverse(batch=batch, by=finance)


def test_progress_is_told_row_by_row(programme: Programme, finance: Actor) -> None:
    batch = checked(programme, finance)
    intake.take_in(batch=batch, by=finance)
    batch.refresh_from_db()
    assert intake_steps.progress(batch) == intake_steps.Progress(ImportBatch.Step.CHECK, 0, 3)

    ImportBatch.objects.filter(pk=batch.pk).update(done=3)
    batch.refresh_from_db()
    assert intake_steps.progress(batch) == intake_steps.Progress(ImportBatch.Step.TAKE_IN, 0, 2)

    worked(batch)
    assert intake_steps.progress(batch) == intake_steps.Progress(ImportBatch.Step.NONE, 2, 2)


def test_who_stays_is_remembered(programme: Programme, store: Store, finance: Actor, cashier: Actor) -> None:
    batch = taken_in(programme, finance)
    wallet = Wallet.objects.get(customer__name="李雷")
    spending.charge(wallet=wallet, amount=1_00, store=store.pk, key=make.key(), by=cashier)

    batch = worked(intake.reverse(batch=batch, by=finance))

    assert batch.stayed == [wallet.customer_id]
    assert Opening.objects.filter(reversed_seq=None).count() == 1


def test_who_may_not_asks_for_nothing(programme: Programme, finance: Actor, cashier: Actor) -> None:
    with pytest.raises(NotAllowed):
        brought(programme, cashier)
    batch = checked(programme, finance)
    for ask in (intake.take_in, intake.reverse):
        with pytest.raises(NotAllowed):
            ask(batch=batch, by=cashier)


def test_a_closed_programme_takes_no_file(programme: Programme, finance: Actor) -> None:
    programmes.close(programme=programme, by=cast.OWNER)
    programme.refresh_from_db()

    with pytest.raises(ProgrammeClosed):
        brought(programme, finance)
