"""`kill -9` of the worker in the middle of an import: what was begun is finished by the next one, and nothing is done twice."""

import random
import signal
import subprocess
import sys
import time

import pytest
from ledger import racing

import cast
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.ledger.models import Operation
from chuzhi.wallets import importing, intake, intake_steps, programmes, reversing
from chuzhi.wallets.models import Wallet

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
WORK = "import django; django.setup(); from chuzhi.wallets import intake_steps; print(flush=True); intake_steps.go_on({})"
PEOPLE = 3_000


def kill_in_the_middle(batch: ImportBatch, after_seconds: float) -> bool:
    """Whether it was still at it."""
    program = [sys.executable, "-c", WORK.format(batch.pk)]
    with subprocess.Popen(program, env=racing.surroundings(), stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(after_seconds)
        worker.send_signal(signal.SIGKILL)
    here = Customer.objects.filter(batch=batch, withdrawn_at=None).count()
    assert here in {0, PEOPLE}, "customers come and go all together"
    batch.refresh_from_db()
    return bool(batch.step)


def finish(batch: ImportBatch) -> None:
    while batch.step:  # the backend of who was killed may hold the import for a moment
        intake_steps.go_on(batch.pk)
        batch.refresh_from_db()


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_an_import_comes_in_and_goes_back_whole_and_once(kills: int) -> None:
    programme = programmes.open(code="member", name="储值", asset="CNY", by=cast.OWNER)
    rows = "".join(f"客{number},138{number:08},{number}.00,1\n" for number in range(1, PEOPLE + 1))
    content = f"姓名,手机,本金,赠送金\n{rows}".encode()
    batch = intake.bring(content=content, file_name="old.csv", programme=programme, by=cast.OWNER)
    finish(batch)
    luck, principal = random.Random(2026), PEOPLE * (PEOPLE + 1) // 2 * 100

    intake.take_in(batch=batch, by=cast.OWNER)
    assert sum(kill_in_the_middle(batch, luck.uniform(0.2, 1.0)) for _each in range(kills)), "it was killed in the middle"
    finish(batch)

    assert importing.totals(batch) == importing.Totals(2 * PEOPLE, principal, PEOPLE * 100)
    assert Operation.objects.filter(actor=f"import:{batch.pk}", refusal=None).count() == PEOPLE
    assert Wallet.objects.count() == PEOPLE

    intake.reverse(batch=batch, by=cast.OWNER)
    assert sum(kill_in_the_middle(batch, luck.uniform(0.1, 0.5)) for _each in range(kills)), "it was killed in the middle"
    finish(batch)

    back = reversing.taken_back(batch, batch.stayed)
    assert (back.principal, back.bonus, batch.stayed) == (principal, PEOPLE * 100, [])
