"""Chinese for the API's refusals; merged into locale/ by the integrator."""

ZH = {
    "There is no such programme.": "没有这个方案。",
    "No card in use has this number.": "没有使用中的卡是这个卡号。",
    "This cursor is not one that this list handed out.": "这个游标不是此列表给出的。",
    "This must be a time as in 2026-03-01T09:30:00+08:00, with its offset.": "须为带时区偏移的时间，例如 2026-03-01T09:30:00+08:00。",
    "This does not have the right form.": "格式不正确。",
    "This text is not valid Unicode.": "文本不是有效的 Unicode。",
}
