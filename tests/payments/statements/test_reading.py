"""Each form of statement a bank exports gives the same lines; what does not add up, or is not one, is refused."""

from datetime import date

import pytest

from chuzhi.core.errors import Refused
from chuzhi.payments.statements import lines, reading
from chuzhi.payments.statements.lines import StatementLine

ACCOUNT = "6222020200112233445"

DEBIT_AND_CREDIT = """\
中国工商银行 账户明细
账号：6222 0202 0011 2233 445,户名：南京茶坊有限公司,币种：人民币
起始日期：2026-03-01 截止日期：2026-03-02

交易日期,借方发生额（支出）,贷方发生额（收入）,余额,对方户名,对方账号,摘要,附言,交易流水号
2026-03-01,,"1,000.00","11,000.00",王小明,6217000011112222,转账,7K3-M9P 充值,S0001
2026-03-01,200.00,,"10,800.00",自来水公司,320001,缴费,水费,S0002
2026-03-02,,0.50,"10,800.50",,,结息,,S0003
合计,200.00,"1,000.50",,,,,,
"""

SIGNED_NEWEST_FIRST = """\
Account number;6222020200112233445;;;
Date;Amount;Balance;Counterparty;Reference
02.03.2026;0,50;10.800,50;;Interest
01.03.2026;-200,00;10.800,00;Water;Bill
01.03.2026;1.000,00;11.000,00;Wang Xiaoming;7K3-M9P
"""

WITH_A_WORD = """\
交易时间\t交易金额\t收/支\t对方户名\t对方账号\t用途\t交易流水号
20260301 093015\t1000.00\t收入\t王小明\t="6217000011112222"\t7K3-M9P 充值\t'001
2026年3月1日\t200.00\t支出\t自来水公司\t\t水费\t'002
2026/3/2 00:00:01\t0.5\t收入\t\t\t结息\t'003
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt>
<Acct><Id><Othr><Id>6222020200112233445</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10800.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="CNY">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-01</Dt></BookgDt>
<AcctSvcrRef>S0001</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr><Pty><Nm>王小明</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>6217000011112222</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>7K3-M9P</Ustrd><Ustrd>充值</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">200.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-01</Dt></BookgDt>
<AcctSvcrRef>S0002</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Cdtr><Pty><Nm>自来水公司</Nm></Pty></Cdtr></RltdPties></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">9.99</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="CNY">0.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-03-02T00:00:01+08:00</DtTm></BookgDt><AddtlNtryInf>结息</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>"""

MT940 = """\
{1:F01ICBKCNBJAXXX0000000000}{2:I940ICBKCNBJXXXXN}{4:
:20:260302
:25:6222020200112233445
:28C:00061/001
:60F:C260301CNY10000,00
:61:2603010301C1000,00NTRFNONREF//S0001
:86:166?00TRANSFER?20EREF+NOTPROVIDED?21SVWZ+7K3-M9P TOP UP?306217?3111112222?32WANG XIAOMING
:61:2603010301D200,NTRFNONREF//S0002
:86:/NAME/WATER COMPANY/REMI/BILL
:61:2603020302C0,5NINTNONREF//S0003
:86:INTEREST
:62F:C260302CNY10800,50
-}"""


def gb(text: str) -> bytes:
    return text.encode("gb18030")


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (DEBIT_AND_CREDIT.encode(), "table"),
        (gb(DEBIT_AND_CREDIT), "table"),
        (SIGNED_NEWEST_FIRST.encode(), "table"),
        (gb(WITH_A_WORD), "table"),
        (CAMT.encode(), "camt.053"),
        (CAMT.replace("001.08", "001.02").replace("<Pty>", "").replace("</Pty>", "").encode(), "camt.053"),
        (MT940.encode(), "mt940"),
    ],
    ids=["debit and credit", "GB18030", "signed, newest first", "a word for the way", "camt v8", "camt v2", "MT940"],
)
def test_every_form_gives_the_same_lines(content: bytes, form: str) -> None:
    [statement] = reading.read(content, account=ACCOUNT)

    assert reading.form_of(content) == form
    assert (statement.account, statement.currency) == (ACCOUNT, "CNY")
    assert [(line.on, line.amount) for line in statement.lines] == [
        (date(2026, 3, 1), 1000_00),
        (date(2026, 3, 1), -200_00),
        (date(2026, 3, 2), 50),
    ]
    assert "7K3-M9P" in statement.lines[0].text
    assert lines.folded(statement.lines[0].payer) in {"王小明", "wangxiaoming"}


