"""Tables as other products export them, written by us for people who do not exist: their columns follow the public layouts."""

import csv
import io
from collections.abc import Mapping, Sequence

TABLES: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]]]] = {
    "youzan": (
        [
            "客户姓名",
            "客户昵称",
            "手机号",
            "生日",
            "客户身份",
            "储值卡号",
            "储值余额",
            "储值本金余额(元)",
            "储值赠送金余额(元)",
            "储值时间",
            "赠送金到期时间",
            "成为客户时间",
            "标签",
            "备注",
        ],
        [
            [
                "钱一",
                "一一",
                "13911110001",
                "1990-05-31",
                "会员",
                "YZ0001",
                "¥1,314.50",
                "¥1,234.50",
                "80.00",
                "2026-01-05 12:30:11",
                "2027-01-05 23:59:59",
                "2025-01-01 08:00:00",
                "常客,老客",
                "-",
            ],
            [
                "小二",
                "",
                "139 1111 0002",
                "-",
                "客户",
                "",
                "100.00",
                "100.00",
                "-",
                "2026/2/1",
                "--",
                "2025-02-01 08:00:00",
                "",
                "",
            ],
        ],
    ),
    "pospal": (
        [
            "会员编号",
            "会员姓名",
            "会员等级",
            "会员折扣",
            "余额(分)",
            "积分",
            "联系电话",
            "生日",
            "开卡日期",
            "到期日期",
            "会员状态",
            "备注",
        ],
        [
            [
                "'000123",
                "钱一",
                "金卡",
                "90",
                "123450",
                "12",
                "13911110001",
                "1990年5月31日",
                "2024-03-01 10:22:31",
                "2027-12-31",
                "启用",
                "",
            ],
            ["000124", "钱二", "普通", "100", "10000", "0", "13911110002", "", "2024/3/2", "长期有效", "启用", ""],
        ],
    ),
    "square": (
        [
            "Reference ID",
            "First Name",
            "Last Name",
            "Email Address",
            "Phone Number",
            "Nickname",
            "Company Name",
            "Birthday",
            "Memo",
            "Square Customer ID",
            "Creation Source",
            "Transaction Count",
            "Lifetime Spend",
        ],
        [
            [
                "R1",
                "Ada",
                "Ng",
                "ada@example.com",
                "+1 (415) 555-2671",
                "",
                "",
                "05/31/1990",
                "tea",
                "K3F9ZC1AB2",
                "Directory",
                "3",
                "$12.00",
            ],
            ["", "", "", "", "+1 415-555-2672", "Bo", "", "", "", "K3F9ZC1AB3", "Instant Profile", "0", "$0.00"],
        ],
    ),
    "square_cards": (
        ["Gift Card Number", "Status", "Current Balance", "Currency", "Date Activated", "Customer Name", "Customer ID"],
        [
            ["7783 3200 0000 0001", "Active", "$1,234.50", "USD", "01/05/2026", "Ada Ng", "K3F9ZC1AB2"],
            ["7783 3200 0000 0002", "Active", "US$100.00", "USD", "02/13/2026", "Bo", "K3F9ZC1AB3"],
        ],
    ),
    "odoo": (
        ["External ID", "Display Name", "Company Type", "Phone", "Mobile", "Email", "Tags", "Notes"],
        [
            [
                "__export__.res_partner_7",
                "Ada Ng",
                "Individual",
                "+1 415-555-2671",
                "+1 415-555-2673",
                "ada@example.com",
                "Regular",
                "",
            ],
            ["__export__.res_partner_8", "Bo", "Individual", "", "+1 415-555-2672", "", "", ""],
        ],
    ),
    "odoo_cards": (
        ["Code", "Program", "Partner/External ID", "Partner/Name", "Partner/Phone", "Points", "Expiration Date", "Created on"],
        [
            [
                "044a-1f2e",
                "eWallet",
                "res_partner_7",
                "Ada Ng",
                "+1 415-555-2671",
                "1234.50",
                "2027-12-31",
                "2026-01-05 09:12:44",
            ],
            ["044b-1f2e", "eWallet", "res_partner_8", "Bo", "+1 415-555-2672", "100.00", "", "2026-02-13 09:12:44"],
        ],
    ),
}


def sheet(kit: str) -> str:
    headings, rows = TABLES[kit]
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue()
