"""Who wants to know that something was asked for or decided. `config/wiring.py` connects them; approvals knows none of them."""

from collections.abc import Callable

from chuzhi.approvals.models import Request

Listener = Callable[[Request], None]

_listeners: list[Listener] = []


def connect(listener: Listener) -> None:
    """Called in the transaction of each change of a request's state."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(request: Request) -> None:
    for listener in _listeners:
        listener(request)