@pytest.mark.parametrize("content", [DEBIT_AND_CREDIT.encode(), CAMT.encode(), MT940.encode()], ids=["table", "camt", "MT940"])
def test_balances_come_along_and_the_payers_account_is_masked(content: bytes) -> None:
    [statement] = reading.read(content)

    assert (statement.opening, statement.closing) == (10000_00, 10800_50)
    assert statement.lines[0].payer_account == "…2222"
    assert statement.lines[0].reference == "S0001"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (DEBIT_AND_CREDIT.replace('"10,800.00"', '"10,900.00"').replace('"10,800.50"', '"10,900.50"'), "statement.does_not_add_up"),
        (CAMT.replace("10800.50", "10800.51"), "statement.does_not_add_up"),
        (MT940.replace("CNY10800,50", "CNY10800,49"), "statement.does_not_add_up"),
        (CAMT.replace("<Document", '<!DOCTYPE x [<!ENTITY a "b">]><Document'), "statement.unreadable"),
        (CAMT.replace("</Stmt>", ""), "statement.unreadable"),
        (CAMT.replace("1000.00<", "1000.001<"), "statement.unreadable"),
        (CAMT.replace("1000.00<", "-1000.00<"), "statement.unreadable"),
        (MT940.replace("C1000,00N", "X1000,00N"), "statement.unreadable"),
        ("Name,Phone\nWang,1\n", "statement.no_columns"),
        ("Date,Amount\n2026-03-01,1.00\n", "statement.account_unknown"),
        ("Account: 123456\nDate,Amount\n2026-03-01,1e3\n", "statement.cell_unreadable"),
        ("Account: 123456\nDate,Amount\n2026-03-01,1.005\n", "statement.cell_unreadable"),
        ("Account: 123456\nDate,Amount\n2026-02-30,1.00\n", "statement.cell_unreadable"),
        ("Account: 123456\nDate,Amount\n03/04/2026,1.00\n", "statement.date_ambiguous"),
        ("Account: 123456\nDate,Amount,收支\n2026-03-01,1.00,不计\n", "statement.cell_unreadable"),
        ("Account: 123456\nDate,Credit,Debit\n2026-03-01,1.00,1.00\n", "statement.cell_unreadable"),
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_refused(content: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        reading.read(content.encode())

    assert refused.value.code == code


def test_dates_with_the_year_last_are_read_as_the_whole_column_tells() -> None:
    content = b"Account: 123456\nDate,Amount\n03/04/2026,1.00\n03/25/2026,2.00\n"

    [statement] = reading.read(content, currency="USD")

    assert [line.on for line in statement.lines] == [date(2026, 3, 4), date(2026, 3, 25)]


def test_the_account_chosen_is_taken_where_the_table_names_none() -> None:
    [statement] = reading.read(b"Date,Amount\n2026-03-01,1200\n", account="123 456", currency="JPY")

    assert (statement.account, statement.lines[0].amount) == ("123456", 1200)


def test_a_collective_entry_is_told_by_its_parts() -> None:
    one = CAMT[CAMT.index("<TxDtls>") : CAMT.index("</TxDtls>") + 9]
    parts = "".join(one.replace("</Refs>", f'</Refs><Amt Ccy="CNY">{size}</Amt>') for size in ("600.00", "400.00"))

    [statement] = reading.read(CAMT.replace(one, parts).encode())

    assert [line.amount for line in statement.lines] == [600_00, 400_00, -200_00, 50]


def test_several_statements_in_one_file_are_read_one_by_one() -> None:
    second = MT940.replace("6222020200112233445", "6222020200998877665").replace("260301", "260303").replace("0301C", "0303C")

    statements = reading.read(f"{MT940}\n{second}".encode())

    assert [each.account[-3:] for each in statements] == ["445", "665"]
    assert [len(each.lines) for each in statements] == [3, 3]


def line(**more: object) -> StatementLine:
    values: dict[str, object] = {"account": ACCOUNT, "on": date(2026, 3, 1), "amount": 100_00, "currency": "CNY"} | more
    return lines.line(**values)  # type: ignore[arg-type]  # any line a test asks for


def test_a_line_has_one_name_in_every_file() -> None:
    same = [line(payer="王 小明", reference="S1", text="hello"), line(payer="王小明", reference="S1", text="Hello / top-up")]

    assert len({print_ for one in same for print_ in lines.fingerprints([one])}) == 1


def test_equal_lines_without_a_reference_are_two_and_stay_two() -> None:
    day = [line(text="cash"), line(text="cash"), line(text="other")]

    first, again = lines.fingerprints(day), lines.fingerprints(day[:2])

    assert len(set(first)) == 3
    assert again == first[:2]


DOUBLED = "Account: 123456\nDate,Amount,Balance,Bank reference\n2026-03-01,1.00,{},R1\n2026-03-01,1.00,{},R1\n"


@pytest.mark.parametrize(("balances", "count"), [(("11.00", "11.00"), 1), (("11.00", "12.00"), 2), (("", ""), 1)])
def test_a_line_twice_under_one_reference_is_one_unless_the_balances_say_two(balances: tuple[str, str], count: int) -> None:
    [statement] = reading.read(DOUBLED.format(*balances).encode())

    assert len(statement.lines) == count
