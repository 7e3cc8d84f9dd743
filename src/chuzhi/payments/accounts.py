"""Our accounts at providers: opening them, choosing among them, and reaching the provider behind one."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.remembered import Remembered
from chuzhi.organization.authority import require
from chuzhi.payments import lawful
from chuzhi.payments.errors import CodeTaken, ConfigurationUnusable
from chuzhi.payments.gateways import registry
from chuzhi.payments.gateways.contract import ConfigurationError, Gateway, Scene
from chuzhi.payments.models import Account

MANAGE = "payments.manage"


def heard_as(code: str) -> Account | None:
    """The account that providers call by this code, as it was within the last seconds."""
    return _by_code(None).get(code) or Account.objects.filter(code=code).first()


def slow() -> list[Account]:
    """Those whose money takes days to arrive."""
    return [each for each in Account.objects.all() if each.is_slow]


def gateway_of(account: Account) -> Gateway:
    given: dict[str, str] = json.loads(account.configuration)
    return registry.connected(account.gateway, tuple(sorted(given.items())))


def stand_in_of(account: Account) -> str:
    """The address of the provider's stand-in, where the account is at one: no real provider is on this machine."""
    given: dict[str, str] = json.loads(account.configuration)
    address = urlsplit(given.get("address", ""))
    return f"http://{address.netloc}" if (address.scheme, address.hostname) == ("http", "127.0.0.1") else ""


def notify_url(account: Account) -> str:
    """Where the provider tells us what happened (`api/notices.py`)."""
    return f"{settings.PUBLIC_URL}/api/notices/{account.code}"


@transaction.atomic
def open_account(
    *,
    code: str,
    name: str,
    gateway: str,
    method: int,
    currency: str,
    configuration: Mapping[str, str],
    by: Actor,
    priority: int = 100,
    least: int = 1,
    most: int | None = None,
    fee_rate: int = 0,
    fee_fixed: int = 0,
    arrives_within_seconds: int = 60,
    clears: str = Account.Clears.AT_ONCE,
    clears_after_days: int = 0,
    has_watched_payouts: bool = True,
    custody_pack: str = "",
    custody_kind: str = "",
) -> Account:
    """Raises ConfigurationUnusable naming the field that the gateway cannot work with, PackRefused where the law forbids it."""
    require(by, MANAGE)
    _permit(method)
    _check(gateway, configuration)
    if Account.objects.filter(code=code).exists():
        raise CodeTaken(given=code)
    account = Account.objects.create(
        code=code, name=name, gateway=gateway, method=method, currency=currency, configuration=json.dumps(dict(configuration)),
        priority=priority, least=least, most=most, fee_rate=fee_rate, fee_fixed=fee_fixed,
        arrives_within_seconds=arrives_within_seconds, clears=clears, clears_after_days=clears_after_days,
        has_watched_payouts=has_watched_payouts,
        custody_pack=custody_pack, custody_kind=custody_kind,
    )  # fmt: skip
    audit.record("payment_account.opened", f"payment_account:{account.pk}", by=by, code=code, gateway=gateway)
    return account


@transaction.atomic
def reconfigure(*, account: Account, configuration: Mapping[str, str], by: Actor) -> Account:
    """New keys take over at the next call; of the audit log's facts only the names of the fields that changed."""
    require(by, MANAGE)
    account = Account.objects.select_for_update().get(pk=account.pk)
    before: dict[str, str] = json.loads(account.configuration)
    _check(account.gateway, configuration)
    changed = sorted(name for name in {*before, *configuration} if before.get(name) != configuration.get(name))
    if changed:
        account.configuration = json.dumps(dict(configuration))
        account.save(update_fields=["configuration"])
        audit.record("payment_account.reconfigured", f"payment_account:{account.pk}", by=by, fields=changed)
        transaction.on_commit(_by_code.forget)
    return account


@transaction.atomic
def present(
    *, account: Account, by: Actor, name: str, priority: int, most: int | None, fee_rate: int, arrives_within_seconds: int,
    clears: str = Account.Clears.AT_ONCE, clears_after_days: int = 0, has_watched_payouts: bool = True,
    custody_pack: str = "", custody_kind: str = "",
) -> Account:  # fmt: skip
    """How it is shown to payers and chosen among others, when what it brings from now on has cleared, and what is watched of it."""
    require(by, MANAGE)
    facts = {
        "name": name, "priority": priority, "most": most, "fee_rate": fee_rate, "arrives_within_seconds": arrives_within_seconds,
        "clears": str(clears), "clears_after_days": clears_after_days,
        "has_watched_payouts": has_watched_payouts, "custody_pack": custody_pack, "custody_kind": custody_kind,
    }  # fmt: skip
    Account.objects.filter(pk=account.pk).update(**facts)
    audit.record("payment_account.presented", f"payment_account:{account.pk}", by=by, **facts)
    return Account.objects.get(pk=account.pk)


@transaction.atomic
def stand(*, account: Account, standing: Account.Standing, by: Actor) -> Account:
    """A paused account starts nothing new. What is under way is still heard of."""
    require(by, MANAGE)
    if standing == Account.Standing.OPEN:
        _permit(account.method)
    Account.objects.filter(pk=account.pk).update(standing=standing)
    audit.record("payment_account.stood", f"payment_account:{account.pk}", by=by, standing=str(standing))
    return Account.objects.get(pk=account.pk)


def routes(*, scene: Scene, amount: int, currency: str, method: int | None = None) -> list[Account]:
    """The accounts that could take it, the preferred one first: by priority, then by fee."""
    found = Account.objects.filter(standing=Account.Standing.OPEN, currency=currency)
    if method is not None:
        found = found.filter(method=method)
    permitted = [each for each in found if lawful.objection(each.method) is None]
    able = [each for each in permitted if each.takes(amount) and scene in gateway_of(each).scenes]
    return sorted(able, key=lambda each: (each.priority, each.fee_of(amount), each.pk))


def _look_up(_all: None) -> dict[str, Account]:
    return {account.code: account for account in Account.objects.all()}


_by_code: Remembered[None, Mapping[str, Account]] = Remembered(_look_up)


def _permit(method: int) -> None:
    if no := lawful.objection(method):
        raise no


def _check(gateway: str, configuration: Mapping[str, str]) -> None:
    try:
        registry.fields_of(gateway).parse(configuration)
    except ConfigurationError as fault:
        raise ConfigurationUnusable(field=fault.field, sentence=str(fault.sentence)) from fault
