ZH: dict[str, str | tuple[str, ...]] = {
    "There is no such customer.": "没有这位客户。",
    "A name needs 1 to 80 characters, without control characters.": "姓名须为 1 至 80 个字符，不能含控制字符。",
    "This is not a phone number that can be called.": "这不是有效的电话号码。",
    "Another customer has this phone number.": "此手机号已被其他客户使用。",
    "This is not an e-mail address.": "这不是有效的邮箱地址。",
    "This is not a resident identity number: 18 characters, a real date and the right check digit.": (
        "这不是有效的居民身份证号：须为 18 位，日期真实，校验码正确。"
    ),
    "A birthday reads like 1990-05-31.": "生日请写作 1990-05-31 这样的格式。",
    "The birthday is in the future.": "生日晚于今天。",
    "The birthday is more than 130 years ago.": "生日早于 130 年前。",
    "A customer has at most 30 tags of 1 to 30 characters.": "每位客户最多 30 个标签，每个 1 至 30 个字符。",
    "Notes have at most %(most)s characters.": "备注最多 %(most)s 个字符。",
    "An outside number has 1 to 64 characters, without control characters.": "外部编号须为 1 至 64 个字符，不能含控制字符。",
    "Another customer has this outside number.": "此外部编号已被其他客户使用。",
    "Somebody else changed this customer while you were editing. Look again, then change.": (
        "您编辑期间，他人已修改此客户。请重新查看后再修改。"
    ),
    "Checked": "已检查",
    "Applied": "已导入",
    "Reversed": "已撤回",
    "The file is too large: at most %(megabytes)s MB, %(rows)s rows and %(columns)s columns.": (
        "文件过大：最多 %(megabytes)s MB、%(rows)s 行、%(columns)s 列。"
    ),
    "The text is neither UTF-8 nor GB18030. Save the file as CSV UTF-8 and try again.": (
        "文字编码既不是 UTF-8 也不是 GB18030。请另存为 CSV UTF-8 后重试。"
    ),
    "The file is not a table that can be read. Save it as CSV or XLSX and try again.": (
        "无法读取此文件中的表格。请另存为 CSV 或 XLSX 后重试。"
    ),
    "The file has no rows under its headings.": "文件的标题行下没有数据。",
    "The columns “%(first)s” and “%(second)s” both mean the same field. Choose one.": (
        "“%(first)s”与“%(second)s”两列对应同一字段，请选择其一。"
    ),
    "The column “%(column)s” cannot be used for “%(field)s”.": "“%(column)s”列不能用于“%(field)s”。",
    "No column of a name and of a phone, card or outside number was recognised. Choose them.": (
        "未能识别姓名列，以及手机号、卡号或外部编号列。请手动选择。"
    ),
    "“%(given)s” is not a date. Write it like 2026-05-31.": "“%(given)s”不是日期。请写作 2026-05-31 这样的格式。",
    "The date on which value was added is in the future.": "充值日期晚于今天。",
    "The bonus has expired already.": "赠送金已过期。",
    "A card number has 4 to 40 letters, digits or hyphens.": "卡号须为 4 至 40 个字母、数字或连字符。",
    "Line %(line)s has the same phone, outside number or card.": "第 %(line)s 行有相同的手机号、外部编号或卡号。",
    "The row has no phone, outside number or card to know the customer by.": "此行没有手机号、外部编号或卡号，无法识别客户。",
    "Phone, outside number and card of this row belong to different customers.": "此行的手机号、外部编号与卡号属于不同客户。",
    "The row has more cells than there are headings.": "此行的单元格多于标题。",
    "Line": "行号",
    "Reasons": "原因",
    "This file has been taken in before. Reverse that import first.": "此文件已导入过。请先撤回那次导入。",
    "Only an import that was taken in can be reversed, and only once.": "只有已导入的批次可以撤回，且只能撤回一次。",
    "This import is not waiting to be taken in.": "此批次不在待导入状态。",
    "Customers have changed since the file was checked. Check it again.": "检查文件之后客户资料有变动。请重新检查。",
}
