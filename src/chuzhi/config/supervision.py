"""`chuzhi serve`: the database, the web server and the worker, started in order, watched, and stopped together in order.

This process imports no Django: it lives as long as the product and should weigh next to nothing.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from chuzhi.config import embedded, preflight, prepared
from chuzhi.config.programs import CannotStart

WATCH_SECONDS = 0.5
READY_SECONDS = 90
STOP_SECONDS = 30
RESTARTS_A_MINUTE = 5


def serve(data: Path, *, host: str, port: int, welcome: str = "") -> None:
    """Until asked to stop. `welcome` is what else to say once the server answers."""
    address = address_of(host, port)
    stop = _asked_to_stop()
    with preflight.only_one(data):
        preflight.check_port(host, port)
        with preflight.database(data) as database:
            link = "" if prepared.is_current(data, database.url) else run_to_its_end("prepare", address)
            at = ("--host", host, "--port", str(port))
            with Child("web", *at) as web, Child("worker") as worker:
                if _wait_until_ready(host, port, (web, worker), stop):
                    sys.stdout.write(f"Chuzhi is at {address}\n{link}{welcome}")
                    sys.stdout.flush()
                    _watch(stop, (worker, web), database.server)


def address_of(host: str, port: int) -> str:
    return f"http://{_reachable(host)}:{port}/"


def run_to_its_end(*command: str) -> str:
    """One of our own commands, in a process of its own; answers what it wrote. Its refusal is ours."""
    done = subprocess.run([*_ourselves(), *command], check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


class Child:
    """A part of the product in its own process, started again when it dies, but not for ever."""

    def __init__(self, *command: str) -> None:
        self.command = command
        self.deaths: list[float] = []

    def __enter__(self) -> "Child":
        self._start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait_for(self, file: Path) -> None:
        """Until it has written the file by which it says that it is ready."""
        patience = time.monotonic() + READY_SECONDS
        while not file.exists():
            if self.process.poll() is not None or time.monotonic() > patience:
                raise CannotStart(f"`chuzhi {' '.join(self.command[:2])}` did not start; see the lines above.")
            time.sleep(0.05)

    def see_to(self) -> None:
        if self.process.poll() is None:
            return
        now = time.monotonic()
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        if len(self.deaths) > RESTARTS_A_MINUTE:
            raise CannotStart(
                f"`chuzhi {self.command[0]}` ended {len(self.deaths)} times within a minute; everything is stopped."
            )
        self._start()

    def _start(self) -> None:
        # A session of its own: Ctrl-C reaches only the one who stops the others in order.
        self.process = subprocess.Popen(
            [*_ourselves(), *self.command, "--supervised", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"MALLOC_ARENA_MAX": "2"},  # many threads, each with an arena of its own, would double the memory
        )


def _watch(stop: threading.Event, children: tuple[Child, ...], server: embedded.Server | None) -> None:
    while not stop.wait(WATCH_SECONDS):
        if server and not server.is_alive():
            server.start()
        for child in children:
            child.see_to()


def _wait_until_ready(host: str, port: int, children: tuple[Child, ...], stop: threading.Event) -> bool:
    patience = time.monotonic() + READY_SECONDS
    while not stop.wait(0.1):
        if _answers(_reachable(host), port):
            return True
        for child in children:
            child.see_to()
        if time.monotonic() > patience:
            raise CannotStart(f"The web server did not answer within {READY_SECONDS} seconds; see the lines above.")
    return False


def _answers(host: str, port: int) -> bool:
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False


def _asked_to_stop() -> threading.Event:
    asked = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return asked


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 compared, not bound


def _ourselves() -> list[str]:
    return [sys.executable, "-m", "chuzhi.config.cli"]
