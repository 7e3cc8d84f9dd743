"""Ways to pay for the demo: accounts at stand-ins, which are processes on this machine and move no real money."""

import json
from pathlib import Path

import httpx

from chuzhi.core import actors
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts
from chuzhi.payments.models import Account

BY = actors.system("demo")
NAMES = {"wechat": "微信支付", "alipay": "支付宝", "stripe": "Stripe"}
FEES = {"wechat": 60, "alipay": 55, "stripe": 290}
"""Hundredths of a percent, as the real ones usually ask."""

TOLD_ONCE = {"stripe"}
"""Providers that are told on a page of theirs where to notify, and not with each payment."""


def connect(folder: Path) -> Account:
    """The account at the stand-in whose keys are in `folder`, which is named for its provider. Safe to repeat."""
    provider = folder.name
    configuration: dict[str, str] = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    account = _account(provider, configuration)
    if provider in TOLD_ONCE:
        told = {"url": accounts.notify_url(account)}
        httpx.post(f"{configuration['address']}/_control/endpoint", json=told, trust_env=False).raise_for_status()
    return account


def _account(provider: str, configuration: dict[str, str]) -> Account:
    if known := Account.objects.filter(code=provider).first():
        return accounts.reconfigure(account=known, configuration=configuration, by=BY)
    return accounts.open_account(
        code=provider, name=NAMES[provider], gateway=provider, method=Method[provider.upper()], currency="CNY",
        configuration=configuration, fee_rate=FEES[provider], most=50_000_00, by=BY,
    )  # fmt: skip
