"""What can be done with whatever was typed: `freeze 1380013`, `收款 王小明`, `sk wxm`. A verb, and whom or what it is about."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.console.access import StaffRequest
from chuzhi.console.wallets import finding
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet

MOST = 4
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Verb:
    """`words` are what people type for it, in English, Chinese and pinyin; its page is that of a wallet."""

    words: tuple[str, ...]
    label: Promise
    icon: str
    permission: str
    url_name: str
    at_till: bool = False
    is_of_money: bool = False


VERBS = (
    Verb(
        ("charge", "收款", "扣款", "shoukuan", "sk"),
        gettext_lazy("Charge"),
        "scan-barcode",
        "till.charge",
        "till_wallet",
        at_till=True,
    ),
    Verb(
        ("topup", "top-up", "充值", "chongzhi", "cz"),
        gettext_lazy("Top up"),
        "plus",
        "till.top_up",
        "till_top_up",
        at_till=True,
    ),
    Verb(
        ("freeze", "unfreeze", "冻结", "解冻", "dongjie", "dj"),
        gettext_lazy("Freeze or unfreeze"),
        "snowflake",
        "wallets.freeze",
        "wallet",
    ),
    Verb(("gift", "bonus", "赠送", "zengsong", "zs"), gettext_lazy("Give a bonus"), "gift", "approvals.ask", "wallet_gift"),
    Verb(
        ("link", "order", "链接", "订单", "dingdan", "dd"),
        gettext_lazy("Send a pay link"),
        "mail",
        "till.top_up",
        "order_new",
        is_of_money=True,
    ),
    Verb(
        ("statement", "对账单", "duizhangdan", "dzd"),
        gettext_lazy("Statement"),
        "file-text",
        "wallets.view",
        "wallet_statement",
    ),
    Verb(("cards", "card", "卡", "ka"), gettext_lazy("Cards"), "credit-card", "wallets.view", "wallet_cards"),
)


def found(request: StaffRequest, typed: str) -> Iterator[tuple[str, str, str, str]]:
    """Address, icon, label and what stands beside it, for each wallet that the verb can be about."""
    word, _space, about = typed.partition(" ")
    verbs = [verb for verb in VERBS if _is_meant(verb, word) and _may(verb, request)]
    if not verbs or not about.strip():
        return
    among = queries.visible_to(request.actor).select_related("customer", "programme")
    wallets = list(finding.wallets(among, about.strip(), by=request.actor, most=MOST).order_by("pk")[:MOST])
    for verb in verbs:
        for wallet in wallets:
            if not verb.is_of_money or wallet.programme.kind == Programme.Kind.MONEY:
                yield (
                    reverse(f"console:{verb.url_name}", args=[wallet.pk]),
                    verb.icon,
                    _label(verb, wallet),
                    wallet.programme.name,
                )


def _is_meant(verb: Verb, word: str) -> bool:
    typed = word.lower()
    return (len(typed) >= SHORTEST and any(one.startswith(typed) for one in verb.words)) or typed in verb.words


def _may(verb: Verb, request: StaffRequest) -> bool:
    return (
        request.actor.may(verb.permission)
        and request.actor.may(queries.VIEW)
        and (not verb.at_till or request.till is not None)
    )


def _label(verb: Verb, wallet: Wallet) -> str:
    holder = wallet.customer.name if wallet.customer else _("Bearer card")
    return _("%(what)s: %(name)s") % {"what": verb.label, "name": holder}
