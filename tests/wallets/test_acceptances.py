"""An import is signed for once, by a person, with the old system's own totals."""

from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from pytest_django.fixtures import Settings

from chuzhi.core.actors import Actor
from chuzhi.customers.models import ImportBatch
from chuzhi.organization.errors import NotAllowed
from chuzhi.wallets import acceptances, intake, intake_steps
from chuzhi.wallets.models import ImportAcceptance, Programme

pytestmark = pytest.mark.django_db
FILE = "姓名,手机,本金,赠送金\n王小明,13800000001,500.00,80\n李雷,13800000002,12.34,\n韩梅,12,1,\n"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def worked(batch: ImportBatch) -> ImportBatch:
    intake_steps.go_on(batch.pk)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def checked(programme: Programme, finance: Actor) -> ImportBatch:
    return worked(intake.bring(content=FILE.encode(), file_name="old.csv", programme=programme, by=finance))


@pytest.fixture
def taken_in(checked: ImportBatch, finance: Actor) -> ImportBatch:
    return worked(intake.take_in(batch=checked, by=finance))


def test_what_is_signed_says_what_was_brought_and_what_was_refused(taken_in: ImportBatch, finance: Actor) -> None:
    sheet = acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer=" 李 会计 ", by=finance)

    assert (sheet.principal, sheet.bonus, sheet.lots, sheet.signer) == (512_34, 80_00, 3, "李 会计")
    assert sheet.facts["sha256"] == taken_in.sha256
    assert sheet.facts["refused_for"] == {"customer.phone_invalid": [1, [4]]}
    assert acceptances.find(code=acceptances.code_of(sheet).lower(), actor=finance) == sheet


def test_a_difference_is_explained_or_not_signed(taken_in: ImportBatch, finance: Actor) -> None:
    with pytest.raises(acceptances.DifferenceUnexplained):
        acceptances.sign(batch=taken_in, principal=513_34, bonus=80_00, signer="李", by=finance)

    assert acceptances.sign(batch=taken_in, principal=513_34, bonus=80_00, signer="李", by=finance, note="韩梅").note == "韩梅"


def test_the_database_keeps_no_unexplained_difference_and_changes_nothing(taken_in: ImportBatch, finance: Actor) -> None:
    with pytest.raises(IntegrityError, match="explains_its_difference"), transaction.atomic():
        ImportAcceptance.objects.create(
            batch=taken_in, stated_principal=1, stated_bonus=0, principal=2, bonus=0, lots=1, facts={}, signer="李"
        )
    acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer="李", by=finance)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ImportAcceptance.objects.update(signer="王")


def test_it_is_signed_once(taken_in: ImportBatch, finance: Actor) -> None:
    acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer="李", by=finance)

    with pytest.raises(acceptances.SignedAlready):
        acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer="王", by=finance)


def test_only_what_was_taken_in_is_signed_for(checked: ImportBatch, finance: Actor, cashier: Actor) -> None:
    with pytest.raises(acceptances.NotPosted):
        acceptances.sign(batch=checked, principal=512_34, bonus=80_00, signer="李", by=finance)
    with pytest.raises(NotAllowed):
        acceptances.sign(batch=checked, principal=512_34, bonus=80_00, signer="李", by=cashier)


@pytest.mark.parametrize("signer", ["", "  ", "x" * 81, "李\x00"])
def test_somebody_signs(taken_in: ImportBatch, finance: Actor, signer: str) -> None:
    with pytest.raises(acceptances.SignerMissing):
        acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer=signer, by=finance)


def test_a_code_is_of_one_sheet_as_it_was_signed(taken_in: ImportBatch, finance: Actor) -> None:
    sheet = acceptances.sign(batch=taken_in, principal=512_34, bonus=80_00, signer="李", by=finance)
    code = acceptances.code_of(sheet)
    sheet.signer = "王"

    for wrong in (acceptances.code_of(sheet), "", "7", "x-y", f"{taken_in.pk}-0000", code[:-1]):
        with pytest.raises(acceptances.AcceptanceUnknown):
            acceptances.find(code=wrong, actor=finance)
