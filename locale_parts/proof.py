"""Words of the ledger's proof side."""

ZH = {
    "Verify the ledger, export its signed heads, close a period.": "核验账本，导出签名链头，关闭账期。",
    "check every invariant from rows alone; exit code 1 if one does not hold": (
        "仅凭数据行核验全部不变式；有一条不成立时退出码为 1"
    ),
    "compare with this file of exported heads": "与此前导出的链头文件比对",
    "decide the whole journal again through the engine": "用引擎把全部流水重新裁定一遍",
    "answer for machines": "输出机器可读的结果",
    "connections that share the work": "分担核验的数据库连接数",
    "append where each book stands, signed, to today's file": "把各账簿的链头签名后追加到当日文件",
    "let nothing be written before a moment any more": "某一时刻之前不再允许记账",
    "a day or a moment, in the shop's time: 2026-02-01 or 2026-02-01T00:00": (
        "门店时区的日期或时刻，如 2026-02-01 或 2026-02-01T00:00"
    ),
    "There is no file %(path)s.": "文件 %(path)s 不存在。",
    "%(books)s books, %(operations)s operations, %(legs)s postings in %(seconds)s s (%(rate)s postings/s).": (
        "%(books)s 个账簿、%(operations)s 笔业务、%(legs)s 条分录，用时 %(seconds)s 秒（每秒 %(rate)s 条）。"
    ),
    "Nothing is lost: every invariant holds.": "一分不少：全部不变式成立。",
    "%(count)s thing is wrong.": ("发现 %(count)s 处错误。",),
    "%(count)s line added to %(path)s.": ("已向 %(path)s 追加 %(count)s 行。",),
    "Public key for auditors (Ed25519, base64): %(key)s": "供审计核对的公钥（Ed25519，base64）：%(key)s",
    "“%(given)s” is not a day or a moment.": "“%(given)s”不是日期或时刻。",
    "Closed until %(until)s.": "已关账至 %(until)s。",
    "A period can be closed only when it is over.": "账期结束后才能关账。",
    "The books are closed until %(until)s already.": "账簿已关账至 %(until)s。",
    "Value cannot be moved to the wallet that it is in.": "不能转入原钱包。",
}
