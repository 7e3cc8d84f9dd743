"""Each kind of query a cashier types, asked of customers drawn at random; imported once the database is there."""

import random
import time
from collections.abc import Callable

from django.db import connections

from bench import people
from chuzhi.core import actors
from chuzhi.customers import bulk, contacts, names, search
from chuzhi.customers.models import Customer

CHUNK = 100_000
BY = actors.system("bench")

KINDS: dict[str, Callable[[Customer, random.Random], str]] = {
    "phone: last 4": lambda one, _draw: str(one.phone)[-4:],
    "phone: last 6": lambda one, _draw: str(one.phone)[-6:],
    "phone: whole": lambda one, _draw: contacts.national(str(one.phone)),
    "phone: first 3": lambda one, _draw: contacts.national(str(one.phone))[:3],
    "phone: any 3": lambda one, draw: part(contacts.national(str(one.phone)), 3, draw),
    "phone: any 4": lambda one, draw: part(contacts.national(str(one.phone)), 4, draw),
    "phone: any 5": lambda one, draw: part(contacts.national(str(one.phone)), 5, draw),
    "phone: any 7": lambda one, draw: part(contacts.national(str(one.phone)), 7, draw),
    "phone: nobody's": lambda _one, draw: f"99{draw.randrange(10**6):06d}",
    "name: whole": lambda one, _draw: one.name,
    "name: surname": lambda one, _draw: one.name[0],
    "name: given name": lambda one, _draw: one.name[1:],
    "name: last character": lambda one, _draw: one.name[-1],
    "name: nobody's": lambda _one, _draw: "龘龘",
    "pinyin: whole": lambda one, _draw: names.spell(one.name).pinyin,
    "pinyin: surname": lambda one, _draw: names.spell(one.name).sort_key.split()[0],
    "pinyin: given name": lambda one, _draw: "".join(names.spell(one.name).sort_key.split()[1:]),
    "pinyin: last syllable": lambda one, _draw: names.spell(one.name).sort_key.split()[-1],
    "pinyin: initials": lambda one, _draw: names.spell(one.name).initials,
    "pinyin: two letters": lambda one, _draw: names.spell(one.name).pinyin[:2],
    "pinyin: nobody's": lambda _one, _draw: "zzzz",
    "e-mail: whole": lambda one, _draw: one.email or "nobody@example.com",
    "e-mail: part": lambda one, _draw: (one.email or "user12345@")[4:9],
    "outside number": lambda one, _draw: one.external_id or "",
}


def part(text: str, length: int, draw: random.Random) -> str:
    start = draw.randrange(len(text) - length + 1)
    return text[start : start + length]


def fill(count: int) -> None:
    """As many made-up customers as the size asks for."""
    everybody = people.people(count, seed=10)
    for start in range(0, count, CHUNK):
        bulk.register(everybody[start : start + CHUNK], by=BY, is_made_up=True)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customer")


def drawn(count: int, draw: random.Random) -> list[Customer]:
    ids = Customer.objects.order_by("id").values_list("id", flat=True)
    least, most = ids.first() or 0, ids.last() or 0
    return [Customer.objects.filter(id__gte=draw.randint(least, most)).order_by("id")[:1].get() for _ in range(count)]


def measure(kind: str, asked: list[Customer], draw: random.Random) -> list[float]:
    """Milliseconds of each query, warm."""
    queries = [KINDS[kind](one, draw) for one in asked]
    search.find(queries[0], by=BY)
    times = []
    for query in queries:
        began = time.perf_counter()
        search.find(query, by=BY)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def run(count: int, times_each: int) -> list[dict[str, object]]:
    """Milliseconds of each kind of query, the slowest first."""
    fill(count)
    draw = random.Random(2)
    asked = drawn(times_each, draw)
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        times = measure(kind, asked, draw)
        rows.append(
            {
                "kind": kind,
                **{f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)], 2) for share in (50, 95, 99)},
            }
        )
    return sorted(rows, key=lambda row: -float(str(row["p95"])))
