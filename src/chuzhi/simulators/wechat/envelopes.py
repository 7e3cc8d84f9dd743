"""The provider's side of the protocol: whose request is it, and an answer or notice that the merchant can verify."""

import base64
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from chuzhi.simulators.stage import Request, Response
from chuzhi.simulators.wechat.keys import MERCHANT, Keys, PlatformKey

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TOLERANCE_SECONDS = 300


class Refusal(Exception):
    """The provider's no: its HTTP status, its code, its words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def bad_parameter(message: str) -> Refusal:
    return Refusal(400, "PARAM_ERROR", message)


@dataclass
class Envelopes:
    """Messages are stamped by the real clock, whatever day the books are at; `skew_seconds` makes the stamp wrong on purpose."""

    keys: Keys
    skew_seconds: int = 0

    def verify(self, request: Request) -> None:
        """Raises Refusal 401, which the real one does not sign either."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != SCHEME or set(given) != {"mchid", "nonce_str", "timestamp", "serial_no", "signature"}:
            raise Refusal(401, "SIGN_ERROR", "Http头Authorization值格式错误")
        if given["mchid"] != MERCHANT or given["serial_no"] != self.keys.merchant_serial:
            raise Refusal(401, "SIGN_ERROR", "商户证书序列号有误")
        if not given["timestamp"].isdecimal() or abs(time.time() - int(given["timestamp"])) > TOLERANCE_SECONDS:
            raise Refusal(401, "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        signed = (
            f"{request.method}\n{request.target}\n{given['timestamp']}\n{given['nonce_str']}\n".encode() + request.body + b"\n"
        )
        try:
            self.keys.merchant.public_key().verify(base64.b64decode(given["signature"]), signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError) as fault:
            raise Refusal(401, "SIGN_ERROR", "签名错误，请检查后再试") from fault

    def answered(self, request: Request, status: int, facts: Any, *, forged: bool) -> Response:
        """Signed by the public key for a merchant that says it knows it. No content at all is signed as an empty body."""
        key = (
            self.keys.public
            if request.headers.get("wechatpay-serial") == self.keys.public.serial
            else self.keys.certificates[-1]
        )
        body = b"" if facts is None else _json(facts)
        return Response(body, status, {"Content-Type": "application/json", **self._stamp(key, body, forged=forged)})

    def notice(self, kind: str, original: str, summary: str, facts: Mapping[str, Any], at: datetime) -> "NoticeMaker":
        """What sends the notice: the same event at each try, its stamp that of the try. Forged, it is the provider's probe."""
        envelope = {
            "id": f"EV-{secrets.token_hex(16)[:30]}",
            "create_time": rfc3339(at),
            "resource_type": "encrypt-resource",
            "event_type": kind,
            "summary": summary,
            "resource": {"original_type": original, **self.sealed(_json(facts), original)},
        }
        body = _json(envelope)

        def make(forged: bool) -> tuple[Mapping[str, str], bytes]:  # noqa: FBT001 # the stage's shape
            return {"Content-Type": "application/json", **self._stamp(self.keys.signer, body, forged=forged)}, body

        return make

    def sealed(self, content: bytes, label: str) -> dict[str, str]:
        nonce = secrets.token_hex(6)
        hidden = AESGCM(self.keys.v3_key.encode()).encrypt(nonce.encode(), content, label.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(hidden).decode(),
            "associated_data": label,
            "nonce": nonce,
        }

    def _stamp(self, key: PlatformKey, body: bytes, *, forged: bool) -> dict[str, str]:
        timestamp, nonce = str(int(time.time()) + self.skew_seconds), secrets.token_hex(16)
        signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64encode(key.private.sign(signed, PKCS1v15(), SHA256())).decode()
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": key.serial,
            "Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{signature[20:]}" if forged else signature,
            "Wechatpay-Signature-Type": SCHEME,
            "Request-ID": secrets.token_hex(16),
        }


NoticeMaker = Callable[[bool], tuple[Mapping[str, str], bytes]]


def rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _json(facts: Any) -> bytes:
    return json.dumps(facts, ensure_ascii=False).encode()
