"""A file of a bank, whatever it is, as statements that add up."""

from chuzhi.payments.statements import camt, swift, tables
from chuzhi.payments.statements.errors import AccountUnknown, NotAStatement
from chuzhi.payments.statements.lines import Statement, added_up, plain_account

CAMT, MT940, TABLE = "camt.053", "mt940", "table"


def form_of(content: bytes) -> str:
    if camt.is_one(content):
        return CAMT
    return MT940 if swift.is_one(content) else TABLE


def read(content: bytes, *, account: str = "", currency: str = "CNY") -> list[Statement]:
    """Every statement of the file. A table may name neither account nor currency: then those given are meant.

    Refuses what is no statement, cells that cannot be read, and lines that do not add up with the balances.
    """
    account = plain_account(account)
    match form_of(content):
        case "camt.053":
            found = camt.read(content)
        case "mt940":
            found = swift.read(content)
        case _:
            found = tables.read(content, account=account, currency=currency)
    if not found or not all(each.currency for each in found):
        raise NotAStatement
    if not all(each.account for each in found):
        raise AccountUnknown
    return [added_up(each) for each in found]
