"""Who hears of a top-up: the customer gets a receipt, colleagues who asked for it a notice, programs a call. It follows the
journal, so that it can neither undo nor slow a sale, and nothing is told of what did not happen.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors
from chuzhi.ledger import assets, followers
from chuzhi.ledger.chart import Kind as Did
from chuzhi.ledger.followers import Entry
from chuzhi.messaging import facts, outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.payments import methods
from chuzhi.till import notices, receipts
from chuzhi.till.receipts import Receipt
from chuzhi.wallets.models import Wallet
from chuzhi.webhooks import calls

RECEIPT = Kind(
    "top_up.receipt",
    _("Receipt of a top-up"),
    _("{amount} topped up"),
    _(
        "Dear {name},\n\nyour top-up has arrived.\n\nPaid: {amount}\nBonus: {bonus}\nAvailable now: {balance}\nWhen: {at}\n"
        "Where: {store}\nNumber: {number}\nVerification code: {code}\n\n{shop}"
    ),
    ("amount", "bonus", "balance", "at", "store", "number", "code"),
)
NOTICE = Kind(
    "top_up.notice",
    _("Notice of a top-up, for colleagues"),
    _("Top-up of {amount} in {store}"),
    _("{customer} topped up {amount} ({method}) in {store}, {at}.\nEntry: {number}\nAvailable now: {balance}"),
    ("customer", "amount", "method", "store", "at", "number", "balance"),
)
CREDITED = "top_up.credited"
"""What a program is told of it."""
FOLLOWER = "announcing"
TOLD_WITHIN = timedelta(hours=24)
"""What is older is history (an import, a demo's year, the day this was switched on), and nobody is told of it."""
BY = actors.system(FOLLOWER)


def follow() -> int:
    """For the clock: tell of what is new in the journal. Answers how many entries were read."""
    return followers.follow(FOLLOWER, _tell)


def _tell(entries: Sequence[Entry]) -> None:
    sold = [entry for entry in entries if _is_sold(entry)]
    wallets = Wallet.objects.select_related("customer").in_bulk([entry.outcome.wallet for entry in sold])
    rules = notices.in_force() if sold else []
    for entry in sold:
        wallet = wallets.get(entry.outcome.wallet)
        if wallet is not None and not (wallet.customer and wallet.customer.is_made_up):
            _announce(entry, wallet, notices.matching(rules, entry))


def _is_sold(entry: Entry) -> bool:
    """Done, lately, in money, and paid for by somebody: a balance that was brought from elsewhere names no method."""
    done = entry.outcome
    if done.kind is not Did.TOP_UP or done.refusal is not None:
        return False
    if min(done.time, entry.effective_at) < timezone.now() - TOLD_WITHIN:
        return False
    return bool(json.loads(entry.details or "{}").get("method")) and bool(assets.currency(done.asset))


def _announce(entry: Entry, wallet: Wallet, rules: Sequence[notices.Rule]) -> None:
    receipt = receipts.of(operation=f"{entry.outcome.book}-{entry.outcome.seq}", actor=BY)
    subject = f"operation:{receipt.number}"
    said = {
        "amount": facts.money(receipt.amount, receipt.currency),
        "balance": facts.money(receipt.balance.available, receipt.currency),
        "at": facts.moment(receipt.at),
        "store": receipt.store or "–",
        "number": receipt.number,
    }
    if wallet.customer:
        proof = {"bonus": facts.money(receipt.bonus, receipt.currency), "code": receipt.code}
        outbox.tell(kind=RECEIPT, facts=said | proof, subject=subject, by=BY, customer=wallet.customer)
    for endpoint in notices.listeners(rules):
        calls.emit(endpoint=endpoint, kind=CREDITED, subject=subject, facts=_as_told_to_programs(receipt, wallet, entry))
    if rules:
        more = {"customer": _who(wallet), "method": facts.word(methods.LABELS.get(receipt.method, ""))}
        for colleague in notices.readers(rules, entry.store):
            outbox.tell(kind=NOTICE, facts=said | more, subject=subject, by=BY, staff=colleague)


def _as_told_to_programs(receipt: Receipt, wallet: Wallet, entry: Entry) -> dict[str, Any]:
    """As the API names things: ids as texts, amounts in minor units. Nobody's name or phone leaves us this way."""
    return {
        "operation": receipt.number,
        "wallet": str(wallet.pk),
        "customer": str(wallet.customer_id) if wallet.customer_id else None,
        "amount": receipt.amount,
        "bonus": receipt.bonus,
        "available": receipt.balance.available,
        "currency": receipt.currency,
        "method": receipt.method,
        "store": str(entry.store) if entry.store else None,
        "reference": receipt.reference,
        "at": receipt.at.isoformat(),
    }


def _who(wallet: Wallet) -> str:
    return wallet.customer.name if wallet.customer else f"#{wallet.pk}"
