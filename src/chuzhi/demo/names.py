"""Made-up names for made-up people and places. Phones are handed out in order within one block, so that no two are alike."""

import random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = (
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超 霞 平 刚 桂英 建华 文 玉兰 "
    "志强 秀英 建国 小红 晓明 海燕 子涵 雨桐 浩然 欣怡 梓轩 思远 佳琪 天佑 诗涵 俊杰 雅婷 "
    "嘉豪 若曦 一诺 宇航 梦洁 晨曦 博文 可欣 振宇 淑珍 "
).split()
DISTRICTS = (
    "鼓楼 玄武 秦淮 建邺 雨花 栖霞 江宁 浦口 六合 溧水 高淳 姑苏 虎丘 吴中 相城 吴江 "
    "工业园 梁溪 滨湖 惠山 锡山 新吴 钟楼 天宁 武进 "
).split()
ROADS = (
    "中山路 解放路 人民路 建设路 和平路 新华路 长江路 太平路 汉中路 珠江路 北京路 上海路 "
    "广州路 湖南路 学府路 文昌路 迎宾路 园林路 莲花路 金桥路 "
).split()

DEPARTMENTS = {
    "GROCERY": "食品杂货", "DRUG GM": "日用百货", "PRODUCE": "蔬果", "COSMETICS": "美妆", "NUTRITION": "营养健康",
    "MEAT": "鲜肉", "MEAT-PCKGD": "包装肉品", "DELI": "熟食", "PASTRY": "烘焙", "FLORAL": "鲜花", "MISCELLANEOUS": "其他",
    "SEAFOOD-PCKGD": "包装水产", "SEAFOOD": "水产", "SPIRITS": "酒水", "GARDEN CENTER": "园艺", "RESTAURANT": "餐饮",
    "SALAD BAR": "沙拉吧", "COUPON": "券类", "TRAVEL & LEISURE": "旅行休闲", "FROZEN GROCERY": "冷冻食品", "FUEL": "加油",
    "CHEF SHOPPE": "厨坊", "PHOTO & VIDEO": "影音", "TOYS": "玩具", "AUTOMOTIVE": "汽车用品", "HOUSEWARES": "家居",
}  # fmt: skip


def person(number: int) -> str:
    draw = random.Random(f"person/{number}")  # noqa: S311  # a story, not a secret
    return draw.choice(SURNAMES) + draw.choice(GIVEN)


def phone(number: int) -> str:
    return f"+86199{number:08d}"


def store(place: int) -> str:
    """The name of the store at this place in the list; no two of the first 500 places share one."""
    district, road = DISTRICTS[place % len(DISTRICTS)], ROADS[place // len(DISTRICTS) % len(ROADS)]
    return f"拾光超市·{district}{road}店"


def department(code: str) -> str:
    return DEPARTMENTS.get(code, "其他")
