"""Who wants to know how an application ended. `config/wiring.py` connects them; limits knows none of them."""

from collections.abc import Callable

from chuzhi.limits.models import Raise

Listener = Callable[[Raise], None]

_listeners: list[Listener] = []


def connect(listener: Listener) -> None:
    """Called in the transaction of each decision."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(application: Raise) -> None:
    for listener in _listeners:
        listener(application)
