"""What the console offers, by the kind of work and in the order of a working day. A line is shown to those who may use it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    group: str | Promise
    href: str
    is_current: bool


GROUPS: tuple[tuple[str | Promise, tuple[Item, ...]], ...] = (
    (
        pgettext_lazy("navigation", "Counter"),
        (
            Item(_("Till"), "scan-barcode", "console:till", "till.charge", "till shouyin syt charge topup"),
            Item(_("Customers"), "users", "console:customers", "customers.view", "customers kehu kh members"),
            Item(
                _("Follow-ups"), "calendar", "console:tasks", "customers.view", "tasks follow up genjin gj huifang hf renwu rw"
            ),
            Item(
                _("Service desk"),
                "message-square",
                "console:tickets",
                "desk.view",
                "tickets complaints gongdan gd kefu kf tousu ts",
            ),
            Item(_("Wallets"), "wallet", "console:wallets", "wallets.view", "wallets qianbao qb cards"),
            Item(_("Cash drawer"), "coins", "console:drawer", "drawer.use", "cash drawer shift count qianxiang qx jiaoban jb"),
            Item(_("Sell a card"), "scan-line", "console:voucher_sell", "vouchers.sell", "sell recharge card shouka sk"),
            Item(
                _("Assisted top-ups"),
                "phone",
                "console:assisted",
                "wallets.view",
                "agent phone chat kefu kf daichong dc dianhua",
            ),
            Item(_("Card applications"), "user-plus", "console:applications", "applications.file", "banka bk shenqing"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Money"),
        (
            Item(
                _("Journal"), "book-open", "console:journal", "ledger.view", "journal entries recharges liushui ls zhangmu zm"
            ),
            Item(_("Top-up orders"), "receipt", "console:orders", "wallets.view", "orders pay link dingdan dd chongzhidingdan"),
            Item(
                _("Automatic top-ups"), "refresh-cw", "console:mandates", "wallets.view", "recharge mandate zidong zd chongzhi"
            ),
            Item(_("Payments"), "credit-card", "console:payments", "payments.view", "wechat alipay zhifu zf tuikuan"),
            Item(_("Balance refunds"), "undo-2", "console:refund_requests", "wallets.view", "money back tuikuan tk tuika yue"),
            Item(_("Bank statements"), "arrow-left-right", "console:statements", "bank.view", "yinhang duizhangdan yh dzd"),
            Item(
                _("Reconciliation"),
                "scale",
                "console:reconciliation",
                "reconciliation.view",
                "bills clearing duizhang dz chayi",
            ),
            Item(_("Shifts"), "banknote", "console:shifts", "drawer.review", "differences z report banci bc changduankuan"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Control"),
        (
            Item(
                _("Day at a glance"),
                "chart-column",
                "console:board",
                "board.view",
                "board float today kanban kb jinri yilan yue",
            ),
            Item(
                _("Approvals"), "shield-check", "console:approvals", "approvals.view", "requests second person shenpi sp fuhe"
            ),
            Item(
                _("Suspicion"), "triangle-alert", "console:risk", "risk.view", "risk fraud cases fengkong fk yichang yc keyi ky"
            ),
            Item(
                _("Audit log"), "file-text", "console:audit", "audit.view", "audit log who did what shenji sj rizhi rz caozuo"
            ),
            Item(_("Audit sample"), "list", "console:sample", "audit.view", "audit sample choucha cc chouyang cy shenji sj"),
            Item(_("Limits"), "chevrons-up-down", "console:limits", "wallets.view", "limits raise xiane xe tie shangxian"),
            Item(_("Rule packs"), "book-open", "console:packs", "wallets.view", "rule packs law guize gz fagui tuikuan xiane"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Selling"),
        (
            Item(
                _("Top-up offers"),
                "percent",
                "console:offers",
                "offers.view",
                "offers bonus bands chongzhihuodong czhd zengsong",
            ),
            Item(_("Products"), "list", "console:products", "catalogue.view", "products prices goods shangpin sp jiage fuwu"),
            Item(_("Programmes"), "tag", "console:programmes", "programmes.manage", "offers limits chuzhifangan fa xiane"),
            Item(_("Bonus for many"), "gift", "console:credits", "wallets.gift", "gifts bulk credits piliang zengsong plzs"),
            Item(_("Recharge cards"), "ticket", "console:vouchers", "vouchers.view", "batches chongzhika czk pici"),
            Item(_("Partners"), "hand-coins", "console:partners", "partners.view", "partners agents hezuofang hzf daili dl"),
            Item(_("Messages"), "mail", "console:messages", "messages.view", "messages mail outbox xiaoxi xx tongzhi youjian"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Setup"),
        (
            Item(_("Stores"), "store", "console:stores", "stores.manage", "stores tills mendian md shouyintai"),
            Item(
                _("Kiosks"), "monitor", "console:kiosks", "kiosks.set_up", "kiosk self-service terminal zizhu zz zhongduan zd"
            ),
            Item(_("Staff"), "user", "console:team", "staff.manage", "staff roles invite yuangong yg juese"),
            Item(_("Import"), "file-up", "console:imports", "customers.import", "import daoru dr csv xlsx"),
            Item(
                _("Consent texts"),
                "shield-check",
                "console:consent_texts",
                "consent.manage",
                "consent privacy tongyi ty yinsi ys",
            ),
            Item(
                _("Data retention"),
                "clock",
                "console:retention",
                "audit.view",
                "retention privacy personal data baocun bc yinsi ys geren gr shanchu sc",
            ),
            Item(_("Fields of customers"), "list", "console:fields", "fields.manage", "custom fields zidingyi zdy ziduan zd"),
            Item(_("Modules"), "layout-grid", "console:modules", "fields.manage", "custom modules zidingyi zdy mokuai mk"),
            Item(_("API keys"), "key-round", "console:keys", "keys.manage", "api keys programs miyao my jiekou"),
            Item(
                _("Webhooks"),
                "external-link",
                "console:webhooks",
                "webhooks.manage",
                "webhooks programs jiekou huidiao hd tongzhi",
            ),
            Item(_("The demo's year"), "calendar", "console:year", "demo.view", "demo yanshi ys year"),
        ),
    ),
    (
        "",
        (
            Item(_("Top up"), "plus", "console:agency", "partners.top_up", "top up partner chongzhi cz daili"),
            Item(_("Account"), "file-text", "console:agency_account", "partners.top_up", "statements duizhang dz jiesuan"),
        ),
    ),
)


ACTS: tuple[Item, ...] = (
    Item(_("New customer"), "user-plus", "console:customer_add", "customers.edit", "new customer add xinzeng xz kehu kh"),
    Item(
        _("New ticket"),
        "message-square",
        "console:ticket_find",
        "desk.work",
        "new ticket complaint xinjian gongdan gd tousu ts",
    ),
    Item(_("New product"), "plus", "console:product_add", "catalogue.manage", "new product add xinzeng xz shangpin sp"),
    Item(_("New offer"), "percent", "console:offer_add", "offers.manage", "new offer add xinzeng huodong hd"),
    Item(_("Invite somebody"), "user-plus", "console:team_invite", "staff.manage", "invite staff new yaoqing yq yuangong yg"),
    Item(_("Add a store"), "store", "console:store_add", "stores.manage", "new store add xinzeng mendian md"),
    Item(
        _("Bring a bank statement"), "file-up", "console:statement_add", "bank.settle", "bank statement upload duizhangdan dzd"
    ),
    Item(
        _("Choose store and till"),
        "store",
        "console:workplace",
        "",
        "workplace till store settings gongzuo gz mendian shouyintai",
    ),
    Item(_("Your files"), "download", "console:lists_taken", "lists.export", "files exports downloads wenjian wj daochu dc"),
    Item(
        _("Reminders of orders"), "mail", "console:order_follow_up", "messages.manage", "settings reminders tixing tx shezhi sz"
    ),
)
"""What can be done from any page, and settings that stand in no menu: found by Ctrl-K. Without a permission: for everybody."""


@dataclass(frozen=True, slots=True)
class Group:
    """Places of one kind of work; a label may be empty."""

    label: str | Promise
    places: list[Place]

    @property
    def is_current(self) -> bool:
        return any(place.is_current for place in self.places)


def places(request: HttpRequest) -> Iterator[Place]:
    """The items this person may use; an item whose page is not installed has no address and is left out."""
    actor = getattr(request, "actor", None)
    usable = [
        (group, item, href)
        for group, items in GROUPS
        for item in items
        if actor is not None and actor.may(item.permission) and (href := _address(item))
    ]
    # One page may lie below another: the nearest is where we are.
    here = max((href for _group, _item, href in usable if request.path.startswith(href)), key=len, default="")
    for group, item, href in usable:
        yield Place(item=item, group=group, href=href, is_current=href == here)


def acts(request: HttpRequest) -> Iterator[Place]:
    """What this person may do."""
    actor = getattr(request, "actor", None)
    for item in ACTS:
        if actor is not None and (not item.permission or actor.may(item.permission)) and (href := _address(item)):
            yield Place(item=item, group="", href=href, is_current=False)


def grouped(found: Iterable[Place]) -> list[Group]:
    return [Group(label, list(places)) for label, places in groupby(found, key=lambda place: place.group)]


def _address(item: Item) -> str:
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return ""
