"""The line to the platform: requests signed by us, answers signed by Alipay, also while it changes its certificate."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chuzhi.payments.gateways.alipay import answers, certificates, signing, yuan
from chuzhi.payments.gateways.alipay.account import Account
from chuzhi.payments.gateways.alipay.answers import Answer, Envelope
from chuzhi.payments.gateways.calling import Caller
from chuzhi.payments.gateways.contract import OutcomeUnknownError

FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
DOWNLOAD = "alipay.open.app.alipaycert.download"
PAUSE_SECONDS = 60.0
"""At least so long between two questions that a message of anybody can make us ask."""

Content = Mapping[str, object]


class Channel:
    """Safe to share between threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._caller = Caller("")
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        given = account.certificates
        self._serials = _serials(account)
        self._known = {certificates.serial_number(given.alipay): account.alipay_keys[0]} if given else {}

    def keys(self) -> tuple[RSAPublicKey, ...]:
        """All that Alipay is known to sign with."""
        return tuple(self._known.values()) or self._account.alipay_keys

    def address(self, method: str, content: Content, *, notify_url: str = "", return_url: str = "") -> str:
        """A signed request as an address, for the payer's browser or app."""
        return f"{self._account.address}?{self.query(method, content, notify_url=notify_url, return_url=return_url)}"

    def query(self, method: str, content: Content, *, notify_url: str = "", return_url: str = "") -> str:
        return urlencode(self._parameters(method, content, notify_url=notify_url, return_url=return_url))

    def ask(self, method: str, content: Content, *, notify_url: str = "") -> Answer:
        """What Alipay says, verified. A no is an answer too. Raises NotSentError and OutcomeUnknownError."""
        envelope = self._post(method, content, notify_url=notify_url)
        if not envelope.signature:
            raise OutcomeUnknownError(f"An answer without a signature: {envelope.signed[:200]}")
        return envelope.opened(self._keys_of(envelope.certificate))

    def fetch(self, address: str) -> bytes:
        """A file that a signed answer named. Raises NotSentError and OutcomeUnknownError."""
        if not address.startswith(self._account.address.partition(":")[0] + "://"):
            raise OutcomeUnknownError("The file is not offered over a connection as safe as ours.")
        answer = self._caller.call("GET", address)
        if answer.status != 200:
            raise OutcomeUnknownError(f"The file is answered {answer.status}.")
        return answer.body

    def has_learned(self) -> bool:
        """Whether Alipay signs with a certificate that was new to us a moment ago: its answer to any question names it."""
        now = time.monotonic()
        if not self._account.certificates or now < self._quiet_until:
            return False
        self._quiet_until, before = now + PAUSE_SECONDS, len(self._known)
        self.ask("alipay.trade.query", {"out_trade_no": "0"})
        return len(self._known) > before

    def _post(self, method: str, content: Content, *, notify_url: str = "") -> Envelope:
        parameters = self._parameters(method, content, notify_url=notify_url)
        # What a request is about goes into its body; the rest, and the charset above all, has to be in the address.
        body = urlencode({"biz_content": parameters.pop("biz_content")}).encode()
        answer = self._caller.call("POST", f"{self._account.address}?{urlencode(parameters)}", headers=FORM, body=body)
        if answer.status != 200:
            raise OutcomeUnknownError(f"Alipay answers {answer.status}.")
        return answers.envelope(answer.body, method)

    def _parameters(self, method: str, content: Content, *, notify_url: str = "", return_url: str = "") -> dict[str, str]:
        parameters = {
            "app_id": self._account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": yuan.moment(datetime.now(UTC)),
            "version": "1.0",
            "notify_url": notify_url,
            "return_url": return_url,
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **self._serials,
        }
        sent = {name: value for name, value in parameters.items() if value}
        return sent | {"sign": signing.sign(signing.text_of(sent), self._account.app_key)}

    def _keys_of(self, serial: str) -> tuple[RSAPublicKey, ...]:
        if not self._account.certificates:
            return self._account.alipay_keys
        if serial not in self._known:
            with self._lock:
                if serial not in self._known:
                    self._known = {**self._known, serial: self._downloaded(serial)}
        return (self._known[serial],)

    def _downloaded(self, serial: str) -> RSAPublicKey:
        """A new certificate of Alipay's is believed for its chain: its own signature on the answer would prove nothing."""
        given = self._account.certificates
        answer = self._post(DOWNLOAD, {"alipay_cert_sn": serial}).unverified()
        chain = list(_certificates(answer.of("alipay_cert_content")))
        is_asked_for = bool(chain) and certificates.serial_number(chain[0]) == serial
        if not given or not is_asked_for or not certificates.is_trusted(chain, given.roots, at=datetime.now(UTC)):
            raise OutcomeUnknownError(f"The certificate {serial!r} cannot be believed: {answer.reason}.")
        if certificates.owner(chain[0]) != certificates.owner(given.alipay):
            raise OutcomeUnknownError(f"The certificate {serial!r} is made out to somebody else.")
        return certificates.public_key(chain[0])


def _serials(account: Account) -> dict[str, str]:
    if not account.certificates:
        return {}
    return {
        "app_cert_sn": certificates.serial_number(account.certificates.application),
        "alipay_root_cert_sn": certificates.root_serial_number(account.certificates.roots),
    }


def _certificates(encoded: str) -> Iterator[x509.Certificate]:
    try:
        yield from x509.load_pem_x509_certificates(base64.b64decode(encoded))
    except ValueError:
        return
