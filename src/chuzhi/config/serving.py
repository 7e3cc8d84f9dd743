"""One process each: the web server and the worker."""

import os
import signal
import threading
import time
from importlib import import_module
from types import ModuleType
from typing import Any

from chuzhi.config import environment, preflight

THREADS = 32
STOP_SECONDS = 20
WATCH_SECONDS = 1.0
_MASTER = "CHUZHI_WEB_MASTER"
"""Tells each of the web server's processes who started it: one that asks for its parent may ask too late."""


def web(*, host: str, port: int) -> None:
    """Granian in front of WSGI threads; answers what it has begun before it stops."""
    from granian import Granian
    from granian.constants import Interfaces

    from chuzhi.config import logs

    preflight.check_port(host, port)
    workers = environment.number("CHUZHI_WEB_WORKERS", default=os.cpu_count() or 1)
    if workers > 1:  # several processes are lanes enough: fewer of them make larger batches
        os.environ.setdefault("CHUZHI_LEDGER_LANES", "1")
    os.environ.update({_MASTER: str(os.getpid())})
    Granian(
        "chuzhi.config.serving:web_process",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=environment.number("CHUZHI_WEB_THREADS", default=THREADS),
        websockets=False,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_dictconfig=logs.settings(),
    ).serve()


def web_process() -> Any:
    """What Granian calls in each of its processes."""
    leave_with(environment.number(_MASTER, default=os.getppid()))
    from chuzhi.config.wsgi import application

    return application


def worker() -> None:
    """procrastinate: what was deferred by a transaction, and what is due by the clock."""
    set_up_django()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    with app.replace_connector(DjangoConnector().get_worker_connector()) as running:
        running.run_worker(
            name=f"worker-{os.getpid()}",
            concurrency=environment.number("CHUZHI_WORKER_CONCURRENCY", default=2),
            shutdown_graceful_timeout=STOP_SECONDS,
        )


def leave_with(parent: int) -> None:
    """Stop, in good order, when the process that started this one is gone, even by `kill -9`.

    Asked twice: while one of the web server's processes begins, it still has its master's handlers, and the first is lost.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        for asked in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            os.kill(os.getpid(), asked)
            time.sleep(STOP_SECONDS)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()


def set_up_django() -> None:
    import django

    django.setup()


def schema() -> ModuleType:
    set_up_django()
    return import_module("chuzhi.config.schema")
