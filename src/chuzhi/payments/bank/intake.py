"""A statement is kept first, each movement once; then its lines are matched, each by itself."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise

from django.db import transaction

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.bank import matching
from chuzhi.payments.bank.errors import NotABankAccount, OfEveryStore, OtherAccount, StatementEmpty
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.gateways.bank.gateway import BankGateway
from chuzhi.payments.models import Account
from chuzhi.payments.statements import lines, reading
from chuzhi.payments.statements.errors import DoesNotAddUp
from chuzhi.payments.statements.lines import Statement

TAKE_IN = "bank.settle"
GATEWAY = "bank"
PATIENCE_SECONDS = 15.0
"""Whoever brings a statement sees what became of most lines; the rest of a very long one is matched by the clock."""
MOST_BYTES = 20 * 1024 * 1024


def take_in(*, account: Account, content: bytes, file_name: str, by: Actor) -> tuple[StatementFile, bool]:
    """Keep what the file says of this account and match it. The same file again answers what it was then, and False.

    Raises what reading raises, and OtherAccount for a statement that is not of this account.
    """
    require(by, TAKE_IN)
    if by.stores is not None:
        raise OfEveryStore
    if account.gateway != GATEWAY:
        raise NotABankAccount
    statement = _read(account, content)
    kept, is_new = _keep(account, statement, content, file_name, by)
    matching.match_waiting(account=account, by=by, within_seconds=PATIENCE_SECONDS)
    return kept, is_new


def _read(account: Account, content: bytes) -> Statement:
    gateway = gateway_of(account)
    number = gateway.merchant if isinstance(gateway, BankGateway) else ""
    found = reading.read(content, account=number, currency=account.currency)
    ours = [each for each in found if each.account == number]
    if not ours:
        raise OtherAccount(accounts=", ".join(sorted({lines.masked(each.account) for each in found})))
    if not any(each.lines for each in ours):
        raise StatementEmpty
    return _joined(ours)


def _joined(statements: Sequence[Statement]) -> Statement:
    """Several statements of one account as one: each begins with what the one before ended with."""
    for one, other in pairwise(statements):
        if None not in (one.closing, other.opening) and one.closing != other.opening:
            off = money.plain((other.opening or 0) - (one.closing or 0), other.currency)
            raise DoesNotAddUp(difference=off, currency=other.currency)
    return Statement(
        account=statements[0].account,
        currency=statements[0].currency,
        lines=tuple(line for each in statements for line in each.lines),
        opening=statements[0].opening,
        closing=statements[-1].closing,
    )


@transaction.atomic(durable=True)
def _keep(account: Account, statement: Statement, content: bytes, file_name: str, by: Actor) -> tuple[StatementFile, bool]:
    """One file of an account at a time, so that no two of them bring the same line."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    sha256 = hashlib.sha256(content).hexdigest()
    if before := StatementFile.objects.filter(account=account, sha256=sha256).first():
        return before, False
    names = lines.fingerprints(statement.lines)
    known = BankLine.objects.filter(account=account, fingerprint__in=names)
    here = {bytes(each) for each in known.values_list("fingerprint", flat=True)}
    days = [line.on for line in statement.lines]
    kept = StatementFile.objects.create(
        account=account, sha256=sha256, file_name=file_name[-200:], form=reading.form_of(content), first_on=min(days),
        last_on=max(days), opening=statement.opening, closing=statement.closing, lines_read=len(names),
        lines_known=len(here), made_by=by.label,
    )  # fmt: skip
    BankLine.objects.bulk_create(
        BankLine(
            account=account, statement=kept, fingerprint=name, on=line.on, amount=line.amount, currency=line.currency,
            payer=line.payer, payer_account=line.payer_account, text=line.text, reference=line.reference,
        )
        for name, line in zip(names, statement.lines, strict=True)
        if name not in here
    )  # fmt: skip
    audit.record(
        "statement.taken_in", f"statement:{kept.pk}", by=by, account=account.code, new=kept.lines_new, known=kept.lines_known
    )
    return kept, True
