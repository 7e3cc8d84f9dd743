import pytest
from procrastinate.contrib.django import app

from chuzhi.config import schedule


def test_everything_on_the_clock_has_a_time_and_runs_once() -> None:
    periodic = {task.task.name: task.task.queueing_lock for task in app.periodic_registry.periodic_tasks.values()}

    assert {"forget_old_sessions", "forget_done_jobs", "retry_abandoned_jobs"} <= {name.rpartition(".")[2] for name in periodic}
    assert all(periodic.values()), "without a queueing lock two workers would do it twice"


@pytest.mark.django_db
def test_old_sessions_are_forgotten() -> None:
    schedule.forget_old_sessions(timestamp=0)
