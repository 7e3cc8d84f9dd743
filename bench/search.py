"""How long a cashier waits for a customer to appear: `python bench/search.py --size smoke|full`.

Uses the database that DATABASE_URL names, and fills it with made-up customers up to the size first. Each query kind is asked of
customers drawn at random; the clock covers `search.find` from call to list, decryption included.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuzhi.config.settings")

import django  # noqa: E402 # the path to the product comes first

django.setup()

import people  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from chuzhi.core import actors, privileges  # noqa: E402
from chuzhi.customers import bulk, contacts, names, search  # noqa: E402
from chuzhi.customers.models import Customer  # noqa: E402

SIZES = {"smoke": (2_000, 5), "full": (1_000_000, 200)}
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


def prepare(count: int) -> None:
    """Tables, the product's role, and as many made-up customers as the size asks for."""
    call_command("migrate", database="owner", verbosity=0)
    role = settings.DATABASES["default"]
    connections["owner"].ensure_connection()
    privileges.grant(connections["owner"].connection, role=role["USER"], password=role["PASSWORD"])
    here = Customer.objects.count()
    if here >= count:
        return
    taken = set(Customer.objects.values_list("phone", flat=True))
    seed = 10 + here % 89
    fresh = [one for one in people.people(count - here + count // 10 + 10, seed=seed) if one.phone not in taken][: count - here]
    for start in range(0, len(fresh), CHUNK):
        began = time.perf_counter()
        bulk.register(fresh[start : start + CHUNK], by=BY, is_made_up=True)
        print(f"registered {start + CHUNK:,}: {time.perf_counter() - began:.1f} s", flush=True)
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


def machine() -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version(), current_setting('shared_buffers'), pg_size_pretty(pg_total_relation_size('customer'))"
        )
        version, buffers, size = cursor.fetchone()
    return {
        "processor": platform.machine(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": version,
        "shared_buffers": buffers,
        "customer_table": size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="smoke")
    parser.add_argument("--save", type=Path, help="write machine, rows and figures to this file")
    chosen = parser.parse_args()
    count, times_each = SIZES[chosen.size]
    prepare(count)
    draw = random.Random(2)
    asked = drawn(times_each, draw)
    rows = []
    for kind in KINDS:
        times = measure(kind, asked, draw)
        at = {f"p{share}": round(times[min(len(times) - 1, len(times) * share // 100)], 2) for share in (50, 95, 99)}
        rows.append({"kind": kind, **at})
        print(f"{kind:<24} p50 {at['p50']:8.2f} ms   p95 {at['p95']:8.2f} ms   p99 {at['p99']:8.2f} ms", flush=True)
    worst = max(rows, key=lambda row: row["p95"])
    print(f"customers: {Customer.objects.count():,}; the slowest kind is “{worst['kind']}”")
    figures = [{"name": "search.p95", "figure": worst["p95"], "unit": "ms", "reference": None, "ratio": None}]
    if chosen.save:
        saved = {"machine": machine(), "customers": count, "rows": rows, "figures": figures}
        chosen.save.write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(machine()))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
