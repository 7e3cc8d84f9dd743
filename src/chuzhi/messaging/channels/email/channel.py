import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from chuzhi.messaging.letters import Letter, NoServer, NotNow, Undeliverable

TIMEOUT_SECONDS = 20
TLS_PORT, PLAIN_PORT = 465, 587
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def send(letter: Letter) -> str:
    """Hand one letter to the mail server. Answers with its Message-ID, which a later try of the same copy has again."""
    if not settings.SMTP_URL:
        raise NoServer("no_server")
    mail = _mail(letter)
    try:
        with _server(urlsplit(settings.SMTP_URL)) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as no:
        _raise(next(iter(no.recipients.values()))[0])
    except smtplib.SMTPResponseException as no:
        _raise(no.smtp_code)
    except (OSError, smtplib.SMTPException) as no:
        raise NotNow(type(no).__name__) from no
    return str(mail["Message-ID"])


def _mail(letter: Letter) -> EmailMessage:
    sender = settings.MAIL_FROM
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, letter.address
    mail["Subject"] = " ".join(letter.title.split())
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{letter.number}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    return mail


@contextmanager
def _server(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """Signed in. A password is never said over a line that others can read."""
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or TLS_PORT, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or PLAIN_PORT, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        is_private = url.scheme == "smtps"
        if not is_private and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_private = True
        if url.username:
            if not is_private and host not in HERE:
                raise NotNow("no_tls")
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server


def _raise(code: int) -> None:
    """A 5xx is for good, everything else may pass (RFC 5321, 4.2.1)."""
    said = f"smtp_{code}"
    raise Undeliverable(said) if 500 <= code < 600 else NotNow(said)
