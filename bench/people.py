"""Made-up people for the benchmarks: names as common as they are in China, phone numbers over the prefixes in use."""

import random

from chuzhi.customers import names
from chuzhi.customers.bulk import Person

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "欧阳"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英文华建国志红梅玉春生金凤海燕雪晓宇浩然子轩梓涵欣怡"
    "思雨佳琪俊诗嘉豪博天一鑫鹏飞婷慧琳倩颖洁莹丹萍云莉晶欢乐安宁康福永泽昊辰瑞辉亮斌波峰龙虎林森松柏竹菊"
    "兰荷莲月星晨曦阳光明亮新民德仁义礼智信忠孝勤俭"
)
PREFIXES = (
    *(134, 135, 136, 137, 138, 139, 150, 151, 152, 157, 158, 159, 178, 182, 183, 187, 188, 198),
    *(130, 131, 132, 155, 156, 166, 175, 176, 185, 186, 133, 153, 173, 177, 180, 181, 189, 199),
)
SPELLED = [names.spell(sign).pinyin for sign in SURNAMES + GIVEN]


def address(draw: random.Random) -> str:
    return f"{draw.choice(SPELLED)}{draw.choice(SPELLED)}{draw.randrange(10**4)}@example.com"


def people(count: int, *, seed: int = 1) -> list[Person]:
    """Nobody twice: phone numbers are drawn without replacement."""
    draw = random.Random(seed)
    weights = [1 / (rank + 2) for rank in range(len(SURNAMES))]
    surnames = draw.choices(SURNAMES, weights, k=count)
    phones: set[str] = set()
    while len(phones) < count:
        phones.add(f"+86{draw.choice(PREFIXES)}{draw.randrange(10**8):08d}")
    return [
        Person(
            name=surname + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2, 2)))),
            phone=phone,
            email=address(draw) if draw.random() < 0.3 else None,
            external_id=f"M{seed:02d}{number:08d}",
        )
        for number, (surname, phone) in enumerate(zip(surnames, sorted(phones, key=lambda _phone: draw.random()), strict=True))
    ]
