"""What all stand-ins have in common: a server, a clock that can be moved, a switchboard of faults, and notices that go out.

`POST /_control/faults` sets probabilities, `POST /_control/next` queues faults for the next calls, `POST /_control/clock` moves
time, `GET /_books` shows what the provider believes. A provider's own addresses are routes of its module.
"""

import argparse
import json
import random
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

LOSE_ANSWER = "lose_answer"  # do it, then hang up without an answer
REFUSE_BUSY = "refuse_busy"  # answer 5xx and do nothing
LOSE_NOTICE = "lose_notice"
DOUBLE_NOTICE = "double_notice"
LATE_NOTICE = "late_notice"
FORGE_NOTICE = "forge_notice"  # a wrong signature on purpose, as some providers probe
NOTICE_FIRST = "notice_first"  # the notice leaves before the answer does
LATE_SECONDS = 2.0
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` by lower-case name; `query` and `form` with the first value of each name."""

    method: str
    path: str
    target: str  # path and query, as it was signed
    parts: tuple[str, ...]
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, facts: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Response":
        body = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(body, status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    @classmethod
    def page(cls, text: str, status: int = 200) -> "Response":
        return cls(text.encode(), status, {"Content-Type": "text/html; charset=utf-8"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice, made anew at each try: its time and signature are those of the try. `forged` asks for a wrong signature."""

    url: str
    make: Callable[[bool], tuple[Mapping[str, str], bytes]]
    is_heard: Callable[[int, bytes], bool]


class Faults:
    """Which faults happen: by chance from a seed, or queued for the next calls that could have them."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 # a play, not a secret
        self._chances: dict[str, float] = {}
        self._queued: deque[str] = deque()
        self._lock = threading.Lock()

    def set(self, chances: Mapping[str, float]) -> None:
        with self._lock:
            self._chances = dict(chances)

    def queue(self, names: list[str]) -> None:
        with self._lock:
            self._queued.extend(names)

    def strikes(self, name: str) -> bool:
        with self._lock:
            if self._queued and self._queued[0] == name:
                self._queued.popleft()
                return True
            return self._draw.random() < self._chances.get(name, 0.0)


Route = Callable[[Request], Response]


class Stage:
    """One provider: routes are added to it, then it is served. `lock` guards the provider's books."""

    def __init__(self, name: str, *, folder: Path, seed: int = 1) -> None:
        self.name, self.folder = name, folder
        self.faults = Faults(seed)
        self.lock = threading.RLock()
        self.books: Callable[[], object] = dict
        self.account: Callable[[], Mapping[str, str]] = dict  # what a merchant types into our adapter, `address` included
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []
        self._ahead = timedelta()
        self.address = ""
        folder.mkdir(parents=True, exist_ok=True)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def route(self, method: str, pattern: str) -> Callable[[Route], Route]:
        """The pattern is matched against the whole path; its groups are the request's `parts`."""

        def add(route: Route) -> Route:
            self._routes.append((method, re.compile(pattern), route))
            return route

        return add

    def tell(self, outgoing: Outgoing) -> None:
        """Send a notice in the background, with the faults of the hour, and again until it is heard."""
        if self.faults.strikes(LOSE_NOTICE):
            return
        delay = LATE_SECONDS if self.faults.strikes(LATE_NOTICE) else 0.0
        if self.faults.strikes(FORGE_NOTICE):
            threading.Thread(target=_send, args=(outgoing,), kwargs={"forged": True}, daemon=True).start()
        for _copy in range(2 if self.faults.strikes(DOUBLE_NOTICE) else 1):
            threading.Thread(target=self._until_heard, args=(outgoing, delay), daemon=True).start()

    def _until_heard(self, outgoing: Outgoing, delay: float) -> None:
        for pause in (delay, *RETRY_SECONDS):
            time.sleep(pause)
            if _send(outgoing, forged=False):
                return

    def answer(self, request: Request) -> Response | None:
        """None: the line goes dead, after the work was done."""
        if request.path.startswith("/_"):
            return self._control(request)
        for method, pattern, route in self._routes:
            if method == request.method and (found := pattern.fullmatch(request.path)):
                if self.faults.strikes(REFUSE_BUSY):
                    return Response.json({"code": "SYSTEM_ERROR", "message": "busy"}, 500)
                answer = route(Request(**_fields(request) | {"parts": found.groups()}))
                is_lost = request.method == "POST" and self.faults.strikes(LOSE_ANSWER)
                return None if is_lost else answer
        return Response.json({"code": "NOT_FOUND", "message": request.path}, 404)

    def _control(self, request: Request) -> Response:
        if request.path == "/_books":
            with self.lock:
                return Response.json(self.books())
        given = json.loads(request.body or b"{}")
        match request.path:
            case "/_control/faults":
                self.faults.set(given)
            case "/_control/next":
                self.faults.queue(given["faults"])
            case "/_control/clock":
                self._ahead = timedelta(seconds=given["ahead_seconds"])
            case _:
                for method, pattern, route in self._routes:
                    if method == request.method and (found := pattern.fullmatch(request.path)):
                        return route(Request(**_fields(request) | {"parts": found.groups()}))
                return Response.json({"code": "NOT_FOUND"}, 404)
        return Response.json({})

    def serve(self, port: int) -> ThreadingHTTPServer:
        """A server on the loopback address, not yet running. Port 0 takes a free one; `address` says which."""
        server = _Server(("127.0.0.1", port), _handler(self))
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def _fields(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Request.__slots__}


def _handler(stage: Stage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            split = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
            answer = stage.answer(Request(self.command, split.path, self.path, (), headers, query, body))
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = do_PUT = _any  # noqa: N815 # the library's names

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def log_message(self, *_facts: object) -> None:
            pass

    return Handler


def _send(outgoing: Outgoing, *, forged: bool) -> bool:
    headers, body = outgoing.make(forged)
    request = urllib.request.Request(outgoing.url, data=body, headers=dict(headers), method="POST")  # noqa: S310 # our own
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return outgoing.is_heard(answer.status, answer.read())
    except urllib.error.HTTPError as no:
        return outgoing.is_heard(no.code, no.read())
    except OSError:
        return False


def run(make: Callable[[Path, int], Stage], arguments: list[str] | None = None) -> None:
    """A provider's `main`: its folder of keys, its port, its seed. Writes `account.json`; says in one line where it listens."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True, help="where its keys and our account's facts are kept")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    stage = make(given.folder, given.seed)
    server = stage.serve(given.port)
    (stage.folder / "account.json").write_text(json.dumps(stage.account(), indent=1), encoding="utf-8")
    sys.stdout.write(f"{stage.name} listens at {stage.address}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
