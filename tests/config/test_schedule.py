import logging
from pathlib import Path

import make
import pytest
from procrastinate.contrib.django import app
from pytest_django.fixtures import Settings

from chuzhi.config import schedule
from chuzhi.ledger import verifications
from chuzhi.ledger.models import Lot
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

ON_THE_CLOCK = {
    *("forget_old_sessions", "forget_done_jobs", "retry_abandoned_jobs"),
    *("finish_unfinished_transfers", "sweep_what_time_has_taken", "export_signed_heads", "verify_the_ledger"),
}


@pytest.fixture
def heads_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.LEDGER_HEADS_FOLDER = str(tmp_path / "heads")
    settings.DATA = tmp_path
    return tmp_path / "heads"


def test_everything_on_the_clock_has_a_time_and_runs_once() -> None:
    periodic = {task.task.name: task.task.queueing_lock for task in app.periodic_registry.periodic_tasks.values()}

    assert {name.rpartition(".")[2] for name in periodic} >= ON_THE_CLOCK
    assert all(periodic.values()), "without a queueing lock two workers would do it twice"


@pytest.mark.django_db
def test_old_sessions_are_forgotten() -> None:
    schedule.forget_old_sessions(timestamp=0)


@pytest.mark.django_db
def test_transfers_are_finished_and_time_takes_its_share(funded: Wallet, store: Store) -> None:
    before = queries.balance(funded)

    schedule.finish_unfinished_transfers(timestamp=0)
    schedule.sweep_what_time_has_taken(timestamp=0)

    assert queries.balance(funded) == before, "nothing was under way and nothing was due"


@pytest.mark.django_db
def test_heads_are_exported(heads_folder: Path) -> None:
    make.post_one(make.top_up_asked(1, 100_00))

    schedule.export_signed_heads(timestamp=0)

    assert [path.name[:6] for path in heads_folder.iterdir()] == ["heads-"]


@pytest.mark.django_db
def test_the_ledger_is_verified_and_its_verdict_kept(heads_folder: Path) -> None:
    make.post_one(make.top_up_asked(1, 100_00))

    schedule.verify_the_ledger(timestamp=0)

    verdict = verifications.latest()
    assert verdict is not None
    assert (verdict.operations, verdict.wrong) == (1, 0)


@pytest.mark.django_db
def test_a_ledger_that_does_not_verify_calls_somebody(heads_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    Lot.objects.update(remaining=99_99)

    with caplog.at_level(logging.CRITICAL):
        schedule.verify_the_ledger(timestamp=0)

    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
