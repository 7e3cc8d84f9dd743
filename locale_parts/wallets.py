ZH: dict[str, str | tuple[str, ...]] = {
    "Money": "金额",
    "Points": "积分",
    "Visits": "次数",
    "Principal first": "先扣本金",
    "Bonus first": "先扣赠送金",
    "In proportion": "按比例",
    "Soonest expiry first": "先到期先扣",
    "Last consumed first": "后扣先退",
    "Named": "记名",
    "Bearer": "不记名",
    "Active": "有效",
    "Lost": "已挂失",
    "Dead": "已作废",
    "This wallet cannot be used in this store.": "此储值账户不能在本店使用。",
    "The programme “%(programme)s” takes no new value any more.": "储值方案“%(programme)s”已停止充值。",
    "Another programme has the code “%(given)s”.": "已有储值方案使用编码“%(given)s”。",
    "These terms cannot be: %(field)s.": "条款设置有误：%(field)s。",
    "There is no such open store, or no such till in it.": "没有这家营业中的门店，或该店没有这个收银台。",
    "You do not work in this store.": "您不在这家门店工作。",
    "The offer has changed: for this amount the bonus is now %(bonus)s.": "充值活动已变更：此金额现在的赠送金为 %(bonus)s。",
    "This payment method cannot be taken at the counter.": "收银台不能使用此支付方式。",
    "Give a reason.": "请填写原因。",
    "The text is longer than %(most)s characters.": "文字超过 %(most)s 个字符。",
    "A request that moves money must come with its own key of at most 200 characters.": (
        "变动资金的请求必须带有不超过 200 个字符的幂等号。"
    ),
    "A hold may last from one second to %(days)s days.": "预授权的有效期为 1 秒至 %(days)s 天。",
    "A wallet cannot send to itself.": "不能转账给同一个储值账户。",
    "The two wallets hold different things.": "两个储值账户的资产种类不同。",
    "A correction above %(limit)s needs a second person who may make corrections.": (
        "超过 %(limit)s 的调账须由另一位有权调账的人复核。"
    ),
    "One request may hold at most %(most)s charges.": "一次请求最多包含 %(most)s 笔扣款。",
    "This card is lost or has ended.": "此卡已挂失或作废。",
    "There is no such wallet.": "没有这个储值账户。",
    "There is no such operation.": "没有这笔流水。",
    "The file is in %(currency)s; the programme “%(programme)s” is not.": (
        "文件的币种是 %(currency)s，与储值方案“%(programme)s”不同。"
    ),
    "The lines come to %(lines)s, the sale to %(amount)s.": "明细合计 %(lines)s，销售金额 %(amount)s，两者不符。",
    "Line %(line)s needs a name of at most 120 characters, and a short code and quantity.": (
        "第 %(line)s 行须有不超过 120 个字符的名称，编码和数量也不能过长。"
    ),
    "A sale may have at most %(most)s lines.": "一笔销售最多 %(most)s 行明细。",
    "There is no such receipt.": "没有这张小票。",
}
