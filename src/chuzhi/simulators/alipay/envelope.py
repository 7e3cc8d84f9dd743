"""How a request comes in and an answer goes out: which parameters there must be, and what is signed."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from chuzhi.simulators.alipay.identity import App, Identity, Signer
from chuzhi.simulators.stage import Request, Response

MUST_BE_THERE = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version", "biz_content")
MESSAGES = {
    "10000": "Success",
    "10003": "order success pay inprocess",
    "20000": "Service Currently Unavailable",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
}


class No(Exception):
    """A refusal in the platform's own words. Before the application is known it goes out without a signature."""

    def __init__(self, code: str, sub_code: str, sub_msg: str, **more: str) -> None:
        super().__init__(sub_code)
        self.facts = {"code": code, "msg": MESSAGES[code], "sub_code": sub_code, "sub_msg": sub_msg, **more}


def refused(sub_code: str, sub_msg: str, **more: str) -> No:
    """By the business behind the gateway."""
    return No("40004", sub_code, sub_msg, **more)


@dataclass(frozen=True)
class Asked:
    """A request whose signature is right. `content` is its biz_content."""

    app: App
    method: str
    content: Mapping[str, Any]
    parameters: Mapping[str, str]

    def need(self, name: str) -> str:
        """A text that has to be there."""
        value = self.content.get(name)
        if value in (None, ""):
            raise refused("ACQ.INVALID_PARAMETER", f"参数有误：{name}不能为空")
        return str(value)

    def may(self, name: str) -> str:
        return str(self.content.get(name) or "")


def parameters_of(request: Request) -> dict[str, str]:
    """From the address and, for a form, the body."""
    pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs += parse_qsl(request.body.decode(), keep_blank_values=True)
    return dict(pairs)


def opened(parameters: Mapping[str, str], identity: Identity) -> Asked:
    """Everything the gateway itself checks. Raises No."""
    for name in MUST_BE_THERE:
        if not parameters.get(name):
            raise No("40001", f"isv.missing-{name.replace('_', '-')}", f"缺少{name}参数")
    app = identity.apps.get(parameters["app_id"])
    if app is None:
        raise No("40002", "isv.invalid-app-id", "无效的AppID参数")
    if parameters["sign_type"] != "RSA2":
        raise No("40002", "isv.invalid-signature-type", "无效的签名类型")
    if parameters["charset"].lower() != "utf-8" or parameters["version"] != "1.0":
        raise No("40002", "isv.invalid-charset", "字符集错误")
    try:
        datetime.strptime(parameters["timestamp"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 # only its form matters
    except ValueError:
        raise No("40002", "isv.invalid-timestamp", "非法的时间戳参数") from None
    if (parameters.get("app_cert_sn", ""), parameters.get("alipay_root_cert_sn", "")) != (app.serial, app.root_serial):
        is_root = parameters.get("app_cert_sn", "") == app.serial
        raise No("40002", f"isv.invalid-{'alipay-root' if is_root else 'app'}-cert-sn", "证书序列号错误")
    _check_signature(parameters, app)
    try:
        content = json.loads(parameters["biz_content"])
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise No("40002", "isv.invalid-parameter", "参数无效")
    return Asked(app, parameters["method"], content, parameters)


def _check_signature(parameters: Mapping[str, str], app: App) -> None:
    named = sorted((name, value) for name, value in parameters.items() if name != "sign" and value)
    try:
        signature = base64.b64decode(parameters["sign"], validate=True)
        app.key.verify(signature, "&".join(f"{name}={value}" for name, value in named).encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        raise No("40002", "isv.invalid-signature", "验签出错，请检查签名") from None


def answered(method: str, facts: Mapping[str, object], signer: Signer | None, *, is_forged: bool = False) -> Response:
    """As the platform writes it: slashes escaped, so that whoever reads and writes it again before checking gets another text."""
    text = json.dumps(facts, ensure_ascii=False, separators=(", ", ":")).replace("/", "\\/")
    name = method.replace(".", "_") + "_response"
    tail = ""
    if signer:
        signature = _signed(text.replace("1", "7") if is_forged else text, signer)
        serial = f',"alipay_cert_sn":"{signer.serial}"' if signer.serial else ""
        tail = f'{serial},"sign":"{signature}"'
    return Response(f'{{"{name}":{text}{tail}}}'.encode(), 200, {"Content-Type": "text/html;charset=utf-8"})


def form(fields: Mapping[str, str], signer: Signer, *, is_forged: bool = False) -> bytes:
    """A notice, or what is added to the payer's way back: neither `sign` nor `sign_type` is signed."""
    filled = {name: value for name, value in fields.items() if value}
    text = "&".join(f"{name}={value}" for name, value in sorted(filled.items()))
    signature = _signed(text + "&forged=1" if is_forged else text, signer)
    whole = {**filled, "sign_type": "RSA2", "sign": signature}
    return "&".join(f"{name}={quote_plus(value)}" for name, value in whole.items()).encode()


def _signed(text: str, signer: Signer) -> str:
    return base64.b64encode(signer.key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
