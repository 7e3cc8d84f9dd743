"""A provider's stand-in as a process of its own, and an ear for the notices that it sends."""

import contextlib
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class StandIn:
    """`account` is what the merchant types into our adapter."""

    address: str
    folder: Path
    process: subprocess.Popen[str]

    @property
    def account(self) -> dict[str, str]:
        return json.loads((self.folder / "account.json").read_text(encoding="utf-8"))

    def books(self) -> Any:
        return _call(f"{self.address}/_books")

    def told(self, act: str) -> Any:
        """What became of an act, where the provider keeps it: `told("bill")` is which lines it changed, by day."""
        return _call(f"{self.address}/_control/{act}")

    def control(self, act: str, **facts: object) -> Any:
        """`control("next", faults=["lose_answer"])`, `control("clock", ahead_seconds=60)`, or an act of this provider."""
        return _call(f"{self.address}/_control/{act}", facts)


def _call(address: str, facts: Mapping[str, object] | None = None) -> Any:
    try:
        with urllib.request.urlopen(address, None if facts is None else json.dumps(facts).encode()) as answer:  # noqa: S310 # ours
            return json.loads(answer.read())
    except urllib.error.HTTPError as no:
        no.close()
        raise


@contextlib.contextmanager
def standing_in(provider: str, folder: Path, *, seed: int = 1) -> Iterator[StandIn]:
    """`chuzhi simulate <provider>`, until the block ends."""
    command = [sys.executable, "-m", "chuzhi.config.cli", "simulate", provider, "--folder", str(folder), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            yield StandIn(said.rstrip().rpartition(" ")[2], folder, process)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Heard:
    """`headers` by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Ear:
    """A merchant's address for notices. `answer` says what each is answered: a status and a body."""

    address: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], tuple[int, bytes]] = lambda _heard: (200, b"")

    def wait(self, count: int = 1, *, seconds: float = PATIENCE_SECONDS) -> list[Heard]:
        """What has been heard, once there are so many."""
        until = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.heard) >= count, f"{len(self.heard)} notices of {count} came"
        return list(self.heard)


@contextlib.contextmanager
def ear() -> Iterator[Ear]:
    listening = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            status, said = listening.answer(heard)
            listening.heard.append(heard)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_facts: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listening.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield listening
    finally:
        server.shutdown()
        server.server_close()
