"""What the console offers, in the order of a working day. A line is shown to those who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Item:
    label: str | Promise
    icon: str
    url_name: str
    permission: str
    words: str = ""
    """What else people type to find it: pinyin, other names."""


@dataclass(frozen=True, slots=True)
class Place:
    """An item as it stands in one page."""

    item: Item
    href: str
    is_current: bool


ITEMS = (
    Item(_("Till"), "scan-barcode", "console:till", "till.charge", "till shouyin syt charge topup"),
    Item(_("Customers"), "users", "console:customers", "customers.view", "customers kehu kh members"),
    Item(_("Wallets"), "wallet", "console:wallets", "wallets.view", "wallets qianbao qb cards"),
    Item(_("Import"), "file-up", "console:imports", "customers.import", "import daoru dr csv xlsx"),
    Item(
        _("Programmes"),
        "gift",
        "console:programmes",
        "programmes.manage",
        "programmes offers limits fangan fa chuzhifangan xiane",
    ),
    Item(_("Stores"), "store", "console:stores", "stores.manage", "stores tills mendian md shouyintai"),
    Item(_("Staff"), "user", "console:team", "staff.manage", "staff roles invite yuangong yg juese"),
    Item(_("The demo's year"), "calendar", "console:year", "demo.view", "demo yanshi ys year"),
    Item(_("API keys"), "key-round", "console:keys", "keys.manage", "api keys programs miyao my jiekou"),
)


def places(request: HttpRequest) -> Iterator[Place]:
    """The items this person may use; an item whose page is not installed has no address and is left out."""
    actor = getattr(request, "actor", None)
    for item in ITEMS:
        if actor is None or not actor.may(item.permission):
            continue
        try:
            href = reverse(item.url_name)
        except NoReverseMatch:
            continue
        yield Place(item=item, href=href, is_current=request.path.startswith(href))
