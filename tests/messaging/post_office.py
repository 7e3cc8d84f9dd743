"""A real SMTP server on a socket of this machine, which keeps what it is given and can be told to refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

import product


class PostOffice:
    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: list[str] = []
        """What to say to the next letters, instead of taking them."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]  # its stub knows only the old policy
        return "250 taken"


@contextmanager
def opened() -> Iterator[tuple[PostOffice, str]]:
    """A post office and its address."""
    office = PostOffice()
    port = product.free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
