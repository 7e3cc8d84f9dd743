"""The provider's keys: one public key that was configured, or platform certificates that are fetched and change in mid-run."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chuzhi.payments.gateways.calling import Answer
from chuzhi.payments.gateways.contract import ForgedError, NotSentError, OutcomeUnknownError
from chuzhi.payments.gateways.wechat import facts, signing
from chuzhi.payments.gateways.wechat.account import Account, public_key
from chuzhi.payments.gateways.wechat.facts import Facts

OLD_AFTER_SECONDS = 12 * 3600
MOST_A_MINUTE = 5
"""Fetches for the sake of unknown serial numbers: whoever sends forged ones must not make us ask each time."""


class Trust:
    """Parsed keys by serial number, shared by all threads. A new key is fetched when something is signed with it."""

    def __init__(self, account: Account, fetch: Callable[[], Answer]) -> None:
        self._fetch = fetch
        self._cipher = AESGCM(account.v3_key.encode())
        self._configured = {account.public_key_id: public_key(account.public_key)} if account.public_key else {}
        self._certificates: dict[str, x509.Certificate] = {}
        self._fetched: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._lock = threading.Lock()

    def check(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> signing.Stamp:
        """Signed by the provider, and lately. Raises ForgedError; NotSentError and OutcomeUnknownError while fetching keys."""
        stamp = signing.Stamp.of(headers)
        stamp.check_age(now)
        stamp.check(self._key(stamp.serial, now), body)
        return stamp

    def open(self, sealed: Facts) -> bytes:
        return signing.decrypt(self._cipher, sealed)

    def _key(self, serial: str, now: datetime) -> RSAPublicKey:
        if configured := self._configured.get(serial):
            return configured
        if self._is_due(serial):
            with self._lock:
                if self._is_due(serial):
                    self._refresh_for(serial)
        certificate = self._certificates.get(serial)
        if certificate is None or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise ForgedError(f"signed by a key that we do not know: {serial[:60]}")
        return _key_of(certificate)

    def _is_due(self, serial: str) -> bool:
        if serial in self._certificates:
            return time.monotonic() - self._fetched[-1] > OLD_AFTER_SECONDS
        return len(self._fetched) < MOST_A_MINUTE or time.monotonic() - self._fetched[0] > 60

    def _refresh_for(self, serial: str) -> None:
        """A key that we have is good without a new list, should the provider not give one now."""
        try:
            self._refresh()
        except (NotSentError, OutcomeUnknownError, ForgedError):
            if serial not in self._certificates:
                raise

    def _refresh(self) -> None:
        """Take over the list as it is now. It is signed by one of the certificates in it, and only our APIv3 key opens them."""
        self._fetched.append(time.monotonic())
        answer = self._fetch()
        if answer.status != 200:
            return
        try:
            found = self._opened(answer.body)
        except ValueError as fault:
            raise ForgedError("a list of certificates that cannot be read") from fault
        stamp = signing.Stamp.of(answer.headers)
        stamp.check_age(datetime.now(UTC))
        signer = found.get(stamp.serial) or self._certificates.get(stamp.serial)
        if signer is None:
            raise ForgedError("a list of certificates signed by none of them")
        stamp.check(_key_of(signer), answer.body)
        self._certificates = found

    def _opened(self, body: bytes) -> dict[str, x509.Certificate]:
        found = {}
        for each in facts.parts(facts.parse(body), "data"):
            sealed = facts.part(each, "encrypt_certificate")
            found[facts.text(each, "serial_no")] = x509.load_pem_x509_certificate(self.open(sealed))
        return found


def _key_of(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ForgedError("a certificate without an RSA key")
    return key
