"""A lean source of HTTP requests: many keep-alive connections in one process, plain sockets, every answer counted.

It ends by waiting for what it has sent: how many were acknowledged is known exactly.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CHUNK = 1 << 18
PATIENCE_SECONDS = 60.0
Ask = Callable[[int], bytes]
"""The bytes of the n-th request."""


@dataclass
class Heard:
    """What came back: how many answers by status, how long each took, and the first that was not a success."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0
    complaint: str = ""

    def note(self, answer: bytes, took: float) -> None:
        status = int(answer[9:12])
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.append(took)
        if status >= 300 and not self.complaint:
            self.complaint = answer[:2000].decode(errors="replace")

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.heard = b""

    def ask(self, request: bytes, since: float) -> None:
        self.since = since
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """The whole answer, or None while some of it is on its way."""
        piece = self.socket.recv(CHUNK)
        if not piece:
            raise SystemExit("the server hung up")
        self.heard += piece
        head, blank, body = self.heard.partition(b"\r\n\r\n")
        if not blank:
            return None
        place = head.lower().index(b"content-length:") + 15
        if len(body) < int(head[place:].split(b"\r\n", 1)[0]):
            return None
        whole, self.heard = self.heard, b""
        return whole


def as_fast_as_answered(port: int, ask: Ask, *, connections: int, seconds: float) -> Heard:
    """Each connection asks again as soon as it has its answer."""
    heard, number, open_ = Heard(), 0, [Connection(port) for _each in range(connections)]
    with selectors.DefaultSelector() as ready:
        began = time.perf_counter()
        for connection in open_:
            ready.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(ask(number), time.perf_counter())
            number += 1
        waiting = connections
        while waiting:
            for connection, answer in _answers(ready, PATIENCE_SECONDS):
                now = time.perf_counter()
                heard.note(answer, now - connection.since)
                if now - began < seconds:
                    connection.ask(ask(number), time.perf_counter())
                    number += 1
                else:
                    waiting -= 1
        heard.took = time.perf_counter() - began
    for connection in open_:
        connection.socket.close()
    return heard


def at_a_rate(port: int, ask: Ask, *, rate: float, connections: int, seconds: float) -> Heard:
    """So many a second, whether or not the server keeps up: time counts from when a request was due, not from when it left.

    Connections take turns: the server closes one that has asked nothing for 30 seconds.
    """
    heard, number, total, due = Heard(), 0, int(rate * seconds), 0.0
    idle, open_ = deque(Connection(port) for _each in range(connections)), set[Connection]()
    with selectors.DefaultSelector() as ready:
        for connection in idle:
            ready.register(connection.socket, selectors.EVENT_READ, connection)
        began = time.perf_counter()
        while number < total or open_:
            while number < total and idle and (due := began + number / rate) <= time.perf_counter():
                connection = idle.popleft()
                open_.add(connection)
                connection.ask(ask(number), due)
                number += 1
            due = began + number / rate
            patience = max(0.0, due - time.perf_counter()) if number < total and idle else PATIENCE_SECONDS
            for connection, answer in _answers(ready, patience):
                heard.note(answer, time.perf_counter() - connection.since)
                open_.remove(connection)
                idle.append(connection)
        heard.took = time.perf_counter() - began
    for connection in idle:
        connection.socket.close()
    return heard


def _answers(ready: selectors.BaseSelector, patience: float) -> Iterator[tuple[Connection, bytes]]:
    for key, _events in ready.select(patience):
        answer = key.data.answer()
        if answer is not None:
            yield key.data, answer
